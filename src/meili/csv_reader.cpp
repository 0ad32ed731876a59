#include "csv_reader.hpp"

#include <algorithm>

namespace miroir::meili {

bool CsvReader::next() {
    position_ = {records_, line_, at_};
    cells_.clear();
    ends_.clear();
    if (at_ == 0 && text_.starts_with("\xef\xbb\xbf")) {
        at_ = 3;
    }
    while (at_ < text_.size() && is_terminator(text_[at_])) {
        take_terminator();
    }
    if (at_ == text_.size()) {
        return false;
    }
    while (read_cell()) {
    }
    ++records_;
    return true;
}

void CsvReader::take_terminator() {
    line_ += text_[at_++] == '\n' ? 1 : 0;
}

bool CsvReader::read_cell() {
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    const bool more = quoted ? read_quoted() : read_plain();
    ends_.push_back(cells_.size());
    return more;
}

bool CsvReader::read_quoted() {
    for (++at_;;) {
        const std::size_t quote = std::min(text_.find('"', at_), text_.size());
        const std::string_view inside = text_.substr(at_, quote - at_);
        line_ += static_cast<std::uint64_t>(std::ranges::count(inside, '\n'));
        cells_ += inside;
        if (quote == text_.size()) {
            at_ = quote;
            return false;
        }
        at_ = quote + 1;
        if (at_ == text_.size() || text_[at_] != '"') {
            return read_plain();
        }
        cells_ += '"';
        ++at_;
    }
}

bool CsvReader::read_plain() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && !is_terminator(text_[at_])) {
        ++at_;
    }
    cells_ += text_.substr(start, at_ - start);
    if (at_ == text_.size()) {
        return false;
    }
    if (text_[at_] == delimiter_) {
        line_ += text_[at_++] == '\n' ? 1 : 0;
        return true;
    }
    take_terminator();
    return false;
}

}  // namespace miroir::meili
