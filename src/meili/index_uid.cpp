#include "miroir/meili/index_uid.hpp"

#include <algorithm>

#include "miroir/meili/error.hpp"

namespace miroir::meili {
namespace {

bool is_uid_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

}  // namespace

bool is_index_uid(std::string_view uid) {
    // The message says 512.
    constexpr std::size_t bytes_max = 400;
    return !uid.empty() && uid.size() <= bytes_max && std::ranges::all_of(uid, is_uid_character);
}

std::string index_uid_message(std::string_view uid) {
    return "`" + std::string(uid) +
           "` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric "
           "characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.";
}

Result<void> check_index_uid(std::string_view uid) {
    if (is_index_uid(uid)) {
        return ok();
    }
    return error("invalid_index_uid", index_uid_message(uid));
}

Result<void> read_index_uid(const Place& place, std::string& out) {
    auto done = read(place, out);
    if (done && !is_index_uid(out)) {
        return invalid_value(place, index_uid_message(out));
    }
    return done;
}

Result<void> read_index_uids(const Place& place, std::vector<std::string>& out) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.clear();
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = read_index_uid(place.element(i, place.value.items[i]), out.emplace_back());
        if (!done) {
            return done;
        }
    }
    return ok();
}

}  // namespace miroir::meili
