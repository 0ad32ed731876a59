#include "tasks/lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace miroir::tasks {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NodeTaskPage::Item item(NodeTaskUid uid, std::optional<TaskMark> mark, const std::string& index = "p") {
    return {uid, index, true, std::move(mark)};
}

NodeTaskPage a_page(std::vector<NodeTaskPage::Item> items, bool is_whole = false) {
    return {std::move(items), is_whole};
}

// Task 7 with the nonce "n", sent when the node's newest task was 10.
coordination::PartLookup sought(std::uint32_t node_tasks = 1,
                                std::optional<NodeTaskUid> newest_before = NodeTaskUid{10}) {
    coordination::PartLookup lookup;
    lookup.uid = 7;
    lookup.nonce = "n";
    lookup.node_tasks = node_tasks;
    lookup.newest_before = newest_before;
    return lookup;
}

const TaskMark ours{7, "n"};

TEST(ParseTaskMark, ReadsWhatWritersStamp) {
    EXPECT_EQ(parse_task_mark("miroir:7:0f3a"), (TaskMark{7, "0f3a"}));
    EXPECT_EQ(parse_task_mark("miroir:0:"), (TaskMark{0, ""}));
    for (const auto* other : {"", "miroir", "miroir:", "miroir:7", "miroir::n", "miroir:x:n", "miroir:-1:n",
                              "miroir:7x:n", "miroir:99999999999:n", "Miroir:7:n", "7:n"}) {
        EXPECT_FALSE(parse_task_mark(other)) << other;
    }
}

TEST(PageOf, TakesWhatTheNodeListsAndKnowsWhetherItIsAll) {
    const auto tasks = parse_node_tasks(R"({"results":[
        {"uid":4,"indexUid":"p","type":"documentDeletion","customMetadata":"miroir:7:n","status":"enqueued"},
        {"uid":3,"indexUid":null,"type":"indexSwap","customMetadata":5},
        {"uid":2,"indexUid":"p","type":"settingsUpdate","customMetadata":"a client's"}, {"uid":"1"}, 0]})");
    ASSERT_TRUE(tasks);
    const auto page = page_of(*tasks, 3);
    ASSERT_EQ(page.items.size(), 3U);
    EXPECT_FALSE(page.is_whole);
    EXPECT_TRUE(page_of(*tasks, 4).is_whole);
    EXPECT_EQ(page.items[0].uid, 2U);
    EXPECT_FALSE(page.items[0].mark);
    EXPECT_FALSE(page.items[0].writes_documents);
    EXPECT_EQ(page.items[1].index, "");
    EXPECT_EQ(page.items[2].index, "p");
    EXPECT_EQ(page.items[2].mark, ours);
    EXPECT_TRUE(page.items[2].writes_documents);
    for (const auto* body : {"", "[]", "{}", R"({"results":{}})", R"({"results":[)"}) {
        EXPECT_FALSE(parse_node_tasks(body)) << body;
    }
}

TEST(LookUp, FindsItsOwnMarkOnly) {
    const auto answer = look_up(sought(), a_page({item(10, {}), item(11, TaskMark{6, "m"}), item(12, ours)}));
    EXPECT_EQ(answer.sighting, Sighting::found);
    EXPECT_THAT(answer.node_tasks, ElementsAre(12U));
    EXPECT_THAT(answer.inverted_with, IsEmpty());
    EXPECT_FALSE(answer.order_unsure);
    EXPECT_EQ(look_up(sought(), a_page({item(10, {}), item(11, TaskMark{7, "other"})})).sighting,
              Sighting::absent);
}

TEST(LookUp, APartOfSeveralNodeTasksIsFoundWhenAllAre) {
    const auto some = a_page({item(10, {}), item(11, ours), item(13, ours)});
    EXPECT_EQ(look_up(sought(3), some).sighting, Sighting::absent);
    EXPECT_THAT(look_up(sought(3), some).node_tasks, IsEmpty());
    EXPECT_THAT(look_up(sought(2), some).node_tasks, ElementsAre(11U, 13U));
}

