#include "miroir/writes/document_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "fake_cluster.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/runtime/gather.hpp"

namespace miroir::writes {
namespace {

using test::FakeCall;
using test::FakeReaction;
using testing::ElementsAre;
using testing::IsEmpty;

// Dispatching takes an OpenEntry, and only a store makes one.
static_assert(!std::is_default_constructible_v<coordination::OpenEntry>);
static_assert(!std::is_aggregate_v<coordination::OpenEntry>);
static_assert(!std::is_constructible_v<coordination::OpenEntry, TaskUid>);
static_assert(
    !std::is_constructible_v<coordination::OpenEntry, TaskUid, std::string, std::vector<TaskUid>, WallTime>);

struct DocumentWriterTest : testing::Test {
    test::FakeCluster cluster{{"a", "b", "c"}};
    Lanes lanes{cluster.loop.executor()};
    JournalWatch journal{cluster.store.journal(), cluster.loop.executor()};
    tasks::TaskPoller poller{cluster.store, cluster.nodes,           {},         nullptr,
                             nullptr,       cluster.loop.executor(), null_log(), null_metrics()};
    int index_makings = 0;
    std::unique_ptr<DocumentWriter> writer = a_writer("1");

    std::unique_ptr<DocumentWriter> a_writer(const std::string& wait_for_copies) {
        WriterOptions options;
        options.wait_for_copies = wait_for_copies;
        const auto none = [this](LogicalIndexUid) -> Async<std::shared_ptr<const cluster::IndexEntry>> {
            ++index_makings;
            co_return nullptr;
        };
        return std::make_unique<DocumentWriter>(cluster.store, cluster.snapshots, cluster.peers,
                                                cluster.fleet, cluster.nodes, lanes, journal, poller, none,
                                                options, null_log(), null_metrics());
    }

    static DocumentWrite a_write(std::string documents, WriteKind kind = WriteKind::replace) {
        DocumentWrite write;
        write.kind = kind;
        write.index = LogicalIndexUid("books");
        documents.reserve(documents.size() + 64);
        write.body = std::make_shared<const std::string>(std::move(documents));
        write.batch = std::make_shared<const meili::DocumentBatch>(
            meili::scan_documents(*write.body, meili::PayloadFormat::json).value());
        return write;
    }

    // The nodes with copies of the only shard of an index, best first.
    static std::vector<NodeId> owners(const cluster::IndexEntry& index) {
        std::vector<NodeId> nodes;
        for (const auto& copy : index.placement.shards[0]) nodes.push_back(copy.node);
        return nodes;
    }

    std::optional<coordination::DirtyCopy> dirt(const cluster::IndexEntry& index, const NodeId& node) {
        return cluster.loop.run(cluster.store.ledger().find({index.physical, 0, node}));
    }

    void react(std::map<NodeId, FakeReaction> reactions) {
        cluster.nodes.react = [reactions](const FakeCall& call) {
            const auto found = reactions.find(call.node);
            return call.writes_documents() && found != reactions.end() ? found->second : FakeReaction{};
        };
    }

    Async<void> journal_is_empty() {
        for (bool empty = false; !empty;) {
            const auto left = co_await cluster.sqlite->journal().unfinished();
            empty = left.empty();
            co_await runtime::sleep_for(std::chrono::milliseconds(5));
        }
    }

    Result<WriteReceipt> write(DocumentWrite what) {
        return cluster.loop.run(writer->write(std::move(what)));
    }
};

TEST_F(DocumentWriterTest, AWriteThatWasPlannedForAnOldGenerationIsPlannedAgainAndNothingOfItIsSent) {
    cluster.make_index("books", "p-old");
    cluster.make_index("drafts", "p-new");
    int opens = 0;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "journal.open" && opens++ == 0) {
            std::vector<coordination::NameSwap> swap = {
                {LogicalIndexUid("books"), LogicalIndexUid("drafts"), false}};
            co_await cluster.sqlite->catalog().swap(std::move(swap), 0);
        }
        EXPECT_TRUE(step != "journal.open done" || cluster.nodes.calls.empty());
    };
    ASSERT_TRUE(write(a_write(R"([{"id":1}])")));
    EXPECT_EQ(opens, 2);
    EXPECT_EQ(cluster.nodes.calls.size(), 2U);
    for (const auto& call : cluster.nodes.calls) EXPECT_EQ(call.index(), "p-new");
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().page({})).total, 1U);
}

