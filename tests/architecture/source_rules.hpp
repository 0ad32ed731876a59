#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "source_text.hpp"

namespace miroir::architecture {

struct Fault {
    std::size_t line = 0;
    std::string what;
};

struct Function {
    std::string head;
    std::size_t first_line = 0;
    std::size_t last_line = 0;
    std::size_t lines() const { return last_line - first_line + 1; }
};

// The functions defined at namespace or class scope; lambdas count as part of the function around them.
std::vector<Function> functions_of(std::string_view text);

std::vector<Fault> overlong_functions(std::string_view text, std::size_t lines_max);
std::vector<Fault> overlong_lines(std::string_view text, std::size_t columns_max);
// Comments that admit unfinished work.
std::vector<Fault> unfinished_work(std::string_view text);
// Sleeping threads, the wall clock and detached work, each where `name` may not use it.
std::vector<Fault> banned_calls(const std::string& name, std::string_view text);
// Statements with co_await that do more than await: `Type{`, `?` or `[x =` beside it.
std::vector<Fault> crowded_awaits(std::string_view text);
// Coroutines that take a reference: what it names may be gone when they go on.
std::vector<Fault> reference_parameters(std::string_view text);
// Headers that no other file includes, apart from the .cpp file of the same name.
std::vector<std::string> unused_headers(const std::vector<SourceFile>& files);

}  // namespace miroir::architecture
