#include "miroir/http/message.hpp"

#include <stdexcept>

#include "text.hpp"

namespace miroir::http {

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
        case Method::head:
            return "HEAD";
        case Method::other:
            break;
    }
    return "OTHER";
}

const std::string* find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

const std::string& Request::path_parameter(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
        if (key == name) return value;
    }
    throw std::logic_error("no path parameter " + std::string(name));
}

Response json_response(std::string body, int status) {
    Response response;
    response.status = status;
    response.headers.emplace_back("content-type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace miroir::http
