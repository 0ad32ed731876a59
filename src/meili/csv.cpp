#include "miroir/meili/csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "csv_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/utf8.hpp"
#include "rust_debug.hpp"

namespace miroir::meili {
namespace {

constexpr std::size_t readable_bytes_behind = 64;

enum class CellType { text, boolean, number };

ApiError malformed_csv(const std::string& reason) {
    return error("malformed_payload", "The `csv` payload provided is malformed: `" + reason + "`.");
}

// How many bytes Rust's whitespace character at the start of `text` has; 0 when there is none.
std::size_t leading_space(std::string_view text) {
    static constexpr std::array<std::string_view, 19> wide = {
        "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
        "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
    if (text.empty()) {
        return 0;
    }
    if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) {
        return 1;
    }
    const auto found =
        std::ranges::find_if(wide, [&](std::string_view space) { return text.starts_with(space); });
    return found == wide.end() ? 0 : found->size();
}

std::string_view trim(std::string_view text) {
    while (const std::size_t length = leading_space(text)) {
        text.remove_prefix(length);
    }
    for (std::size_t length = 1; length <= std::min<std::size_t>(3, text.size());) {
        const bool space = leading_space(text.substr(text.size() - length)) == length;
        text.remove_suffix(space ? length : 0);
        length = space ? 1 : length + 1;
    }
    return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

std::size_t count_digits(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

// What Rust's f64 parser takes.
std::optional<double> parse_real(std::string_view text) {
    const std::string copy(text);
    if (text.starts_with('+') || text.starts_with('-')) {
        text.remove_prefix(1);
    }
    if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity") ||
        equals_ignoring_case(text, "nan")) {
        return std::numeric_limits<double>::infinity();
    }
    std::size_t digits = count_digits(text);
    text.remove_prefix(digits);
    if (text.starts_with('.')) {
        const std::size_t decimals = count_digits(text.substr(1));
        text.remove_prefix(decimals + 1);
        digits += decimals;
    }
    if (digits == 0) {
        return std::nullopt;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) {
            text.remove_prefix(1);
        }
        const std::size_t exponent = count_digits(text);
        if (exponent == 0) {
            return std::nullopt;
        }
        text.remove_prefix(exponent);
    }
    return text.empty() ? std::optional(std::strtod(copy.c_str(), nullptr)) : std::nullopt;
}

// The byte up to which Rust finds `text` to be UTF-8.
std::size_t valid_up_to(std::string_view text) {
    std::size_t at = 0;
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size() - at);) {
        const bool character = is_utf8(text.substr(at, length));
        at += character ? length : 0;
        length = character ? 1 : length + 1;
    }
    return at;
}

class CsvConversion {
public:
    CsvConversion(std::string_view body, char delimiter, const FitsInMemory& fits)
        : body_bytes_(body.size()), reader_(body, delimiter), fits_(fits) {}

    Result<DocumentBatch> run();

private:
    struct Column {
        CellType type = CellType::text;
        std::size_t member = 0;
    };

    // Columns of the same name fill one member; the rightmost wins.
    struct Member {
        std::string name;
        std::string printed_name;
        std::string value;
    };

    void read_header();
    std::optional<ApiError> check_record() const;
    std::optional<ApiError> convert_cell(std::string_view cell, CellType type, std::string& out) const;
    std::optional<ApiError> convert_number(std::string_view cell, std::string& out) const;
    bool append_document(std::string& out) const;
    bool make_room(std::string& out, std::size_t bytes) const;
    void note_names(DocumentBatch& batch) const;

    const std::size_t body_bytes_;
    CsvReader reader_;
    const FitsInMemory& fits_;
    std::vector<Column> columns_;
    std::vector<Member> members_;
};

void CsvConversion::read_header() {
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < reader_.size(); ++i) {
        std::string name(reader_[i]);
        Column column;
        const std::size_t colon = name.rfind(':');
        if (colon != std::string::npos) {
            const std::string_view suffix = std::string_view(name).substr(colon + 1);
            const bool typed = suffix == "string" || suffix == "boolean" || suffix == "number";
            column.type = suffix == "boolean"  ? CellType::boolean
                          : suffix == "number" ? CellType::number
                                               : CellType::text;
            name.resize(typed ? colon : name.size());
        }
        const auto [place, is_new] = known.emplace(name, members_.size());
        column.member = place->second;
        if (is_new) {
            members_.push_back({name, json_string(name) + ":", ""});
        }
        columns_.push_back(column);
    }
}

