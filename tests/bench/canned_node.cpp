#include <cstring>
#include <exception>
#include <iostream>

#include "canned_answers.hpp"
#include "canned_http.hpp"

// A node that answers from memory, for scripts/bench: every search gets the same answer, every write is a
// task that has succeeded already. Prints its port.
//   canned_node [--port N] [--node N] [--nodes N] [--hits N] [--all-rules]
int main(int count, char** values) {
    miroir::bench::CannedOptions options;
    std::uint16_t port = 0;
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(values[i], "--all-rules") == 0) {
            options.all_rules = true;
            continue;
        }
        const std::string name = values[i];
        const auto value = static_cast<std::uint32_t>(i + 1 < count ? std::atoi(values[++i]) : 0);
        if (name == "--port") {
            port = static_cast<std::uint16_t>(value);
        } else if (name == "--node") {
            options.node = value;
        } else if (name == "--nodes") {
            options.nodes = value;
        } else if (name == "--hits") {
            options.hits = value;
        } else {
            std::cerr << "canned_node: unknown option " << name << "\n";
            return 2;
        }
    }
    try {
        miroir::bench::CannedAnswers answers(options);
        const auto answerer = [&answers](auto method, auto target, auto body) -> const std::string& {
            return answers.answer(method, target, body);
        };
        miroir::bench::serve_http(
            port, [](std::uint16_t bound) { std::cout << bound << std::endl; }, answerer);
    } catch (const std::exception& fault) {
        std::cerr << "canned_node: " << fault.what() << "\n";
        return 1;
    }
    return 0;
}
