#include "telemetry/log_line.hpp"

#include <gtest/gtest.h>

#include <string>

namespace miroir::telemetry {
namespace {

const LineHead started{WallTime{1'764'000'000'000'123}, LogLevel::info, "started", ""};

LineHead saying(std::string_view message) {
    auto head = started;
    head.message = message;
    return head;
}

TEST(JsonLine, BeginsWithTimeLevelMessageRequestAndPod) {
    auto head = started;
    head.pod_id = "miroir-0";
    EXPECT_EQ(json_line(head, {{"route", "/health"}, {"request_id", "r1"}}),
              "{\"ts\":\"2025-11-24T16:00:00.000123Z\",\"level\":\"info\",\"message\":\"started\","
              "\"request_id\":\"r1\",\"pod_id\":\"miroir-0\",\"route\":\"/health\"}");
}

TEST(JsonLine, LevelsHaveTheirNames) {
    auto head = started;
    for (const auto& [level, name] : {std::pair{LogLevel::debug, "debug"}, std::pair{LogLevel::warn, "warn"},
                                      std::pair{LogLevel::error, "error"}}) {
        head.level = level;
        EXPECT_NE(json_line(head, {}).find("\"level\":\"" + std::string(name) + "\""), std::string::npos);
    }
}

TEST(JsonLine, EscapesWhatJsonForbids) {
    const auto line = json_line(saying("a\"b\\c\nd\te\r"), {{"k\"", std::string("\0\x1f\x7f", 3)}});
    EXPECT_NE(line.find(R"("message":"a\"b\\c\nd\te\r")"), std::string::npos) << line;
    EXPECT_NE(line.find(R"("k\"":"\u0000\u001f\u007f")"), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(JsonLine, KeepsUnicodeAndReplacesBrokenBytes) {
    const auto message = [](std::string_view text) {
        const auto line = json_line(saying(text), {});
        const auto begin = line.find("\"message\":\"") + 11;
        return line.substr(begin, line.size() - begin - 2);
    };
    EXPECT_EQ(message("é€😀"), "é€😀");
    EXPECT_EQ(message("a\xFF"
                      "b"),
              "a\uFFFDb");
    EXPECT_EQ(message("cut \xE2\x82"), "cut \uFFFD\uFFFD");
    EXPECT_EQ(message("\xC0\xAF"), "\uFFFD\uFFFD");            // an overlong '/'
    EXPECT_EQ(message("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

TEST(JsonLine, FieldsNamedAfterAUnitAreNumbers) {
    const auto line =
        json_line(started, {{"took_ms", "12.5"}, {"status", "202"}, {"index", "7"}, {"body_bytes", "07"}});
    EXPECT_NE(line.find("\"took_ms\":12.5,\"status\":202,\"index\":\"7\",\"body_bytes\":\"07\""),
              std::string::npos)
        << line;
}

TEST(JsonLine, AFieldCannotPoseAsAPartOfTheHead) {
    const auto line = json_line(started, {{"level", "error"}, {"pod_id", "other"}});
    EXPECT_NE(line.find("\"level_\":\"error\",\"pod_id_\":\"other\""), std::string::npos) << line;
}

TEST(JsonLine, LongValuesAreCut) {
    const auto line = json_line(started, {{"detail", std::string(1'000'000, 'x')}});
    EXPECT_LT(line.size(), log_value_bytes_max + 200);
    EXPECT_NE(line.find("xxx...\"}"), std::string::npos);
}

TEST(TextLine, IsOneLineForPeople) {
    auto head = saying("node\ndown");
    head.level = LogLevel::warn;
    EXPECT_EQ(text_line(head, {{"node", "n1"}}), "2025-11-24T16:00:00.000123Z WARN  node\\ndown  node=n1");
}

}  // namespace
}  // namespace miroir::telemetry
