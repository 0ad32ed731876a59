#include "connection_url.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace miroir::stores {

namespace {

void replace_all(std::string& text, std::string_view secret) {
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret)) {
        text.replace(at, secret.size(), "...");
    }
}

std::string decoded(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'                     ? c - '0'
               : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                        : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool coded =
            text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        out += coded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
        i += coded ? 2 : 0;
    }
    return out;
}

// "user:password" of the URL, and the value of a `password` parameter.
std::vector<std::string_view> passwords_of(std::string_view url) {
    std::vector<std::string_view> found;
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return found;
    const auto rest = url.substr(begin + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    // As far as the last '@': a password that was not encoded may hold one, and a slash, too.
    const auto at = rest.rfind('@') == std::string_view::npos ? authority.size() : rest.rfind('@');
    const auto user = rest.substr(0, at);
    if (const auto colon = user.find(':');
        rest.rfind('@') != std::string_view::npos && colon != std::string_view::npos) {
        found.push_back(user.substr(colon + 1));
    }
    if (const auto name = url.find("password="); name != std::string_view::npos) {
        const auto value = url.substr(name + 9);
        found.push_back(value.substr(0, value.find('&')));
    }
    return found;
}

}  // namespace

std::string connection_url(const std::string& url, const PostgresStoreOptions& options) {
    if (!url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
        throw std::runtime_error("no PostgreSQL URL: write postgres://user:password@host:5432/database");
    }
    const auto seconds = (options.connect_timeout.count() + 999) / 1000;
    const std::vector<std::pair<std::string, std::string>> defaults = {
        {"application_name", "miroir"},
        {"connect_timeout", std::to_string(std::max<std::int64_t>(seconds, 2))},
        {"keepalives_idle", "5"},
        {"keepalives_interval", "2"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", std::to_string(options.statement_timeout.count())}};
    std::string out = url;
    bool has_query = url.find('?') != std::string::npos;
    for (const auto& [name, value] : defaults) {
        if (url.find("?" + name + "=") != std::string::npos ||
            url.find("&" + name + "=") != std::string::npos)
            continue;
        out += (has_query ? "&" : "?") + name + "=" + value;
        has_query = true;
    }
    return out;
}

std::string without_password(std::string message, std::string_view url) {
    replace_all(message, url);
    for (const auto password : passwords_of(url)) {
        replace_all(message, password);
        replace_all(message, decoded(password));
    }
    return message;
}

}  // namespace miroir::stores
