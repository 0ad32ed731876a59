#include "url.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <string_view>

namespace miroir::stores {

namespace {

[[noreturn]] void refuse() {
    throw std::runtime_error(
        "no Redis URL: write redis://user:password@host:6379/0, or rediss:// for TLS, with ?prefix=name "
        "behind "
        "it where several clusters share the server; what is special in a password is written as %XX");
}

int digit(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) refuse();
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return out;
}

bool is_number(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_credentials(std::string_view text, RedisAddress& address) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) refuse();
    address.user = decoded(text.substr(0, colon));
    address.password = decoded(text.substr(colon + 1));
}

// `host`, `host:port`, `[::1]:port`
void read_host(std::string_view text, RedisAddress& address) {
    auto rest = text;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) refuse();
        address.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        address.host = text.substr(0, text.find(':'));
        rest = text.substr(address.host.size());
    }
    if (!rest.empty()) {
        address.port = rest.substr(1);
        if (rest.front() != ':' || address.port.empty() || !is_number(address.port)) refuse();
    }
    if (address.host.empty()) refuse();
}

void read_prefix(std::string_view query, RedisAddress& address) {
    static const std::regex form("prefix=([A-Za-z0-9_-]{1,64})");
    std::match_results<std::string_view::const_iterator> found;
    if (!std::regex_match(query.begin(), query.end(), found, form)) refuse();
    address.prefix = found[1].str();
}

}  // namespace

RedisAddress parse_redis_url(const std::string& url) {
    RedisAddress address;
    std::string_view rest = url;
    if (rest.starts_with("rediss://")) {
        address.tls = true;
        rest.remove_prefix(9);
    } else if (rest.starts_with("redis://")) {
        rest.remove_prefix(8);
    } else {
        refuse();
    }
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        read_credentials(rest.substr(0, at), address);
        rest.remove_prefix(at + 1);
    }
    if (const auto query = rest.find('?'); query != std::string_view::npos) {
        read_prefix(rest.substr(query + 1), address);
        rest = rest.substr(0, query);
    }
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos) {
        address.database = rest.substr(slash + 1);
        if (!is_number(address.database)) refuse();
    }
    read_host(rest.substr(0, slash), address);
    return address;
}

}  // namespace miroir::stores
