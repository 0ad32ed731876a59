#include "document_scanner.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include "byte_search.hpp"

namespace miroir::meili {
namespace {

constexpr std::size_t readable_depth = 127;
constexpr std::size_t digits_always_finite = 300;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four hexadecimal digits, or -1.
int hex_unit(const char* digits) {
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int value = hex_value(digits[i]);
        if (value < 0) {
            return -1;
        }
        unit = unit << 4 | value;
    }
    return unit;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_finite(std::string_view number) {
    return std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
}

}  // namespace

void DocumentScanner::push(bool object) {
    if (depth_ != 0 && depth_ % 64 == 0) {
        outer_kinds_.push_back(kinds_);
    }
    kinds_ = kinds_ << 1 | (object ? 1U : 0U);
    ++depth_;
    suspicious_ |= depth_ > readable_depth;
}

bool DocumentScanner::pop() {
    kinds_ >>= 1;
    --depth_;
    if (depth_ != 0 && depth_ % 64 == 0) {
        kinds_ = outer_kinds_.back();
        outer_kinds_.pop_back();
    }
    return depth_ != 0;
}

bool DocumentScanner::skip_document() {
    suspicious_ = false;
    odd_names_.clear();
    kinds_ = 0;
    depth_ = 0;
    outer_kinds_.clear();
    if (!take('{')) {
        return false;
    }
    push(true);
    bool after_value = false;
    for (;;) {
        for (;;) {
            if (!skip_space()) {
                return false;
            }
            if (*at_ == ',' && after_value) {
                ++at_;
                break;
            }
            const bool object = (kinds_ & 1) != 0;
            if (*at_ != (object ? '}' : ']')) {
                if (after_value) {
                    return false;
                }
                break;
            }
            ++at_;
            if (!pop()) {
                return true;
            }
            after_value = true;
        }
        if ((kinds_ & 1) != 0 && !skip_name()) {
            return false;
        }
        if (!skip_space()) {
            return false;
        }
        after_value = *at_ != '{' && *at_ != '[';
        if (after_value) {
            if (!skip_scalar()) {
                return false;
            }
        } else {
            push(*at_++ == '{');
        }
    }
}

bool DocumentScanner::skip_name() {
    if (!skip_space() || !take('"')) {
        return false;
    }
    const char* start = at_;
    escaped_ = false;
    if (!skip_string()) {
        return false;
    }
    if (depth_ == 1 && (*start == '_' || escaped_)) {
        odd_names_.emplace_back(start, static_cast<std::size_t>(at_ - 1 - start));
    }
    return skip_space() && take(':');
}

bool DocumentScanner::skip_scalar() {
    switch (*at_) {
        case '"':
            ++at_;
            return skip_string();
        case 't':
            return skip_word("true");
        case 'f':
            return skip_word("false");
        case 'n':
            return skip_word("null");
        default:
            return skip_number();
    }
}

bool DocumentScanner::skip_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
        return false;
    }
    at_ += word.size();
    return true;
}

bool DocumentScanner::skip_digits() {
    const char* start = at_;
    while (at_ < end_ && is_digit(*at_)) {
        ++at_;
    }
    return at_ != start;
}

bool DocumentScanner::skip_number() {
    const char* start = at_;
    take('-');
    const bool zero = at_ < end_ && *at_ == '0';
    const char* integer = at_;
    if (!skip_digits() || (zero && at_ - integer > 1)) {
        return false;
    }
    if (take('.') && !skip_digits()) {
        return false;
    }
    bool large = static_cast<std::size_t>(at_ - integer) > digits_always_finite;
    if (take('e') || take('E')) {
        if (!take('-')) {
            take('+');
        }
        const char* exponent = at_;
        if (!skip_digits()) {
            return false;
        }
        large |= at_ - exponent > 2;
    }
    suspicious_ |= large && !is_finite({start, static_cast<std::size_t>(at_ - start)});
    return true;
}

bool DocumentScanner::skip_string() {
    for (;;) {
        at_ = find_string_end(at_, end_);
        if (at_ >= end_) {
            at_ = end_;
            return false;
        }
        if (*at_ == '"') {
            ++at_;
            return true;
        }
        if (*at_ != '\\' || !skip_escape()) {
            return false;
        }
    }
}

bool DocumentScanner::skip_escape() {
    escaped_ = true;
    ++at_;
    if (at_ >= end_) {
        return false;
    }
    switch (*at_++) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            return true;
        case 'u':
            return skip_unicode_escape();
        default:
            return false;
    }
}

bool DocumentScanner::skip_unicode_escape() {
    const int unit = end_ - at_ >= 4 ? hex_unit(at_) : -1;
    if (unit < 0) {
        return false;
    }
    at_ += 4;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return true;
    }
    const bool leads = unit < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u';
    const int second = leads ? hex_unit(at_ + 2) : -1;
    if (second >= 0xDC00 && second <= 0xDFFF) {
        at_ += 6;
    } else {
        suspicious_ = true;
    }
    return true;
}

void MemberWalker::skip_string() {
    for (;;) {
        at_ = find_quote_or_backslash(at_);
        if (*at_ == '"') {
            ++at_;
            return;
        }
        at_ += 2;
    }
}

void MemberWalker::skip_container() {
    std::size_t depth = 0;
    do {
        at_ = find_quote_or_bracket(at_);
        const char found = *at_++;
        if (found == '"') {
            skip_string();
        } else if (found == '{' || found == '[') {
            ++depth;
        } else {
            --depth;
        }
    } while (depth != 0);
}

bool MemberWalker::next() {
    skip_space();
    if (*at_ == ',') {
        ++at_;
        skip_space();
    }
    if (*at_ == '}') {
        return false;
    }
    ++at_;
    const char* start = at_;
    skip_string();
    name_ = {start, static_cast<std::size_t>(at_ - 1 - start)};
    skip_space();
    ++at_;
    skip_space();
    start = at_;
    if (*at_ == '"') {
        ++at_;
        skip_string();
    } else if (*at_ == '{' || *at_ == '[') {
        skip_container();
    } else {
        while (*at_ > ' ' && *at_ != ',' && *at_ != '}') {
            ++at_;
        }
    }
    value_ = {start, static_cast<std::size_t>(at_ - start)};
    return true;
}

}  // namespace miroir::meili
