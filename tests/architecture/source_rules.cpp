#include "source_rules.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace miroir::architecture {
namespace {

// Code with preprocessor directives blanked too, so that only braces of statements are left.
std::string statements_of(std::string_view text) {
    auto code = code_of(text);
    bool directive = false;
    for (std::size_t begin = 0; begin < code.size();) {
        const auto end = std::min(code.find('\n', begin), code.size());
        const auto first = code.find_first_not_of(" \t", begin);
        directive = directive || (first < end && code[first] == '#');
        const bool goes_on = end > begin && code[end - 1] == '\\';
        if (directive)
            std::fill(code.begin() + static_cast<std::ptrdiff_t>(begin),
                      code.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        directive = directive && goes_on;
        begin = end + 1;
    }
    return code;
}

enum class Scope { space, type, function, other };

// `head` without everything in brackets, so that only its own level is looked at.
std::string top_level(std::string_view head) {
    std::string result;
    int depth = 0;
    for (const char c : head) {
        if (c == '(' || c == '[') ++depth;
        if (depth == 0) result += c;
        if (c == ')' || c == ']') --depth;
        if (depth == 0 && c == ')') result += "()";
    }
    return depth == 0 ? result : "(";
}

// What a brace at namespace or class scope opens, by the text between the last statement and it.
Scope scope_after(std::string_view head) {
    static const std::regex parameters("^\\s*template\\s*<[^{]*?>\\s*(?=[a-z])");
    static const std::regex space("\\bnamespace\\b|\\bextern\\s*$");
    static const std::regex type(
        "^\\s*((public|private|protected)\\s*:\\s*)?(typedef\\s+)?(class|struct|union)\\b");
    static const std::regex enumeration("\\benum\\b");
    static const std::regex operators("operator\\s*[^\\s\\w(]+");
    auto top = std::regex_replace(top_level(head), operators, "operator");
    if (top.starts_with("(")) return Scope::other;
    if (std::regex_search(top, space)) return Scope::space;
    if (std::regex_search(top, enumeration)) return Scope::other;
    const bool calls = top.find("()") != std::string::npos;
    top = std::regex_replace(top, parameters, "");
    if (std::regex_search(top, type) && !calls) return Scope::type;
    if (top.find('=') != std::string::npos) return Scope::other;
    const bool blank =
        std::all_of(top.begin(), top.end(), [](unsigned char c) { return std::isspace(c) != 0; });
    return calls || blank ? Scope::function : Scope::other;
}

// Position of the first character of the statement that ends before `brace`.
std::size_t head_start(std::string_view code, std::size_t brace) {
    const auto before = code.substr(0, brace).find_last_of(";{}");
    const auto start = code.find_first_not_of(" \t\n", before == std::string_view::npos ? 0 : before + 1);
    return std::min(start, brace);
}

bool adjoins_word(std::string_view code, std::size_t brace) {
    return brace > 0 && (is_word_character(code[brace - 1]) || code[brace - 1] == '>');
}

std::size_t closing(std::string_view code, std::size_t brace) {
    int depth = 0;
    for (auto at = brace; at < code.size(); ++at) {
        if (code[at] == '{') ++depth;
        if (code[at] == '}' && --depth == 0) return at;
    }
    return code.size();
}

std::size_t opening(std::string_view code, std::size_t brace) {
    int depth = 0;
    for (auto at = brace + 1; at-- > 0;) {
        if (code[at] == '}') ++depth;
        if (code[at] == '{' && --depth == 0) return at;
    }
    return std::string_view::npos;
}

// The part of a statement around an await, without the bodies of lambdas. Blocks are told from braced
// initialisers by the blank that clang-format puts before them.
class AwaitStatement {
public:
    AwaitStatement(std::string_view code, std::size_t await) : code_(code) {
        backward(await);
        forward(await);
    }

    std::string offence() const {
        static const std::regex captures(R"((^|[^\w\])])\s*\[[^\]\[]*=)");
        if (braced_) return "a braced temporary";
        if (own_.find('?') != std::string::npos) return "a conditional";
        return std::regex_search(own_, captures) ? "a capturing lambda" : "";
    }

private:
    void backward(std::size_t await) {
        int depth = 0;
        std::string before;
        for (auto at = await; at-- > 0;) {
            const char c = code_[at];
            if (c == ')' || c == ']') ++depth;
            if (c == '(' || c == '[') --depth;
            if (c == ';' && depth <= 0) break;
            if (c == '{') {
                if (!adjoins_word(code_, at)) break;
                braced_ = true;
            }
            if (c == '}') {
                const auto open = opening(code_, at);
                if (open == std::string_view::npos) break;
                if (adjoins_word(code_, open)) {
                    braced_ = true;
                } else if (depth <= 0) {
                    break;
                }
                at = open;
                continue;
            }
            before += c;
        }
        own_.assign(before.rbegin(), before.rend());
    }

    void forward(std::size_t await) {
        int depth = 0;
        for (auto at = await; at < code_.size(); ++at) {
            const char c = code_[at];
            if (c == '(' || c == '[') ++depth;
            if (c == ')' || c == ']') --depth;
            if (c == '}' || (c == ';' && depth <= 0)) break;
            if (c == '{') {
                if (adjoins_word(code_, at)) {
                    braced_ = true;
                } else if (depth <= 0) {
                    break;
                }
                at = closing(code_, at);
                continue;
            }
            own_ += c;
        }
    }

    std::string_view code_;
    std::string own_;
    bool braced_ = false;
};

void find_all(std::string_view code, const std::string& pattern, const std::string& what,
              std::vector<Fault>& faults) {
    const std::regex expression(pattern);
    const std::string text(code);
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
        faults.push_back({line_at(code, static_cast<std::size_t>(match->position())), what});
    }
}

// Behind the bracket that opens at `open`, angle brackets here; npos when it does not close.
std::size_t behind_angles(std::string_view code, std::size_t open) {
    int depth = 0;
    for (auto at = open; at < code.size(); ++at) {
        depth += code[at] == '<' ? 1 : 0;
        depth -= code[at] == '>' && code[at - 1] != '-' ? 1 : 0;
        if (depth == 0) return at + 1;
    }
    return std::string_view::npos;
}

// Whether one of the parameters between parentheses is a reference itself.
bool takes_reference(std::string_view parameters) {
    int depth = 0;
    for (std::size_t at = 0; at < parameters.size(); ++at) {
        const char c = parameters[at];
        depth += c == '<' || c == '(' ? 1 : 0;
        depth -= c == ')' || (c == '>' && at > 0 && parameters[at - 1] != '-') ? 1 : 0;
        if (c == '&' && depth == 0) return true;
    }
    return false;
}

// The parameters of the coroutine whose result type begins at `type`: of a function behind it, of a lambda
// before its arrow. Empty for other uses of the type.
std::string_view coroutine_parameters(std::string_view code, std::size_t type, std::size_t behind_type) {
    const auto arrow = code.substr(0, type).find_last_not_of(" \n");
    if (arrow != std::string_view::npos && arrow > 0 && code.substr(arrow - 1, 2) == "->") {
        const auto end = code.substr(0, arrow - 1).find_last_of(")]}");
        if (end == std::string_view::npos || code[end] != ')') return {};
        int depth = 1;
        auto start = end;
        while (start > 0 && depth > 0) {
            --start;
            depth += code[start] == ')' ? 1 : code[start] == '(' ? -1 : 0;
        }
        return code.substr(start + 1, end - start - 1);
    }
    const auto name = code.find_first_not_of(" \n", behind_type);
    if (name == std::string_view::npos || !is_word_character(code[name])) return {};
    auto open = name;
    while (open < code.size() && (is_word_character(code[open]) || code[open] == ':')) ++open;
    if (open >= code.size() || code[open] != '(') return {};
    int depth = 0;
    auto end = open;
    do {
        depth += code[end] == '(' ? 1 : code[end] == ')' ? -1 : 0;
    } while (depth > 0 && ++end < code.size());
    return code.substr(open + 1, end - open - 1);
}

// A quoted include can mean every header whose path ends like it.
bool means(const std::string& target, const std::string& header) {
    return header == target || header.ends_with("/" + target);
}

// src/x/y.cpp is the source of src/x/y.hpp and of include/miroir/x/y.hpp.
bool is_source_of(const std::string& file, const std::string& header) {
    if (!file.starts_with("src/") || !file.ends_with(".cpp")) return false;
    const auto stem = file.substr(4, file.size() - 8);
    return header == "src/" + stem + ".hpp" || header == "include/miroir/" + stem + ".hpp";
}

}  // namespace

