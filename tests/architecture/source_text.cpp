#include "source_text.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <sstream>

namespace miroir::architecture {
namespace {

namespace fs = std::filesystem;

// Marks the text piece by piece: each step consumes one comment, literal or character of code.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text), parts_(text.size(), Part::code) {}

    std::vector<Part> run() {
        while (at_ < text_.size()) step();
        return std::move(parts_);
    }

private:
    void step() {
        if (starts("//")) {
            mark(Part::comment, line_end());
        } else if (starts("/*")) {
            const auto end = text_.find("*/", at_ + 2);
            mark(Part::comment, end == std::string_view::npos ? text_.size() : end + 2);
        } else if (text_[at_] == '"') {
            is_raw() ? raw_string() : quoted('"');
        } else if (text_[at_] == '\'' && !is_digit_separator()) {
            quoted('\'');
        } else {
            ++at_;
        }
    }

    bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

    // A line comment goes on after a backslash at the line's end.
    std::size_t line_end() const {
        auto end = text_.find('\n', at_);
        while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
        return std::min(end, text_.size());
    }

    bool is_raw() const {
        const auto prefix = word_before(text_, at_);
        return prefix == "R" || prefix == "u8R" || prefix == "uR" || prefix == "UR" || prefix == "LR";
    }

    // A quote inside a number: 1'000 or 0xFF'FF; but u8'x' and L'x' are characters.
    bool is_digit_separator() const {
        const auto word = word_before(text_, at_);
        return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
    }

    void raw_string() {
        const auto open = text_.find('(', at_);
        if (open == std::string_view::npos) return mark(Part::literal, text_.size());
        const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
        const auto end = text_.find(close, open);
        mark(Part::literal, end == std::string_view::npos ? text_.size() : end + close.size());
    }

    void quoted(char quote) {
        auto end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
            end += text_[end] == '\\' ? 2 : 1;
        mark(Part::literal, std::min(end + 1, text_.size()));
    }

    void mark(Part part, std::size_t end) {
        std::fill(parts_.begin() + static_cast<std::ptrdiff_t>(at_),
                  parts_.begin() + static_cast<std::ptrdiff_t>(end), part);
        at_ = end;
    }

    std::string_view text_;
    std::vector<Part> parts_;
    std::size_t at_ = 0;
};

std::string only(std::string_view text, Part wanted) {
    const auto parts = parts_of(text);
    std::string result(text);
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (parts[i] != wanted && result[i] != '\n') result[i] = ' ';
    }
    return result;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

std::vector<SourceFile> source_files(const std::vector<std::string>& folders) {
    const fs::path root = MIROIR_SOURCE_DIR;
    std::vector<SourceFile> files;
    for (const auto& folder : folders) {
        if (!fs::exists(root / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
            files.push_back(
                {entry.path(), entry.path().lexically_relative(root).generic_string(), read(entry.path())});
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}

std::vector<Part> parts_of(std::string_view text) {
    return Scanner(text).run();
}
std::string code_of(std::string_view text) {
    return only(text, Part::code);
}
std::string comments_of(std::string_view text) {
    return only(text, Part::comment);
}

std::vector<Include> includes_of(std::string_view text) {
    static const std::regex directive(R"(^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"])");
    const auto parts = parts_of(text);
    std::vector<Include> includes;
    std::size_t line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const std::string content(text.substr(begin, end - begin));
        std::smatch match;
        if (std::regex_search(content, match, directive)) {
            const auto hash = begin + content.find('#');
            if (parts[hash] == Part::code) includes.push_back({match[2], match[1] == "\"", line});
        }
        begin = end + 1;
    }
    return includes;
}

std::size_t line_at(std::string_view text, std::size_t position) {
    const auto head = text.substr(0, position);
    return 1 + static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
}

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view word_before(std::string_view text, std::size_t position) {
    auto begin = position;
    while (begin > 0 && is_word_character(text[begin - 1])) --begin;
    return text.substr(begin, position - begin);
}

std::string joined(const std::vector<std::string>& complaints) {
    std::string lines;
    for (const auto& complaint : complaints) lines += "\n  " + complaint;
    return lines;
}

}  // namespace miroir::architecture
