#include "answer_head.hpp"

#include <ctime>

#include "miroir/base/clock.hpp"
#include "text.hpp"

namespace miroir::http {

namespace {

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Payload Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Entity";
        case 424:
            return "Failed Dependency";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Unknown";
    }
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ");
    const auto start = head.size();
    head.append(value);
    // A value never ends its line: relayed text could carry a header of its own.
    for (auto i = start; i < head.size(); ++i) {
        if (head[i] == '\r' || head[i] == '\n') head[i] = ' ';
    }
    head.append("\r\n");
}

// Changes once a second.
std::string_view http_date() {
    thread_local std::time_t printed_at = 0;
    thread_local char text[64];
    thread_local std::size_t length = 0;
    const auto now = static_cast<std::time_t>(system_clock().wall().us / 1'000'000);
    if (now != printed_at) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        printed_at = now;
    }
    return {text, length};
}

constexpr std::string_view cors_vary =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

void append_vary(std::string& head, const AnswerPlan& plan, const Response& response) {
    std::string vary;
    const auto add = [&vary](std::string_view more) {
        if (!vary.empty()) vary += ", ";
        vary += more;
    };
    if (const auto* own = find_header(response.headers, "vary")) add(*own);
    if (plan.cors) add(cors_vary);
    if (plan.coding != Coding::identity) add("accept-encoding");
    if (!vary.empty()) append_header(head, "vary", vary);
}

}  // namespace

bool has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

bool is_preflight(const Request& request) {
    return request.method == Method::options && request.header("access-control-request-method");
}

Response preflight_answer(const Request& request) {
    Response response;
    response.headers.emplace_back("access-control-allow-methods",
                                  "PATCH, GET, PUT, DELETE, POST, OPTIONS, HEAD, CONNECT, TRACE");
    if (const auto* wanted = request.header("access-control-request-headers")) {
        response.headers.emplace_back("access-control-allow-headers", *wanted);
    }
    response.headers.emplace_back("access-control-max-age", "86400");
    return response;
}

std::string answer_head(const AnswerPlan& plan, const Response& response, std::size_t body_bytes) {
    std::string head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reason_of(response.status)).append("\r\n");
    for (const auto& [name, value] : response.headers) {
        const bool own = same_ignoring_case(name, "content-length") ||
                         same_ignoring_case(name, "connection") || same_ignoring_case(name, "vary") ||
                         same_ignoring_case(name, "x-request-id") ||
                         same_ignoring_case(name, "transfer-encoding");
        if (!own) append_header(head, name, value);
    }
    if (has_body(response.status)) append_header(head, "content-length", std::to_string(body_bytes));
    if (plan.coding != Coding::identity) append_header(head, "content-encoding", name_of(plan.coding));
    append_vary(head, plan, response);
    if (plan.cors && plan.cross_origin) {
        append_header(head, "access-control-allow-origin", "*");
    }
    append_header(head, "x-request-id", plan.request_id);
    append_header(head, "date", http_date());
    if (plan.close) append_header(head, "connection", "close");
    head.append("\r\n");
    return head;
}

}  // namespace miroir::http
