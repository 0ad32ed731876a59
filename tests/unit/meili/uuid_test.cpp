#include "miroir/meili/uuid.hpp"

#include <gtest/gtest.h>

namespace miroir::meili {
namespace {

const std::string uid = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";

TEST(Uuid, HasSeveralTexts) {
    for (const auto* text : {"6062abda-a5aa-4414-ac91-ecd7944c0f8d", "6062ABDA-A5AA-4414-AC91-ECD7944C0F8D",
                             "6062abdaa5aa4414ac91ecd7944c0f8d", "{6062abda-a5aa-4414-ac91-ecd7944c0f8d}",
                             "urn:uuid:6062abda-a5aa-4414-ac91-ecd7944c0f8d"}) {
        EXPECT_EQ(parse_uuid(text), uid) << text;
    }
}

// The uuid crate's own words.
TEST(Uuid, WhatIsNoneIsToldAsTheEngineTellsIt) {
    const std::vector<std::pair<std::string, std::string>> faults = {
        {"abc", "invalid length: found 3"},
        {"", "invalid length: found 0"},
        {std::string(46, 'a'), "invalid length: found 46"},
        {"6062abdaa5aa4414ac91ecd7944c0f8", "invalid length: found 31"},
        {"xyz", "invalid character: found `x` at 0"},
        {"6062abda-a5aa-4414-ac91-ecd7944c0f8g", "invalid character: found `g` at 35"},
        {"ab\xc3\xa9", "invalid character: found `\xc3\xa9` at 2"},
        {"6062abda-a5aa", "invalid group count: expected 5, found 2"},
        {"6062abd-a5aa-4414-ac91-ecd7944c0f8da", "invalid group length in group 0: expected 8, found 7"},
        {"6062abda-a5aa-4414-ac91-ecd7944c0f8", "invalid group length in group 4: expected 12, found 11"},
    };
    for (const auto& [text, fault] : faults) {
        EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
        EXPECT_EQ(uuid_fault(text), fault) << text;
    }
}

}  // namespace
}  // namespace miroir::meili