TEST_F(DocumentWriterTest, AWriteThatWasPlannedForAnOldEpochIsPlannedAgainAndNothingOfItIsSent) {
    cluster.make_index("books", "p");
    int opens = 0;
    std::size_t sent_before_second = 0;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step != "journal.open") co_return;
        sent_before_second = cluster.nodes.calls.size();
        if (opens++ == 0) {
            auto topology = cluster.snapshots.current()->topology;
            co_await cluster.sqlite->topology().replace(1, std::move(topology));
        }
    };
    ASSERT_TRUE(write(a_write(R"([{"id":1}])")));
    EXPECT_EQ(opens, 2);
    EXPECT_EQ(sent_before_second, 0U);
    EXPECT_EQ(cluster.snapshots.current()->topology.epoch, 2U);
    EXPECT_EQ(cluster.nodes.calls.size(), 2U);
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().page({})).total, 1U);
}

TEST_F(DocumentWriterTest, AnIndexThatIsGoneAfterPlanningGetsNothing) {
    const auto index = cluster.make_index("books", "p");
    cluster.loop.run(cluster.sqlite->catalog().remove(index->logical, index->generation));
    const auto receipt = write(a_write(R"([{"id":1}])"));
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(cluster.nodes.calls.empty());
    const auto task = cluster.loop.run(cluster.store.tasks().find(receipt.value().uid));
    EXPECT_EQ(task->status, coordination::TaskStatus::failed);
    EXPECT_THAT(task->error_json, testing::HasSubstr("index_not_found"));
}

// The journal entry of a creation that has got its 202 and has not reached the catalog.
coordination::EntryDraft a_creation() {
    coordination::EntryDraft draft;
    draft.plan.index = LogicalIndexUid("books");
    draft.plan.epoch = 1;
    draft.plan.conflicts.whole_index = true;
    draft.replica = ReplicaId("r");
    draft.task.type = "indexCreation";
    draft.task.index_uid = "books";
    draft.operation = "index_create";
    return draft;
}

TEST_F(DocumentWriterTest, AWriteToAnIndexWhoseCreationIsUnderWayComesAfterItAndMakesNone) {
    auto opened = cluster.loop.run(cluster.store.journal().open(a_creation()));
    const auto creation = std::get<coordination::OpenEntry>(opened).uid();
    bool is_written = false;
    const auto writing = [&]() -> Async<void> {
        auto what = a_write(R"([{"id":1}])");
        const auto receipt = co_await writer->write(std::move(what));
        EXPECT_TRUE(receipt);
        is_written = true;
    };
    const auto creating = [&]() -> Async<void> {
        for (int turn = 0; turn < 50; ++turn) co_await boost::asio::post(boost::asio::use_awaitable);
        EXPECT_FALSE(is_written);
        cluster::IndexEntry entry;
        entry.logical = LogicalIndexUid("books");
        entry.physical = PhysicalIndexUid("p");
        entry.primary_key = "id";
        entry.shards = 1;
        entry.placement = cluster::place(cluster.snapshots.current()->topology, 1);
        entry.settings_json = meili::default_settings_json();
        co_await cluster.sqlite->catalog().create(std::move(entry));
        coordination::EntryOutcome nothing;
        co_await cluster.sqlite->journal().close(creation, ReplicaId("r"), std::move(nothing));
        journal.closed_one();
    };
    std::vector<Async<void>> both;
    both.push_back(writing());
    both.push_back(creating());
    cluster.loop.run(runtime::gather(std::move(both)));
    EXPECT_EQ(index_makings, 0);
    ASSERT_EQ(cluster.nodes.calls.size(), 2U);
    EXPECT_EQ(cluster.nodes.calls.front().index(), "p");
}

