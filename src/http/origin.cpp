#include "origin.hpp"

#include <charconv>
#include <stdexcept>

#include "text.hpp"

namespace miroir::http {

namespace {

// What would end the line, or the target, is encoded instead of trusted.
void append_target(std::string& head, std::string_view target) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : target) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte != 0x7f) {
            head.push_back(c);
            continue;
        }
        head.push_back('%');
        head.push_back(digits[byte >> 4]);
        head.push_back(digits[byte & 15]);
    }
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ");
    for (const char c : value) head.push_back(c == '\r' || c == '\n' ? ' ' : c);
    head.append("\r\n");
}

}  // namespace

Origin parse_origin(std::string_view base_url) {
    const auto bad = [base_url] {
        return std::invalid_argument("not an http URL: " + std::string(base_url));
    };
    constexpr std::string_view scheme = "http://";
    if (!starts_ignoring_case(base_url, scheme)) throw bad();
    auto rest = base_url.substr(scheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    Origin origin;
    origin.authority = rest.substr(0, slash);
    origin.prefix = rest.substr(slash);
    while (origin.prefix.ends_with('/')) origin.prefix.pop_back();

    std::string_view host = origin.authority;
    std::string_view port = "80";
    const auto bracket = host.find(']');
    const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        port = host.substr(colon + 1);
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    unsigned number = 0;
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
    const bool good_port =
        parsed.ec == std::errc() && parsed.ptr == port.data() + port.size() && number < 65'536;
    if (host.empty() || !good_port || origin.authority.find('@') != std::string::npos) throw bad();
    origin.host = host;
    origin.port = port;
    return origin;
}

std::string request_head(const Origin& origin, const OutgoingRequest& request) {
    std::string head;
    head.reserve(512);
    head.append(name_of(request.method)).append(" ");
    append_target(head, origin.prefix);
    append_target(head, request.target);
    head.append(" HTTP/1.1\r\n");
    append_header(head, "host", origin.authority);
    for (const auto& [name, value] : request.headers) append_header(head, name, value);
    std::uint64_t length = request.source ? request.source->size() : 0;
    for (const auto piece : request.body) length += piece.size();
    const bool takes_body =
        request.method == Method::post || request.method == Method::put || request.method == Method::patch;
    if (length > 0 || takes_body) append_header(head, "content-length", std::to_string(length));
    head.append("\r\n");
    return head;
}

}  // namespace miroir::http
