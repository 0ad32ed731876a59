#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::meili {

// Splits CSV into records, as Rust's csv crate does: blank lines are skipped, \n, \r and \r\n end a record,
// quotes count only at the start of a cell, an open quote ends with the text, a byte order mark is dropped.
class CsvReader {
public:
    // Where a record starts, as error messages tell it.
    struct Position {
        std::uint64_t record = 0;
        std::uint64_t line = 1;
        std::uint64_t byte = 0;
    };

    CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

    // False at the end.
    bool next();
    std::size_t size() const { return ends_.size(); }
    // Valid until the next record.
    std::string_view operator[](std::size_t cell) const {
        const std::size_t begin = cell == 0 ? 0 : ends_[cell - 1];
        return std::string_view(cells_).substr(begin, ends_[cell] - begin);
    }
    const Position& position() const { return position_; }

private:
    bool is_terminator(char c) const { return c == '\n' || c == '\r'; }
    void take_terminator();
    // Both return true when the record goes on behind the cell.
    bool read_cell();
    bool read_quoted();
    bool read_plain();

    std::string_view text_;
    char delimiter_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t records_ = 0;
    Position position_;
    std::string cells_;
    std::vector<std::size_t> ends_;
};

}  // namespace miroir::meili