TEST_F(DocumentWriterTest, AMissingIndexIsMadeWhenTheWriteIsInTheJournal) {
    cluster.store.spy = [&](std::string step) -> Async<void> {
        EXPECT_TRUE(step != "journal.open" || index_makings == 0);
        co_return;
    };
    const auto receipt = write(a_write(R"([{"id":1}])"));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(index_makings, 1);
    const auto task = cluster.loop.run(cluster.store.tasks().find(receipt.value().uid));
    EXPECT_THAT(task->error_json, testing::HasSubstr("index_not_found"));
    EXPECT_THAT(cluster.loop.run(cluster.store.journal().unfinished()), IsEmpty());
}

TEST_F(DocumentWriterTest, WritesToAnIndexWhoseNodesDisagreeAboutItsSettingsAreRefused) {
    const auto index = cluster.make_index("books", "p");
    cluster.snapshots.set_settings_phase(index->physical, cluster::SettingsPhase::divergent);
    const auto refused = write(a_write(R"([{"id":1}])"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "miroir_settings_divergent");
    EXPECT_EQ(refused.error().status, 503);
    EXPECT_TRUE(cluster.nodes.calls.empty());
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().page({})).total, 0U);
    cluster.snapshots.set_settings_phase(index->physical, cluster::SettingsPhase::changing);
    EXPECT_TRUE(write(a_write(R"([{"id":1}])")));
}

struct OutcomeCase {
    std::string name;
    FakeReaction first;
    FakeReaction second;
    bool accepted_by_one;
    // Which copy is dirty afterwards, and why; empty: none.
    std::string first_dirty;
    std::string second_dirty;
};

class NodeOutcomes : public DocumentWriterTest, public testing::WithParamInterface<OutcomeCase> {};

TEST_P(NodeOutcomes, MakeTheRightCopiesDirty) {
    const auto& expected = GetParam();
    const auto index = cluster.make_index("books", "p", 1);
    const auto nodes = owners(*index);
    react({{nodes[0], expected.first}, {nodes[1], expected.second}});
    const auto receipt = write(a_write(R"([{"id":7},{"id":"x"}])"));
    EXPECT_EQ(receipt.has_value(), expected.accepted_by_one);
    const std::string reasons[] = {expected.first_dirty, expected.second_dirty};
    std::set<cluster::CopyRef> dirty;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto found = dirt(*index, nodes[i]);
        EXPECT_EQ(found.has_value(), !reasons[i].empty()) << nodes[i].str();
        if (found) {
            EXPECT_FALSE(found->all);
            EXPECT_THAT(found->ids, ElementsAre("7", "x"));
            EXPECT_EQ(found->reference, nodes[1 - i]);
            dirty.insert(found->copy);
        }
    }
    EXPECT_EQ(cluster.snapshots.current()->dirty, dirty);
    if (receipt) {
        const bool whole = expected.first_dirty.empty() && expected.second_dirty.empty();
        const auto missing = expected.first_dirty.empty() ? nodes[1] : nodes[0];
        EXPECT_EQ(receipt.value().degraded, whole ? std::vector<NodeId>{} : std::vector<NodeId>{missing});
    } else {
        EXPECT_EQ(receipt.error().code, "miroir_no_quorum");
    }
    EXPECT_THAT(cluster.loop.run(cluster.store.journal().unfinished()), IsEmpty());
}

const std::string refusal = R"({"message":"m","code":"internal","type":"internal","link":""})";

