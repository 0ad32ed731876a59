#include "miroir/meili/api_key.hpp"

#include <array>

#include "miroir/base/mac.hpp"
#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_pattern.hpp"
#include "miroir/meili/key_actions.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/task_filter.hpp"
#include "miroir/meili/uuid.hpp"

namespace miroir::meili {
namespace {

constexpr std::size_t date_size = 10;    // YYYY-MM-DD
constexpr std::size_t moment_size = 19;  // YYYY-MM-DDTHH:MM:SS

Result<void> read_uid(const Place& place, std::string& out) {
    std::string text;
    auto done = read(place, text);
    if (!done) {
        return done;
    }
    auto uid = parse_uuid(text);
    if (!uid) {
        return invalid_value(place, uuid_fault(text));
    }
    out = std::move(*uid);
    return ok();
}

Result<void> read_actions(const Place& place, std::vector<std::string>& out) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.clear();
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        const auto choice = read_choice(place.element(i, place.value.items[i]), key_actions());
        if (!choice) {
            return choice.error();
        }
        out.emplace_back(key_actions()[choice.value()]);
    }
    return ok();
}

// As the engine prints what it has parsed: `T` in the middle, no zeros that say nothing, `Z` for no offset.
std::string shown(std::string_view rfc3339) {
    auto zone = rfc3339.substr(rfc3339.find_first_of("Zz+-", moment_size));
    auto fraction = rfc3339.substr(moment_size, rfc3339.size() - moment_size - zone.size());
    while (!fraction.empty() && (fraction.back() == '0' || fraction.back() == '.')) {
        fraction.remove_suffix(1);
    }
    const bool utc = zone.size() == 1 || zone.substr(1) == "00:00";
    return std::string(rfc3339.substr(0, date_size)) + "T" +
           std::string(rfc3339.substr(date_size + 1, moment_size - date_size - 1)) +
           std::string(fraction.substr(0, date_size)) + (utc ? "Z" : std::string(zone));
}

// A moment, one without an offset (UTC), or a day (its beginning, UTC).
std::optional<KeyExpiry> parse_expiry(const std::string& text) {
    if (const auto moment = parse_rfc3339(text)) {
        return KeyExpiry{*moment, shown(text)};
    }
    const bool parted = text.size() == moment_size && (text[date_size] == 'T' || text[date_size] == ' ');
    if (const auto moment = parted ? parse_rfc3339(text + "Z") : std::nullopt) {
        return KeyExpiry{*moment, shown(text + "Z")};
    }
    if (const auto day = text.size() == date_size ? parse_date(text) : std::nullopt) {
        return KeyExpiry{*day, text + "T00:00:00Z"};
    }
    return std::nullopt;
}

ApiError no_expiry(const Place& place, const std::string& text) {
    return invalid_value(place, "`" + text +
                                    "` is not a valid date. It should follow the RFC 3339 format to "
                                    "represents a date or datetime in the future or specified as a null "
                                    "value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n");
}

struct Expiry {
    WallTime now;
    std::optional<KeyExpiry> at;
};

Result<void> read_expiry(const Place& place, Expiry& out) {
    std::optional<std::string> text;
    auto done = read(place, text);
    if (!done || !text) {
        return done;
    }
    out.at = parse_expiry(*text);
    if (!out.at || out.at->at <= out.now) {
        return no_expiry(place, *text);
    }
    return ok();
}

Result<void> read_change(const Place& place, std::optional<std::optional<std::string>>& out) {
    std::optional<std::string> text;
    auto done = read(place, text);
    out = std::move(text);
    return done;
}

std::optional<ApiError> refuse_immutable(std::string_view key, std::span<const std::string_view> known) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> immutable{{
        {"uid", "immutable_api_key_uid"},
        {"actions", "immutable_api_key_actions"},
        {"indexes", "immutable_api_key_indexes"},
        {"expiresAt", "immutable_api_key_expires_at"},
        {"createdAt", "immutable_api_key_created_at"},
        {"updatedAt", "immutable_api_key_updated_at"},
    }};
    for (const auto& [name, code] : immutable) {
        if (name == key) {
            return immutable_field(key, known, code);
        }
    }
    return std::nullopt;
}

// A key for some indexes only may do nothing that concerns all.
Result<void> check_scope(const KeyCreation& key) {
    bool all = key.indexes.empty();
    for (const auto& pattern : key.indexes) {
        all = all || pattern == "*";
    }
    for (const auto& action : key.actions) {
        if (!all && is_global_action(action)) {
            const auto named = "`\"" + action + "\"`";
            return error("index_scoped_api_key_with_global_action",
                         "cannot create index-scoped API key with global action " + named +
                             "\n  - Hint: remove action " + named +
                             " from the action list, or remove `indexes` to make the key global");
        }
    }
    return ok();
}

}  // namespace

Result<KeyCreation> parse_key_creation(std::string_view body, WallTime now) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    KeyCreation key;
    Expiry expiry{now, std::nullopt};
    const std::array fields{
        field("description", "invalid_api_key_description", key.description),
        field("name", "invalid_api_key_name", key.name),
        field<read_uid>("uid", "invalid_api_key_uid", key.uid),
        field<read_actions>("actions", "invalid_api_key_actions", key.actions)
            .required("missing_api_key_actions"),
        field<read_index_patterns>("indexes", "invalid_api_key_indexes", key.indexes)
            .required("missing_api_key_indexes"),
        field<read_expiry>("expiresAt", "invalid_api_key_expires_at", expiry)
            .required("missing_api_key_expires_at"),
    };
    const auto done = read_object({json.value()}, fields);
    if (!done) {
        return done.error();
    }
    key.expires_at = std::move(expiry.at);
    const auto scoped = check_scope(key);
    if (!scoped) {
        return scoped.error();
    }
    return key;
}

Result<KeyUpdate> parse_key_update(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    KeyUpdate update;
    const std::array fields{
        field<read_change>("description", "invalid_api_key_description", update.description),
        field<read_change>("name", "invalid_api_key_name", update.name),
    };
    const auto done = read_object({json.value()}, fields, {.on_unknown = refuse_immutable});
    if (!done) {
        return done.error();
    }
    return update;
}

Result<Page> parse_key_page(const QueryParameters& parameters) {
    Page page;
    const std::array fields{
        field<read_query_unsigned>("offset", "invalid_api_key_offset", page.offset),
        field<read_query_unsigned>("limit", "invalid_api_key_limit", page.limit),
    };
    const auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return page;
}

std::string key_value(std::string_view master_key, std::string_view uid) {
    return to_hex(hmac(MacHash::sha256, master_key, uid));
}

}  // namespace miroir::meili