TEST(LookUp, IsOverOnlyWhereThePageGoesBackToTheSending) {
    const auto page = a_page({item(11, {}, "q"), item(12, {}, "q")});
    EXPECT_EQ(look_up(sought(1, 10), page).sighting, Sighting::absent);
    EXPECT_EQ(look_up(sought(1, 11), page).sighting, Sighting::absent);
    EXPECT_EQ(look_up(sought(1, 9), page).sighting, Sighting::out_of_reach);
    EXPECT_EQ(look_up(sought(1, std::nullopt), page).sighting, Sighting::out_of_reach);
    EXPECT_EQ(look_up(sought(1, std::nullopt), a_page(page.items, true)).sighting, Sighting::absent);
    EXPECT_EQ(look_up(sought(1, 4), a_page({}, true)).sighting, Sighting::absent);
    EXPECT_EQ(look_up(sought(1, 4), a_page({})).sighting, Sighting::out_of_reach);
}

TEST(LookUp, NamesTheEntriesThatTheNodeTookInAnotherOrder) {
    const auto answer = look_up(
        sought(2), a_page({item(10, TaskMark{9, "before it was sent"}), item(11, TaskMark{8, "overtook"}),
                           item(12, ours), item(13, TaskMark{6, "late"}), item(14, TaskMark{9, "between"}),
                           item(15, ours), item(16, TaskMark{5, "late"}), item(17, TaskMark{10, "later"}),
                           item(18, TaskMark{4, "elsewhere"}, "q")}));
    EXPECT_THAT(answer.inverted_with, ElementsAre(8U, 6U, 9U, 5U));
    EXPECT_FALSE(answer.order_unsure);
}

TEST(LookUp, IsUnsureOfTheOrderAfterWritesOfUnknownOrigin) {
    EXPECT_TRUE(look_up(sought(), a_page({item(10, {}), item(11, {}), item(12, ours)})).order_unsure);
    EXPECT_FALSE(look_up(sought(), a_page({item(10, {}), item(11, {}, "q"), item(12, ours)})).order_unsure);
    EXPECT_FALSE(look_up(sought(), a_page({item(10, {}), item(12, ours), item(13, {})})).order_unsure);
    auto settings = item(11, {});
    settings.writes_documents = false;
    EXPECT_FALSE(look_up(sought(), a_page({item(10, {}), settings, item(12, ours)})).order_unsure);
    EXPECT_TRUE(look_up(sought(), a_page({item(12, ours)})).order_unsure) << "does not go back to 11";
}

// Any history of a node, cut anywhere: found is what the history holds, absent what it does not hold, and an
// order that is called sure and right is that of the cluster's uids.
TEST(LookUp, SaysNothingThatTheNodesHistoryDenies) {
    std::mt19937 random(1);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    int found = 0;
    int inverted = 0;
    for (int round = 0; round < 5'000; ++round) {
        std::vector<NodeTaskPage::Item> history;
        for (NodeTaskUid uid = 0; uid < 5 + below(10); ++uid) {
            const auto cluster = 4 + below(7);
            history.push_back(
                item(uid, cluster == 10 ? std::nullopt : std::optional(TaskMark{cluster, "n"})));
        }
        const auto newest_before = below(static_cast<unsigned>(history.size()));
        for (NodeTaskUid uid = 0; uid <= newest_before; ++uid) {
            if (history[uid].mark == ours) history[uid].mark->nonce = "of another store";
        }
        const auto cut = below(static_cast<unsigned>(history.size()) + 1);
        const std::vector<NodeTaskPage::Item> seen(history.begin() + cut, history.end());
        const auto wanted = 1 + below(2);
        const auto held = static_cast<std::size_t>(
            std::count_if(history.begin(), history.end(), [](const auto& one) { return one.mark == ours; }));
        const auto answer = look_up(sought(wanted, newest_before), a_page(seen, cut == 0));
        if (answer.sighting != Sighting::found) {
            EXPECT_TRUE(answer.sighting == Sighting::out_of_reach || held < wanted);
            continue;
        }
        ++found;
        EXPECT_LE(answer.node_tasks.size(), held);
        bool right = true;
        for (NodeTaskUid uid = newest_before + 1; uid < history.size(); ++uid) {
            const auto by = history[uid].mark;
            if (uid < answer.node_tasks.back()) right = right && by && by->uid <= 7;
            if (uid > answer.node_tasks.front()) right = right && (!by || by->uid >= 7);
        }
        const bool said_right = answer.inverted_with.empty() && !answer.order_unsure;
        EXPECT_TRUE(!said_right || right) << "round " << round;
        inverted += said_right ? 0 : 1;
    }
    EXPECT_GT(found, 500);
    EXPECT_GT(inverted, 200);
    EXPECT_GT(found - inverted, 50);
}

}  // namespace
}  // namespace miroir::tasks
