#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::architecture {

struct SourceFile {
    std::filesystem::path path;
    std::string name;  // relative to the repository, with '/'
    std::string text;
};

// Every .hpp and .cpp below the folders (relative to the repository), sorted by name.
std::vector<SourceFile> source_files(const std::vector<std::string>& folders);

// What kind of thing every character of a C++ text is.
enum class Part : char { code, comment, literal };
std::vector<Part> parts_of(std::string_view text);

// The same text with everything but code blanked; positions and lines stay.
std::string code_of(std::string_view text);
// The same text with everything but comments blanked.
std::string comments_of(std::string_view text);

struct Include {
    std::string target;
    bool quoted = false;
    std::size_t line = 0;
};
// The include directives outside comments.
std::vector<Include> includes_of(std::string_view text);

// Counted from 1.
std::size_t line_at(std::string_view text, std::size_t position);

// The identifier that ends right before `position`, empty when there is none.
std::string_view word_before(std::string_view text, std::size_t position);
bool is_word_character(char c);

// Lines of an assertion's message.
std::string joined(const std::vector<std::string>& complaints);

}  // namespace miroir::architecture
