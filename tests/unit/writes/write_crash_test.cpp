#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_cluster.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/writes/document_writer.hpp"

namespace miroir::writes {
namespace {

using test::FakeCall;
using test::FakeReaction;

constexpr std::uint32_t shard_count = 2;

// What one run of the program has of the write path.
struct WritingProcess {
    explicit WritingProcess(test::FakeCluster& c) : cluster(c) {}
    ~WritingProcess() {
        cluster.loop.run(journal.stop());
        cluster.loop.run(poller.stop());
    }
    WritingProcess(WritingProcess&&) = delete;

    test::FakeCluster& cluster;
    Lanes lanes{cluster.loop.executor()};
    JournalWatch journal{cluster.store.journal(), cluster.loop.executor()};
    tasks::TaskPoller poller{cluster.store, cluster.nodes,           {},         nullptr,
                             nullptr,       cluster.loop.executor(), null_log(), null_metrics()};
    DocumentWriter writer{cluster.store, cluster.snapshots, cluster.peers, cluster.fleet, cluster.nodes,
                          lanes,         journal,           poller,        nullptr,       {},
                          null_log(),    null_metrics()};
};

DocumentWrite a_write(const std::string& ids, int value) {
    std::string list = "[";
    for (const char id : ids) {
        list += list.size() > 1 ? "," : "";
        list += R"({"id":")" + std::string(1, id) + R"(","v":)" + std::to_string(value) + "}";
    }
    list += "]";
    list.reserve(list.size() + 64);
    DocumentWrite write;
    write.index = LogicalIndexUid("books");
    write.body = std::make_shared<const std::string>(std::move(list));
    write.batch = std::make_shared<const meili::DocumentBatch>(
        meili::scan_documents(*write.body, meili::PayloadFormat::json).value());
    return write;
}

// The process dies at its `store_step`th change of the store, or in front of its `node_step`th write to a
// node: nothing that it does afterwards reaches anybody.
class WriteCrash {
public:
    WriteCrash(int store_step, int node_step) {
        index_ = cluster_.make_index("books", "p1", shard_count);
        {
            WritingProcess first(cluster_);
            die_at(store_step, node_step);
            for (int value = 1; value <= 3; ++value) write_two(first, value);
        }
        cluster_.store.spy = nullptr;
        cluster_.nodes.react = nullptr;
        cluster_.refresh();
        WritingProcess second(cluster_);
        for (const auto& entry : cluster_.loop.run(cluster_.sqlite->journal().unfinished())) {
            cluster_.loop.run(second.writer.recover(entry));
        }
    }

    bool died() const { return died_; }

    void check() {
        EXPECT_TRUE(cluster_.loop.run(cluster_.sqlite->journal().unfinished()).empty());
        const auto dirty = cluster_.loop.run(cluster_.sqlite->ledger().copies());
        for (ShardId shard = 0; shard < shard_count; ++shard) {
            std::optional<std::map<std::string, TaskUid>> clean;
            for (const auto& copy : index_->placement.shards[shard]) {
                if (dirty.count({index_->physical, shard, copy.node}) != 0) continue;
                const auto here = content(shard, copy.node);
                if (clean) EXPECT_EQ(here, *clean) << "clean copies of " << shard << " differ";
                clean = here;
            }
            ASSERT_TRUE(clean) << "no clean copy of " << shard;
            for (const auto& [id, task] : acknowledged_) {
                if (cluster::shard_of(id, shard_count) != shard) continue;
                EXPECT_TRUE(clean->count(id) != 0 && clean->at(id) >= task)
                    << "clean copies lack the acknowledged write " << task << " of " << id;
            }
        }
    }

private:
    void die_at(int store_step, int node_step) {
        cluster_.store.spy = [this, left = store_step](std::string) mutable -> Async<void> {
            died_ = died_ || left-- == 0;
            if (died_) throw std::runtime_error("killed");
            co_return;
        };
        cluster_.nodes.react = [this, left = node_step](const FakeCall& call) mutable {
            if (!call.writes_documents()) return FakeReaction{};
            died_ = died_ || left-- == 0;
            return died_ ? FakeReaction::unsent() : FakeReaction{};
        };
    }

    // Two writes at once that share ids.
    void write_two(WritingProcess& process, int value) {
        std::vector<std::string> ids = {"abcd", "cdef"};
        std::vector<Async<void>> both;
        for (const auto& some : ids) both.push_back(write_one(&process, some, value));
        cluster_.loop.run(runtime::gather(std::move(both)));
    }

    Async<void> write_one(WritingProcess* process, std::string ids, int value) {
        auto write = a_write(ids, value);
        try {
            const auto receipt = co_await process->writer.write(std::move(write));
            if (died_ || !receipt) co_return;
            for (const char id : ids) {
                auto& newest = acknowledged_[std::string(1, id)];
                newest = std::max(newest, receipt.value().uid);
            }
        } catch (const std::runtime_error&) {
            co_return;  // killed
        }
    }

    // Which task wrote each id of a shard on a node.
    std::map<std::string, TaskUid> content(ShardId shard, const NodeId& node) {
        std::map<std::string, TaskUid> tasks;
        for (const auto& [id, document] : cluster_.nodes.by_id[node].indexes["p1"].documents) {
            const auto marker = document["_miroir_version"].get<std::string>();
            const auto version = meili::version_from_marker(marker).value();
            if (cluster::shard_of(id, shard_count) == shard) tasks[id] = version.task;
        }
        return tasks;
    }

    test::FakeCluster cluster_{{"a", "b", "c"}};
    std::shared_ptr<const cluster::IndexEntry> index_;
    bool died_ = false;
    // The newest acknowledged task that wrote each id.
    std::map<std::string, TaskUid> acknowledged_;
};

TEST(WriteCrash, AtAnyChangeOfTheStoreLeavesNothingWronglyClean) {
    bool died = true;
    int step = 0;
    for (; died; ++step) {
        SCOPED_TRACE("killed at change " + std::to_string(step));
        WriteCrash crash(step, -1);
        crash.check();
        if (testing::Test::HasFailure()) return;
        died = crash.died();
    }
    EXPECT_GT(step, 20);
}

TEST(WriteCrash, InFrontOfAnyWriteToANodeLeavesNothingWronglyClean) {
    bool died = true;
    int step = 0;
    for (; died; ++step) {
        SCOPED_TRACE("killed in front of node write " + std::to_string(step));
        WriteCrash crash(-1, step);
        crash.check();
        if (testing::Test::HasFailure()) return;
        died = crash.died();
    }
    EXPECT_GT(step, 10);
}

}  // namespace
}  // namespace miroir::writes