std::vector<Function> functions_of(std::string_view text) {
    const auto code = statements_of(text);
    std::vector<Function> functions;
    for (std::size_t at = 0; at < code.size(); ++at) {
        if (code[at] != '{') continue;
        const auto start = head_start(code, at);
        const auto head = std::string_view(code).substr(start, at - start);
        // Bodies have a blank before their brace, members' initialisers have none.
        const auto scope = adjoins_word(code, at) ? Scope::other : scope_after(head);
        if (scope == Scope::space || scope == Scope::type) continue;
        const auto end = closing(code, at);
        if (scope == Scope::function) {
            functions.push_back({std::string(head), line_at(code, start), line_at(code, end)});
        }
        at = end;
    }
    return functions;
}

std::vector<Fault> overlong_functions(std::string_view text, std::size_t lines_max) {
    std::vector<Fault> faults;
    for (const auto& function : functions_of(text)) {
        if (function.lines() <= lines_max) continue;
        faults.push_back(
            {function.first_line, "a function of " + std::to_string(function.lines()) + " lines"});
    }
    return faults;
}

std::vector<Fault> overlong_lines(std::string_view text, std::size_t columns_max) {
    std::vector<Fault> faults;
    std::size_t columns = 0;
    std::size_t line = 1;
    for (const char c : text) {
        if (c == '\n') {
            if (columns > columns_max)
                faults.push_back({line, "a line of " + std::to_string(columns) + " columns"});
            columns = 0;
            ++line;
        } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            ++columns;  // bytes that continue a UTF-8 sequence take no column
        }
    }
    return faults;
}

