#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace miroir::meili {

// One fast pass over JSON objects. It only tells good from bad; what exactly is wrong, and where, is
// JsonCursor's work. Reads up to 16 bytes behind the text's end.
class DocumentScanner {
public:
    explicit DocumentScanner(std::string_view text)
        : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
    // Moves to the next byte that is no whitespace; false at the end.
    bool skip_space() {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
            ++at_;
        }
        return at_ < end_;
    }
    // Consumes `byte` if it is next.
    bool take(char byte) {
        if (at_ < end_ && *at_ == byte) {
            ++at_;
            return true;
        }
        return false;
    }
    // One whole object; false when it is not well-formed.
    bool skip_document();

    // About the document skipped last: it needs JsonCursor's judgement, because of a number that may be out
    // of range, half a surrogate pair, or deep nesting.
    bool suspicious() const { return suspicious_; }
    // About the document skipped last: raw text of member names that start with '_' or contain an escape.
    const std::vector<std::string_view>& odd_names() const { return odd_names_; }

private:
    bool skip_scalar();
    bool skip_word(std::string_view word);
    bool skip_number();
    bool skip_digits();
    // Behind the opening quote.
    bool skip_string();
    bool skip_escape();
    bool skip_unicode_escape();
    bool skip_name();
    void push(bool object);
    bool pop();

    const char* begin_;
    const char* at_;
    const char* end_;
    // The kinds of the containers we are in, innermost in the lowest bit; 1 is an object.
    std::uint64_t kinds_ = 0;
    std::vector<std::uint64_t> outer_kinds_;
    std::size_t depth_ = 0;
    bool suspicious_ = false;
    bool escaped_ = false;
    std::vector<std::string_view> odd_names_;
};

// The members of a well-formed object, from left to right. Values are skipped without another check.
class MemberWalker {
public:
    // `object` starts at its brace and has 16 readable bytes after its end.
    explicit MemberWalker(std::string_view object) : at_(object.data() + 1) {}

    // False after the last member.
    bool next();
    // Without quotes, escapes as they were sent.
    std::string_view raw_name() const { return name_; }
    std::string_view value() const { return value_; }

private:
    void skip_space() {
        while (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r') {
            ++at_;
        }
    }
    void skip_string();
    void skip_container();

    const char* at_;
    std::string_view name_;
    std::string_view value_;
};

}  // namespace miroir::meili