INSTANTIATE_TEST_SUITE_P(
    Writes, NodeOutcomes,
    testing::Values(
        OutcomeCase{"BothTakeIt", {}, {}, true, "", ""},
        OutcomeCase{"OneIsNotReached", {}, FakeReaction::unsent(), true, "", "unsent"},
        OutcomeCase{"OneRefuses", {}, FakeReaction::refuse(400, refusal), true, "", "refused"},
        OutcomeCase{"OneReplyIsLost", {}, FakeReaction::lost(true), true, "", "unknown"},
        OutcomeCase{"OneAnswersGarbage", FakeReaction::garbage(true, "{}"), {}, true, "unknown", ""},
        OutcomeCase{"NobodyIsReached", FakeReaction::unsent(), FakeReaction::unsent(), false, "", ""},
        OutcomeCase{"BothRefuse", FakeReaction::refuse(400, refusal), FakeReaction::refuse(400, refusal),
                    false, "", ""},
        OutcomeCase{"OneIsNotReachedAndOneReplyIsLost", FakeReaction::lost(false), FakeReaction::unsent(),
                    false, "unknown", ""}),
    [](const auto& info) { return info.param.name; });

TEST_F(DocumentWriterTest, AWriteIsAcceptedByAsManyCopiesAsItWaitsFor) {
    test::FakeCluster three({"a", "b", "c"}, 3);
    const auto index = three.make_index("books", "p", 1);
    const auto owners_of_it = owners(*index);
    struct Case {
        std::string wait_for;
        int missing;
        bool accepted;
    };
    const Case cases[] = {{"1", 2, true},         {"1", 3, false},  {"majority", 1, true},
                          {"majority", 2, false}, {"all", 0, true}, {"all", 1, false},
                          {"2", 1, true},         {"2", 2, false},  {"9", 0, true},
                          {"majority", 0, true}};
    for (const auto& one : cases) {
        Lanes own_lanes(three.loop.executor());
        JournalWatch own_journal(three.store.journal(), three.loop.executor());
        tasks::TaskPoller own_poller(three.store, three.nodes, {}, nullptr, nullptr, three.loop.executor(),
                                     null_log(), null_metrics());
        WriterOptions options;
        options.wait_for_copies = one.wait_for;
        DocumentWriter waiting(three.store, three.snapshots, three.peers, three.fleet, three.nodes, own_lanes,
                               own_journal, own_poller, nullptr, options, null_log(), null_metrics());
        three.nodes.react = [&](const FakeCall& call) {
            const auto at = std::find(owners_of_it.begin(), owners_of_it.end(), call.node);
            return at - owners_of_it.begin() < one.missing ? FakeReaction::unsent() : FakeReaction{};
        };
        const auto receipt = three.loop.run(waiting.write(a_write(R"([{"id":1}])")));
        EXPECT_EQ(receipt.has_value(), one.accepted) << one.wait_for << " without " << one.missing;
        for (const auto& copy : three.loop.run(three.store.ledger().copies())) {
            const auto found = three.loop.run(three.store.ledger().find(copy));
            three.loop.run(three.store.ledger().clear(copy, found->revision));
        }
        three.refresh();
    }
}

TEST_F(DocumentWriterTest, TwoWritesToAShardReachEveryNodeInTheirOrderThoughSendingIsDelayed) {
    const auto index = cluster.make_index("books", "p", 1);
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        cluster.nodes.react = [&](const FakeCall&) {
            FakeReaction late;
            late.turns = static_cast<int>(random() % 40);
            return late;
        };
        cluster.nodes.calls.clear();
        std::vector<Async<Result<WriteReceipt>>> writes;
        for (int i = 0; i < 4; ++i) {
            writes.push_back(writer->write(a_write(R"([{"id":1,"n":)" + std::to_string(i) + "}]")));
        }
        const auto receipts = cluster.loop.run(runtime::gather(std::move(writes)));
        std::pair<TaskUid, int> newest{0, -1};
        for (int i = 0; i < 4; ++i) {
            newest = std::max(newest, std::pair(receipts[static_cast<std::size_t>(i)].value().uid, i));
        }
        for (const auto& node : owners(*index)) {
            const auto& document = cluster.nodes.by_id[node].indexes["p"].documents["1"];
            EXPECT_EQ(document["n"], newest.second) << node.str() << " seed " << seed;
        }
        EXPECT_THAT(cluster.snapshots.current()->dirty, IsEmpty());
    }
}

