#include "miroir/auth/tenant_token.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "miroir/base/hash.hpp"
#include "miroir/base/mac.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_pattern.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/uuid.hpp"

namespace miroir::auth {

using meili::JsonKind;
using meili::JsonValue;

bool SearchRules::allows_index(std::string_view uid) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const SearchRule& rule) {
        return meili::matches_index_pattern(rule.pattern, uid);
    });
}

std::optional<std::string> SearchRules::filter_of(std::string_view uid) const {
    const SearchRule* best = nullptr;
    const auto rank = [](const SearchRule& rule) {
        return std::tuple(meili::is_exact_pattern(rule.pattern), rule.pattern.size());
    };
    for (const auto& rule : rules_) {
        const bool matches = meili::matches_index_pattern(rule.pattern, uid);
        if (matches && (best == nullptr || rank(*best) < rank(rule))) {
            best = &rule;
        }
    }
    return best == nullptr ? std::nullopt : best->filter;
}

std::vector<std::string> SearchRules::patterns() const {
    std::vector<std::string> patterns;
    for (const auto& rule : rules_) {
        patterns.push_back(rule.pattern);
    }
    std::sort(patterns.begin(), patterns.end());
    return patterns;
}

namespace {

ApiError undecodable(std::string_view why) {
    return meili::error("invalid_api_key", "Could not decode tenant token, " + std::string(why) + ".");
}

// serde_json's words; `end`: behind which byte of the text it noticed.
ApiError json_fault(std::string_view what, std::string_view text, std::size_t end) {
    const auto read = text.substr(0, end);
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const auto column = read.size() - (read.rfind('\n') + 1);
    return undecodable("JSON error: " + std::string(what) + " at line " + std::to_string(line) + " column " +
                       std::to_string(column));
}

std::size_t end_of(const JsonValue& value, std::string_view text) {
    return static_cast<std::size_t>(value.raw.data() + value.raw.size() - text.data());
}

// The words of the base64 crate.
std::string base64_fault(std::string_view text) {
    const auto is_digit = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    const auto symbol = [&](std::size_t at) {
        return std::to_string(static_cast<unsigned char>(text[at])) + ", offset " + std::to_string(at) + ".";
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_digit(text[i])) {
            return "Base64 error: Invalid symbol " + symbol(i);
        }
    }
    if (text.size() % 4 == 1) {
        return "Base64 error: Invalid input length: " + std::to_string(text.size());
    }
    return "Base64 error: Invalid last symbol " + symbol(text.size() - 1);
}

struct Parts {
    std::string_view header;
    std::string_view claims;
    std::string_view signature;
    std::string_view message;  // what is signed
};

std::optional<Parts> split(std::string_view token) {
    const auto last = token.rfind('.');
    const auto first =
        last == std::string_view::npos || last == 0 ? std::string_view::npos : token.rfind('.', last - 1);
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(last + 1),
                 token.substr(0, last)};
}

// A part's JSON text and what it says. The value points into the text.
struct Decoded {
    std::string text;
    JsonValue value;
};

Result<Decoded> decode(std::string_view part, std::string_view struct_name) {
    auto text = from_base64url(part);
    if (!text) {
        return undecodable(base64_fault(part));
    }
    Decoded decoded{std::move(*text), {}};
    auto value = meili::parse_json(decoded.text);
    if (!value) {
        return undecodable("JSON error: " + value.error().text());
    }
    decoded.value = std::move(value.value());
    if (decoded.value.kind != JsonKind::object) {
        return json_fault("invalid type, expected struct " + std::string(struct_name), decoded.text,
                          decoded.text.size());
    }
    return decoded;
}

// A member that must be there; null counts as there.
Result<const JsonValue*> member(const Decoded& part, std::string_view name) {
    const auto* found = part.value.find(name);
    if (found == nullptr) {
        return json_fault("missing field `" + std::string(name) + "`", part.text,
                          end_of(part.value, part.text));
    }
    return found;
}

constexpr std::array<std::string_view, 12> algorithms{"HS256", "HS384", "HS512", "ES256", "ES384", "RS256",
                                                      "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"};

Result<std::string> algorithm_of(const Decoded& header) {
    const auto named = member(header, "alg");
    if (!named) {
        return named.error();
    }
    const auto& name = named.value()->string;
    if (std::find(algorithms.begin(), algorithms.end(), name) == algorithms.end()) {
        std::string known;
        for (const auto one : algorithms) {
            known += (known.empty() ? "`" : ", `") + std::string(one) + "`";
        }
        return json_fault("unknown variant `" + name + "`, expected one of " + known, header.text,
                          end_of(*named.value(), header.text));
    }
    return name;
}

// Empty for what is signed by other means than a shared secret.
std::optional<MacHash> mac_hash(std::string_view algorithm) {
    if (!algorithm.starts_with("HS")) {
        return std::nullopt;
    }
    return algorithm == "HS256" ? MacHash::sha256 : algorithm == "HS384" ? MacHash::sha384 : MacHash::sha512;
}

