#include "miroir/meili/facet_value.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

namespace miroir::meili {
namespace {

TEST(FacetText, IsTrimmedDecomposedAndLowered) {
    EXPECT_EQ(normalize_facet("  Maren HOLT\t"), "maren holt");
    EXPECT_EQ(normalize_facet("\u00a0\u2003ÉTÉ"), "e\u0301te\u0301");
    EXPECT_EQ(normalize_facet("ﬁ Ⅳ ①"), "fi iv 1");
    EXPECT_EQ(normalize_facet("ΟΔΥΣΣΕΥΣ"), "οδυσσευς");
    EXPECT_EQ(normalize_facet(""), "");
    EXPECT_EQ(normalize_facet(" \n "), "");
}

TEST(FacetText, IsCutBetweenCharacters) {
    EXPECT_EQ(stored_facet(std::string(600, 'a')).size(), 468u);
    const auto cut = stored_facet("x" + std::string(200, 'y') + std::string(100, 'z') +
                                  std::string(166, 'w') + "\u2603\u2603");
    EXPECT_EQ(cut.size(), 467u);
}

TEST(FacetNumbers, ReadAsRustReadsThem) {
    EXPECT_EQ(parse_finite_number("12.5"), 12.5);
    EXPECT_EQ(parse_finite_number("+.5"), 0.5);
    EXPECT_EQ(parse_finite_number("5."), 5.0);
    EXPECT_EQ(parse_finite_number("-1e3"), -1000.0);
    EXPECT_EQ(parse_finite_number("1e-400"), 0.0);
    for (const auto* text :
         {"", "+", "-", ".", "1e", " 1", "1 ", "inf", "nan", "-inf", "0x1", "1e999", "+-1", "1_0"}) {
        EXPECT_FALSE(parse_finite_number(text)) << text;
    }
}

TEST(FacetNumbers, PrintWithoutExponent) {
    EXPECT_EQ(print_number(1), "1");
    EXPECT_EQ(print_number(0.5), "0.5");
    EXPECT_EQ(print_number(-12.25), "-12.25");
    EXPECT_EQ(print_number(1e21), "1000000000000000000000");
    EXPECT_EQ(print_number(1e23), "100000000000000000000000");
    EXPECT_EQ(print_number(1.5e-7), "0.00000015");
    EXPECT_EQ(print_number(0), "0");
    EXPECT_EQ(print_number(123456.75), "123456.75");
}

TEST(FacetNumbers, ReadBackAsTheSameNumber) {
    std::mt19937_64 random(20240711);
    for (int i = 0; i < 20'000; ++i) {
        const auto bits = random();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (number != number || number - number != 0) continue;
        EXPECT_EQ(parse_finite_number(print_number(number)), number);
    }
}

}  // namespace
}  // namespace miroir::meili