TEST_F(DocumentWriterTest, AnEntryThatAnEarlierProcessLeftOpenMakesItsOtherCopiesDirtyAsAWhole) {
    const auto index = cluster.make_index("books", "p", 1);
    const auto nodes = owners(*index);
    coordination::EntryDraft draft;
    draft.plan.index = index->logical;
    draft.plan.physical = index->physical;
    draft.plan.epoch = 1;
    draft.plan.generation = index->generation;
    draft.plan.conflicts.shards = {0};
    draft.plan.targets = {{nodes[0], {0}}, {nodes[1], {0}}};
    draft.replica = ReplicaId("r");
    draft.task.type = "documentAdditionOrUpdate";
    draft.task.index_uid = "books";
    cluster.loop.run(cluster.store.journal().open(draft));
    for (const auto& entry : cluster.loop.run(cluster.store.journal().unfinished())) {
        cluster.loop.run(writer->recover(entry));
    }
    // One of the two is the one that the other is compared with.
    const auto first = dirt(*index, nodes[0]);
    const auto second = dirt(*index, nodes[1]);
    ASSERT_NE(first.has_value(), second.has_value());
    const auto& marked = first ? *first : *second;
    EXPECT_TRUE(marked.all);
    EXPECT_EQ(marked.reference, first ? nodes[1] : nodes[0]);
    EXPECT_TRUE(cluster.snapshots.current()->is_dirty(index->physical, 0, marked.copy.node));
    EXPECT_THAT(cluster.loop.run(cluster.store.journal().unfinished()), IsEmpty());
    EXPECT_TRUE(cluster.nodes.calls.empty());
}

TEST_F(DocumentWriterTest, AnEntryIsClosedWithItsOutcomesWhenTheStoreIsBack) {
    const auto index = cluster.make_index("books", "p", 1);
    const auto nodes = owners(*index);
    react({{nodes[1], FakeReaction::unsent()}});
    int closings = 0;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "journal.close" && ++closings < 3) throw coordination::StoreUnavailable("away");
        co_return;
    };
    EXPECT_THROW((void)write(a_write(R"([{"id":7}])")), coordination::StoreUnavailable);
    EXPECT_EQ(closings, 1);
    EXPECT_TRUE(cluster.snapshots.current()->is_dirty(index->physical, 0, nodes[1]));
    const auto next = [this]() -> Async<void> {
        co_await journal_is_empty();
        auto what = a_write(R"([{"id":8}])");
        const auto receipt = co_await writer->write(std::move(what));
        EXPECT_TRUE(receipt);
        co_await journal_is_empty();
    };
    react({});
    cluster.loop.run(next());
    EXPECT_EQ(closings, 4);
    EXPECT_THAT(dirt(*index, nodes[1])->ids, testing::Contains("7"));
    cluster.loop.run(journal.stop());
}

TEST_F(DocumentWriterTest, AnEntryOfWhichNothingWasSentEndsWhenTheStoreIsBack) {
    bool away = true;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (away && step == "tasks.finish") throw coordination::StoreUnavailable("away");
        co_return;
    };
    EXPECT_THROW((void)write(a_write(R"([{"id":1}])")), coordination::StoreUnavailable);
    away = false;
    cluster.loop.run(journal_is_empty());
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().find(0))->status, coordination::TaskStatus::failed);
    cluster.loop.run(journal.stop());
}