// The rule of one member: null, or an object whose `filter` counts.
bool read_rule(const JsonValue& value, std::optional<std::string>& filter) {
    if (value.kind != JsonKind::object) {
        return value.is_null();
    }
    const auto* given = value.find("filter");
    if (given != nullptr && !given->is_null()) {
        filter = meili::print(*given);
    }
    return true;
}

Result<SearchRules> rules_of(const Decoded& claims) {
    const auto given = member(claims, "searchRules");
    if (!given) {
        return given.error();
    }
    const auto& value = *given.value();
    std::vector<SearchRule> rules;
    bool fits = value.kind == JsonKind::array || value.kind == JsonKind::object;
    for (const auto& item : value.items) {
        fits = fits && item.kind == JsonKind::string;
        rules.push_back({item.string, std::nullopt});
    }
    for (const auto& [pattern, rule] : value.members) {
        rules.push_back({pattern, std::nullopt});
        fits = fits && read_rule(rule, rules.back().filter);
    }
    if (!fits) {
        return json_fault("data did not match any variant of untagged enum SearchRules", claims.text,
                          end_of(value, claims.text));
    }
    return SearchRules(std::move(rules));
}

// Seconds since the Unix epoch; empty when the token has no end.
Result<std::optional<std::int64_t>> expiry_of(const Decoded& claims) {
    const auto* given = claims.value.find("exp");
    if (given == nullptr || given->is_null()) {
        return std::nullopt;
    }
    const auto& number = given->number;
    const bool positive = number.kind == meili::JsonNumber::Kind::positive;
    const bool fits = given->kind == JsonKind::number && number.kind != meili::JsonNumber::Kind::real &&
                      (!positive || number.positive <= INT64_MAX);
    if (!fits) {
        return json_fault("invalid type: expected i64", claims.text, end_of(*given, claims.text));
    }
    return positive ? static_cast<std::int64_t>(number.positive) : number.negative;
}

Result<std::string> key_uid_of(const Decoded& claims) {
    const auto given = member(claims, "apiKeyUid");
    if (!given) {
        return given.error();
    }
    auto uid = meili::parse_uuid(given.value()->string);
    if (given.value()->kind != JsonKind::string || !uid) {
        return json_fault("UUID parsing failed: " + meili::uuid_fault(given.value()->string), claims.text,
                          end_of(*given.value(), claims.text));
    }
    return std::move(*uid);
}

struct Claims {
    SearchRules rules;
    std::optional<std::int64_t> expires_at;
    std::string key_uid;
    bool has_audience = false;
};

Result<Claims> claims_of(std::string_view part) {
    const auto decoded = decode(part, "Claims");
    if (!decoded) {
        return decoded.error();
    }
    auto rules = rules_of(decoded.value());
    if (!rules) {
        return rules.error();
    }
    const auto expiry = expiry_of(decoded.value());
    if (!expiry) {
        return expiry.error();
    }
    auto uid = key_uid_of(decoded.value());
    if (!uid) {
        return uid.error();
    }
    const auto* audience = decoded.value().value.find("aud");
    const bool audible =
        audience != nullptr && (audience->kind == JsonKind::string || audience->kind == JsonKind::array);
    return Claims{std::move(rules.value()), expiry.value(), std::move(uid.value()), audible};
}

}  // namespace

Result<std::optional<TenantToken>> open_tenant_token(std::string_view text, const KeyValueOf& key_value_of,
                                                     WallTime now) {
    const auto parts = split(text);
    if (!parts) {
        return std::nullopt;
    }
    const auto header = decode(parts->header, "Header");
    if (!header) {
        return header.error();
    }
    const auto algorithm = algorithm_of(header.value());
    if (!algorithm) {
        return algorithm.error();
    }
    auto claims = claims_of(parts->claims);
    if (!claims) {
        return claims.error();
    }
    const auto hash = mac_hash(algorithm.value());
    if (!hash) {
        return undecodable("InvalidAlgorithm");
    }
    const auto signature = from_base64url(parts->signature);
    if (!signature) {
        return undecodable(base64_fault(parts->signature));
    }
    const auto expected = hmac(*hash, key_value_of(claims.value().key_uid), parts->message);
    if (!equal_constant_time(*signature, expected)) {
        return undecodable("InvalidSignature");
    }
    if (claims.value().has_audience) {
        return undecodable("InvalidAudience");
    }
    const std::int64_t now_s = now.us / 1'000'000;
    if (claims.value().expires_at && now_s > *claims.value().expires_at) {
        return meili::error("invalid_api_key", "Tenant token expired. Was valid up to `" +
                                                   std::to_string(*claims.value().expires_at) +
                                                   "` and we're now `" + std::to_string(now_s) + "`.");
    }
    return TenantToken{std::move(claims.value().key_uid), std::move(claims.value().rules)};
}

}  // namespace miroir::auth
