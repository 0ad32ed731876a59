#include <gtest/gtest.h>

#include <string>

#include "scatter/raw_json.hpp"

namespace miroir::scatter {
namespace {

std::string first_name(const std::string& object) {
    const simdjson::padded_string text(object);
    od::parser parser;
    od::document document = parser.iterate(text);
    for (auto field : document.get_object()) {
        return std::string(raw_name(field.key()));
    }
    return {};
}

TEST(RawName, EndsAtItsOwnQuoteWhateverItsLength) {
    for (std::size_t length = 0; length < 40; ++length) {
        const std::string plain(length, 'x');
        const std::string quoted = plain + R"(\")" + plain;
        const std::string slashed = plain + R"(\\)";
        for (const auto& name : {plain, quoted, slashed, quoted + slashed, plain + "é!#[]"}) {
            EXPECT_EQ(first_name("{\"" + name + R"(":"\"","b":1})"), name);
        }
    }
}

}  // namespace
}  // namespace miroir::scatter
