#include "miroir/operations/copy_difference.hpp"

#include <gtest/gtest.h>

#include <random>

namespace miroir::operations {
namespace {

CopyContent random_content(std::mt19937& random) {
    CopyContent content;
    for (int id = 0; id < 20; ++id) {
        if (random() % 3 != 0) {
            content["id" + std::to_string(id)] = {std::to_string(random() % 3), random() % 3};
        }
    }
    return content;
}

void apply(const CopyDifference& difference, CopyContent& reference, CopyContent& target) {
    const auto before = reference;
    for (const auto& id : difference.copy_to_reference) {
        reference[id] = target.at(id);
    }
    for (const auto& id : difference.copy_to_target) {
        target[id] = before.at(id);
    }
    for (const auto& id : difference.delete_on_target) {
        target.erase(id);
    }
}

TEST(FollowReference, MakesTheTargetEqualAndLeavesTheReferenceAlone) {
    for (unsigned seed = 0; seed < 500; ++seed) {
        std::mt19937 random(seed);
        auto reference = random_content(random);
        auto target = random_content(random);
        const auto right = reference;
        const auto difference = follow_reference(reference, target);
        EXPECT_TRUE(difference.copy_to_reference.empty());
        apply(difference, reference, target);
        EXPECT_EQ(reference, right) << "seed " << seed;
        EXPECT_EQ(target, right) << "seed " << seed;
        EXPECT_TRUE(follow_reference(reference, target).empty());
    }
}

TEST(MeetHalfway, MakesBothEqualAndNeverTakesTheOlderVersion) {
    for (unsigned seed = 0; seed < 500; ++seed) {
        std::mt19937 random(seed);
        auto reference = random_content(random);
        auto target = random_content(random);
        const auto left = reference;
        const auto right = target;
        apply(meet_halfway(reference, target), reference, target);
        ASSERT_EQ(reference, target) << "seed " << seed;
        for (const auto& [id, print] : reference) {
            if (left.count(id) != 0) {
                EXPECT_GE(print.version, left.at(id).version);
            }
            if (right.count(id) != 0) {
                EXPECT_GE(print.version, right.at(id).version);
            }
        }
    }
}

std::string padded(std::string body) {
    body.reserve(body.size() + 64);
    return body;
}

TEST(ReadFetched, TellsIdVersionAndBytesOfEachDocument) {
    const auto body = padded(R"({"results":[{"id":1,"a":1.10,"_miroir_version":"v1"},)"
                             R"({"id":"x-2","_miroir_version":"v2"}],"total":2})");
    const auto documents = read_fetched(body, "id");
    ASSERT_TRUE(documents);
    ASSERT_EQ(documents.value().size(), 2U);
    EXPECT_EQ(documents.value()[0].id, "1");
    EXPECT_EQ(documents.value()[0].print.version, "v1");
    EXPECT_EQ(documents.value()[0].bytes, R"({"id":1,"a":1.10,"_miroir_version":"v1"})");
    EXPECT_EQ(documents.value()[1].id, "x-2");
}

TEST(ReadFetched, FindsANestedPrimaryKey) {
    const auto body = padded(R"({"results":[{"meta":{"key":"k1"},"_miroir_version":"v"}]})");
    const auto documents = read_fetched(body, "meta.key");
    ASSERT_TRUE(documents);
    EXPECT_EQ(documents.value()[0].id, "k1");
}

TEST(ReadFetched, TheContentDoesNotDependOnTheOrderOfMembers) {
    const auto one = padded(R"({"results":[{"id":1,"a":1,"b":[2, 3]}]})");
    const auto other = padded(R"({"results":[{"b":[2, 3],"id":1,"a":1}]})");
    const auto changed = padded(R"({"results":[{"b":[2, 4],"id":1,"a":1}]})");
    const auto print = [](const std::string& body) {
        return read_fetched(body, "id").value()[0].print.content;
    };
    EXPECT_EQ(print(one), print(other));
    EXPECT_NE(print(one), print(changed));
}

TEST(ReadFetched, AnAnswerOfAnotherShapeIsAnError) {
    for (const std::string body :
         {"", "{}", "[]", R"({"results":3})", R"({"results":[1]})", R"({"results":[{"id")"}) {
        EXPECT_FALSE(read_fetched(padded(body), "id")) << body;
    }
}

}  // namespace
}  // namespace miroir::operations
