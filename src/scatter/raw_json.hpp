#pragma once

#include <simdjson.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace miroir::scatter {

namespace od = simdjson::ondemand;

// Node bodies have at least this many readable bytes behind their end.
inline constexpr std::size_t body_padding = simdjson::SIMDJSON_PADDING;

// Texts that are made while answers are read; pieces of hits point into them.
class Scratch {
public:
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

private:
    std::deque<std::string> texts_;
};

inline bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// The end of what stands before `at`, without the blanks between.
inline const char* end_before(const char* at) {
    while (is_blank(at[-1])) {
        --at;
    }
    return at;
}

// The high bit of the first byte that is `wanted`, and perhaps of later ones.
inline std::uint64_t bytes_equal(std::uint64_t bytes, std::uint64_t wanted) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    const std::uint64_t differing = bytes ^ (ones * wanted);
    return (differing - ones) & ~differing & (ones << 7);
}

// A key as it stands in the text: escapes are not resolved. Eight bytes at a time: keys are a third of what
// a merge reads.
inline std::string_view raw_name(od::raw_json_string key) {
    static_assert(std::endian::native == std::endian::little);
    const char* begin = key.raw();
    const char* at = begin;
    for (;;) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, at, sizeof bytes);
        const auto found = bytes_equal(bytes, '"') | bytes_equal(bytes, '\\');
        if (found == 0) {
            at += sizeof bytes;
            continue;
        }
        at += std::countr_zero(found) / 8;
        if (*at == '"') {
            return {begin, static_cast<std::size_t>(at - begin)};
        }
        at += 2;
    }
}

// A value's own text. Empty when it is malformed.
inline std::string_view raw_value(od::value& value) {
    od::json_type type{};
    if (value.type().get(type)) {
        return {};
    }
    std::string_view text;
    if (type == od::json_type::object) {
        od::object object;
        if (value.get_object().get(object) || object.raw_json().get(text)) {
            return {};
        }
    } else if (type == od::json_type::array) {
        od::array array;
        if (value.get_array().get(array) || array.raw_json().get(text)) {
            return {};
        }
    } else {
        text = value.raw_json_token();
    }
    return {text.data(), static_cast<std::size_t>(end_before(text.data() + text.size()) - text.data())};
}

// The text inside the quotes of a JSON string, escapes resolved.
std::string_view unquoted(std::string_view json_string, Scratch& scratch);

// `"_miroir_expires_at":123`: clients wrote a number, nodes keep its digits. Empty when these are none.
std::string_view expiry_member(std::string_view json_string, Scratch& scratch);

// Where iteration stands: the start of the next token.
inline const char* location(od::document& document) {
    const char* at = nullptr;
    return document.current_location().get(at) ? nullptr : at;
}

// Collects what is kept of an object, as pieces of its own text with the commas between them.
class KeptMembers {
public:
    explicit KeptMembers(std::vector<std::string_view>& pieces) : pieces_(pieces) {}

    // `key` points at the opening quote of a member's name.
    void keep(const char* key) {
        if (!run_) {
            run_ = key;
        }
    }
    void cut(const char* key) {
        if (run_) {
            const char* comma = end_before(key) - 1;
            close_run(comma > run_ ? end_before(comma) : run_);
        }
    }
    // `brace` points at the object's closing brace.
    void finish(const char* brace) {
        if (run_) {
            close_run(end_before(brace));
        }
    }
    // A member whose text is made of pieces of its own; the caller adds them right after.
    void start_member() {
        if (!empty_) {
            pieces_.push_back(",");
        }
        empty_ = false;
    }
    void add(std::string_view member) {
        start_member();
        pieces_.push_back(member);
    }
    bool empty() const { return empty_ && !run_; }

private:
    void close_run(const char* end) {
        add({run_, static_cast<std::size_t>(end - run_)});
        run_ = nullptr;
    }

    std::vector<std::string_view>& pieces_;
    const char* run_ = nullptr;
    bool empty_ = true;
};

}  // namespace miroir::scatter
