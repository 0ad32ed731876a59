#include "request_head.hpp"

#include <algorithm>
#include <cstdio>

#include "miroir/base/hash.hpp"
#include "text.hpp"

namespace miroir::http {

Method method_named(std::string_view name) {
    for (const auto method : {Method::get, Method::post, Method::put, Method::patch, Method::del,
                              Method::options, Method::head}) {
        if (name_of(method) == name) return method;
    }
    return Method::other;
}

void set_target(Request& request, std::string_view target) {
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    std::string_view path = target.substr(0, question);
    if (starts_ignoring_case(path, "http://") || starts_ignoring_case(path, "https://")) {
        const auto host = path.find("//") + 2;
        path = path.substr(std::min(path.find('/', host), path.size()));
    }
    request.path.reserve(path.size() + 1);
    for (const char c : path) {
        if (c != '/' || request.path.empty() || request.path.back() != '/') request.path.push_back(c);
    }
    if (request.path.size() > 1 && request.path.back() == '/') request.path.pop_back();
    if (request.path.empty()) request.path = "/";
}

bool is_internal_header(std::string_view name) {
    return starts_ignoring_case(name, "meili-proxy-") || starts_ignoring_case(name, "x-meili-proxy-");
}

std::string request_id_for(const Headers& headers) {
    constexpr std::size_t length_max = 128;
    const auto* own = find_header(headers, "x-request-id");
    const auto printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
    if (own && !own->empty() && own->size() <= length_max &&
        std::all_of(own->begin(), own->end(), printable)) {
        return *own;
    }
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(xxh64(uuid_v7())));
    return std::string(hex, 8);
}

}  // namespace miroir::http