std::optional<ApiError> CsvConversion::check_record() const {
    const CsvReader::Position& at = reader_.position();
    if (at.record != 0 && reader_.size() != columns_.size()) {
        return malformed_csv(
            "CSV error: record " + std::to_string(at.record) + " (line: " + std::to_string(at.line) +
            ", byte: " + std::to_string(at.byte) + "): found record with " + std::to_string(reader_.size()) +
            " fields, but the previous record has " + std::to_string(columns_.size()) + " fields");
    }
    for (std::size_t i = 0; i < reader_.size(); ++i) {
        if (is_utf8(reader_[i])) {
            continue;
        }
        const std::string cell = std::to_string(i);
        return malformed_csv("CSV parse error: record " + std::to_string(at.record) + " (line " +
                             std::to_string(at.line) + ", field: " + cell + ", byte: " +
                             std::to_string(at.byte) + "): invalid utf-8: invalid UTF-8 in field " + cell +
                             " near byte index " + std::to_string(valid_up_to(reader_[i])));
    }
    return std::nullopt;
}

std::optional<ApiError> CsvConversion::convert_number(std::string_view cell, std::string& out) const {
    const std::string_view text = trim(cell);
    if (text.empty()) {
        out += "null";
    } else if (const auto integer = parse_integer(text)) {
        out += std::to_string(*integer);
    } else if (const auto real = parse_real(text)) {
        append_json_double(out, *real);
    } else {
        return malformed_csv("Error parsing number " + rust_debug(cell) + " at line " +
                             std::to_string(reader_.position().record) + ": invalid float literal");
    }
    return std::nullopt;
}

std::optional<ApiError> CsvConversion::convert_cell(std::string_view cell, CellType type,
                                                    std::string& out) const {
    if (type == CellType::number) {
        return convert_number(cell, out);
    }
    if (type == CellType::text) {
        if (cell.empty()) {
            out += "null";
        } else {
            append_json_string(out, cell);
        }
        return std::nullopt;
    }
    const std::string_view text = trim(cell);
    if (!text.empty() && text != "true" && text != "false") {
        return malformed_csv("Error parsing boolean " + rust_debug(cell) + " at line " +
                             std::to_string(reader_.position().record) +
                             ": provided string was not `true` or `false`");
    }
    out += text.empty() ? "null" : text;
    return std::nullopt;
}

// Grows by what the share of the body behind us lets expect of the rest, at most to the double.
bool CsvConversion::make_room(std::string& out, std::size_t bytes) const {
    constexpr std::size_t first_bytes = std::size_t{64} * 1024;
    const std::size_t needed = out.size() + bytes + readable_bytes_behind;
    if (needed <= out.capacity()) {
        return true;
    }
    const double share = static_cast<double>(reader_.position().byte + 1) / static_cast<double>(body_bytes_);
    const auto expected = static_cast<std::size_t>(static_cast<double>(needed) / share * 1.02);
    const std::size_t room = std::clamp(expected, needed, std::max(2 * needed, first_bytes));
    if (room > std::numeric_limits<std::uint32_t>::max() || (fits_ && !fits_(room))) {
        return false;
    }
    out.reserve(room);
    return true;
}

bool CsvConversion::append_document(std::string& out) const {
    std::size_t bytes = 2;
    for (const Member& member : members_) {
        bytes += member.printed_name.size() + member.value.size() + 1;
    }
    if (!make_room(out, bytes)) {
        return false;
    }
    out += '{';
    for (std::size_t i = 0; i < members_.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += members_[i].printed_name;
        out += members_[i].value;
    }
    out += "}\n";
    return true;
}

void CsvConversion::note_names(DocumentBatch& batch) const {
    for (const Member& member : members_) {
        if (member.name == expiry_field) {
            batch.has_expiry = true;
        } else if (is_reserved(member.name) && !batch.reserved_member) {
            batch.reserved_member = member.name;
        }
    }
}

Result<DocumentBatch> CsvConversion::run() {
    if (reader_.next()) {
        if (auto fault = check_record()) {
            return *std::move(fault);
        }
        read_header();
    }
    auto text = std::make_unique<std::string>();
    std::vector<std::size_t> ends;
    while (reader_.next()) {
        if (auto fault = check_record()) {
            return *std::move(fault);
        }
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            std::string& value = members_[columns_[i].member].value;
            value.clear();
            if (auto fault = convert_cell(reader_[i], columns_[i].type, value)) {
                return *std::move(fault);
            }
        }
        if (!append_document(*text)) {
            return error("payload_too_large", "The provided payload reached the size limit.");
        }
        ends.push_back(text->size() - 1);
    }
    text->reserve(text->size() + readable_bytes_behind);
    DocumentBatch batch(PayloadFormat::csv, std::move(text));
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        batch.add(begin, end - begin);
        begin = end + 1;
    }
    if (!batch.empty()) {
        note_names(batch);
    }
    return batch;
}

}  // namespace

Result<DocumentBatch> convert_csv(std::string_view body, char delimiter, const FitsInMemory& fits) {
    return CsvConversion(body, delimiter, fits).run();
}

}  // namespace miroir::meili