TEST_F(DocumentWriterTest, TheTaskOfAnEntryThatWasLeftBeforeItHadAPlanFails) {
    auto draft = a_creation();
    draft.operation.clear();
    draft.task.type = "documentAdditionOrUpdate";
    auto opened = cluster.loop.run(cluster.store.journal().open(draft));
    for (const auto& entry : cluster.loop.run(cluster.store.journal().unfinished())) {
        cluster.loop.run(writer->recover(entry));
    }
    const auto uid = std::get<coordination::OpenEntry>(opened).uid();
    const auto task = cluster.loop.run(cluster.store.tasks().find(uid));
    EXPECT_EQ(task->status, coordination::TaskStatus::failed);
    EXPECT_THAT(cluster.loop.run(cluster.store.journal().unfinished()), IsEmpty());
}

TEST_F(DocumentWriterTest, AnEntryWhoseOpeningGotNoReplyEndsAsFailed) {
    cluster.make_index("books", "p", 1);
    int openings = 0;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "journal.open done" && openings++ == 0) throw coordination::StoreUnavailable("lost");
        co_return;
    };
    EXPECT_THROW((void)write(a_write(R"([{"id":1}])")), coordination::StoreUnavailable);
    EXPECT_EQ(cluster.loop.run(cluster.store.journal().unfinished()).size(), 1U);
    cluster.loop.run(journal_is_empty());
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().find(0))->status, coordination::TaskStatus::failed);
    EXPECT_TRUE(cluster.nodes.calls.empty());
    EXPECT_TRUE(write(a_write(R"([{"id":2}])")));
    cluster.loop.run(journal.stop());
}

TEST_F(DocumentWriterTest, AReplicaThatTheOthersTakeForDeadShowsItsLifeBeforeItWrites) {
    cluster.make_index("books", "p", 1);
    cluster.loop.run(cluster.peers.stop());
    EXPECT_TRUE(write(a_write(R"([{"id":1}])")));
    EXPECT_EQ(cluster.loop.run(cluster.store.peers().live()).size(), 1U);
    EXPECT_EQ(cluster.nodes.calls.size(), 2U);
}

TEST_F(DocumentWriterTest, NothingIsSentOnceTheOthersMayTakeTheReplicaForDead) {
    const auto index = cluster.make_index("books", "p", 1);
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "journal.open done") co_await cluster.peers.stop();
    };
    const auto receipt = write(a_write(R"([{"id":1}])"));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, "miroir_no_quorum");
    EXPECT_TRUE(cluster.nodes.calls.empty());
    EXPECT_THAT(cluster.loop.run(cluster.store.journal().unfinished()), IsEmpty());
}

TEST_F(DocumentWriterTest, AWriteThatWasTakenOverIsNotAcknowledgedAndItsCopiesAreComparedAgain) {
    const auto index = cluster.make_index("books", "p", 1);
    const auto nodes = owners(*index);
    bool taken = false;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step != "journal.close" || taken) co_return;
        taken = true;
        co_await cluster.sqlite->peers().leave(ReplicaId("r"));
        const auto entry = co_await cluster.sqlite->journal().take_over(0, ReplicaId("r"), ReplicaId("s"));
        EXPECT_TRUE(entry);
    };
    const auto receipt = write(a_write(R"([{"id":7}])"));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, "miroir_no_quorum");
    const auto first = dirt(*index, nodes[0]);
    const auto second = dirt(*index, nodes[1]);
    ASSERT_NE(first.has_value(), second.has_value()) << "one copy of the two stays clean";
    EXPECT_THAT((first ? first : second)->ids, ElementsAre("7"));
    const auto unfinished = cluster.loop.run(cluster.store.journal().unfinished());
    ASSERT_EQ(unfinished.size(), 1U) << "it is the other one's to end";
    EXPECT_EQ(unfinished[0].replica, ReplicaId("s"));
}

}  // namespace
}  // namespace miroir::writes