std::vector<Fault> unfinished_work(std::string_view text) {
    std::vector<Fault> faults;
    find_all(comments_of(text), R"(\b(TODO|FIXME)\b)", "unfinished work", faults);
    return faults;
}

std::vector<Fault> banned_calls(const std::string& name, std::string_view text) {
    const auto in = [&](std::string_view folder) { return name.starts_with(folder); };
    const auto code = code_of(text);
    std::vector<Fault> faults;
    const bool may_sleep = in("src/runtime/") || in("include/miroir/runtime/") || in("tests/integration/") ||
                           in("tests/support/") || in("tests/compatibility/");
    if (!may_sleep) {
        find_all(code, R"(\bthis_thread\s*::\s*sleep_(for|until)\b|\b(usleep|nanosleep)\s*\()", "sleeps",
                 faults);
    }
    if (!in("src/base/clock") && !in("include/miroir/base/clock")) {
        find_all(code, R"(\bsystem_clock\s*::\s*now\b)", "reads the wall clock: take a Clock", faults);
    }
    find_all(code, R"((\.|->)\s*detach\s*\()", "detaches: give the work an owner", faults);
    return faults;
}

std::vector<Fault> crowded_awaits(std::string_view text) {
    const auto code = statements_of(text);
    std::vector<Fault> faults;
    const std::regex keyword(R"(\bco_await\b)");
    for (std::sregex_iterator match(code.begin(), code.end(), keyword), end; match != end; ++match) {
        const auto at = static_cast<std::size_t>(match->position());
        const auto offence = AwaitStatement(code, at).offence();
        if (!offence.empty())
            faults.push_back({line_at(code, at), "co_await beside " + offence + ": name it first"});
    }
    return faults;
}

std::vector<Fault> reference_parameters(std::string_view text) {
    const auto code = code_of(text);
    std::vector<Fault> faults;
    const std::string type = "Async<";
    for (auto at = code.find(type); at != std::string::npos; at = code.find(type, at + 1)) {
        const auto behind = behind_angles(code, at + type.size() - 1);
        if (behind == std::string_view::npos) continue;
        if (takes_reference(coroutine_parameters(code, at, behind))) {
            faults.push_back(
                {line_at(code, at), "a coroutine takes a reference: take a value or be a member"});
        }
    }
    return faults;
}

std::vector<std::string> unused_headers(const std::vector<SourceFile>& files) {
    std::set<std::string> used;
    for (const auto& file : files) {
        for (const auto& include : includes_of(file.text)) {
            if (!include.quoted) continue;
            for (const auto& header : files) {
                if (means(include.target, header.name) && !is_source_of(file.name, header.name)) {
                    used.insert(header.name);
                }
            }
        }
    }
    std::vector<std::string> unused;
    for (const auto& file : files) {
        if (file.name.ends_with(".hpp") && !used.contains(file.name)) unused.push_back(file.name);
    }
    return unused;
}

}  // namespace miroir::architecture
