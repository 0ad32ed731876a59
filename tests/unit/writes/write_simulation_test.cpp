#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "fake_cluster.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/writes/document_writer.hpp"
#include "tasks/part_lookups.hpp"

namespace miroir::writes {
namespace {

using test::FakeCall;
using test::FakeReaction;

constexpr std::uint32_t shard_count = 2;

// Writes meet nodes that do anything to them. Whatever that is: every shard keeps a clean copy, clean copies
// are equal, and they hold for each id the newest acknowledged write or a later one. Lost answers of writes
// that a node took are found among its tasks.
struct Simulation : testing::Test {
    test::FakeCluster cluster{{"a", "b", "c"}};
    Lanes lanes{cluster.loop.executor()};
    JournalWatch journal{cluster.store.journal(), cluster.loop.executor()};
    tasks::TaskPoller poller{cluster.store, cluster.nodes,           {},         nullptr,
                             nullptr,       cluster.loop.executor(), null_log(), null_metrics()};
    DocumentWriter writer{cluster.store, cluster.snapshots, cluster.peers, cluster.fleet, cluster.nodes,
                          lanes,         journal,           poller,        nullptr,       {},
                          null_log(),    null_metrics()};
    static tasks::LookupOptions one_look() {
        tasks::LookupOptions options;
        options.settle = {};
        return options;
    }
    tasks::PartLookups lookups{cluster.store,
                               cluster.nodes,
                               one_look(),
                               [this](auto task, auto copies) {
                                   return writer.record_divergence(std::move(task), std::move(copies));
                               },
                               null_log(),
                               null_metrics()};
    std::mt19937 random;
    std::shared_ptr<const cluster::IndexEntry> index;
    // The newest acknowledged task that wrote each id.
    std::map<std::string, TaskUid> acknowledged;
    std::size_t accepted = 0;
    std::size_t dirtied = 0;
    std::size_t found = 0;
    std::size_t not_found = 0;

    unsigned below(unsigned n) { return static_cast<unsigned>(random() % n); }

    FakeReaction any_reaction() {
        static const std::string error = R"({"message":"m","code":"c","type":"internal","link":""})";
        FakeReaction reaction;
        switch (below(9)) {
            case 0:
                reaction = FakeReaction::unsent();
                break;
            case 1:
                reaction = FakeReaction::lost(below(2) == 0);
                break;
            case 2:
                reaction = FakeReaction::garbage(below(2) == 0, below(2) == 0 ? "{}" : R"({"taskUid":"x"})");
                break;
            case 3:
                reaction = FakeReaction::refuse(400, error);
                break;
            default:
                break;
        }
        reaction.turns = static_cast<int>(below(6));
        return reaction;
    }

    DocumentWrite any_write(std::vector<std::string>& ids) {
        DocumentWrite write;
        write.index = LogicalIndexUid("books");
        const std::size_t count = 1 + below(3);
        for (std::size_t i = 0; i < count; ++i) ids.push_back("k" + std::to_string(below(6)));
        std::string list;
        for (const auto& id : ids) list += (list.empty() ? "{\"id\":\"" : ",{\"id\":\"") + id + "\"}";
        list = "[" + list + "]";
        list.reserve(list.size() + 64);
        write.kind = WriteKind::replace;
        write.body = std::make_shared<const std::string>(std::move(list));
        write.batch = std::make_shared<const meili::DocumentBatch>(
            meili::scan_documents(*write.body, meili::PayloadFormat::json).value());
        return write;
    }

    void write_some() {
        std::vector<std::vector<std::string>> ids(1 + below(3));
        std::vector<Async<Result<WriteReceipt>>> writes;
        for (auto& list : ids) writes.push_back(writer.write(any_write(list)));
        const auto receipts = cluster.loop.run(runtime::gather(std::move(writes)));
        for (std::size_t i = 0; i < receipts.size(); ++i) {
            if (!receipts[i]) continue;
            ++accepted;
            for (const auto& id : ids[i]) {
                acknowledged[id] = std::max(acknowledged[id], receipts[i].value().uid);
            }
        }
    }

    // Which task wrote each id of a shard on a node.
    std::map<std::string, TaskUid> content(ShardId shard, const NodeId& node) {
        std::map<std::string, TaskUid> tasks;
        for (const auto& [id, document] :
             cluster.nodes.by_id[node].indexes[index->physical.str()].documents) {
            const auto version =
                meili::version_from_marker(document["_miroir_version"].get<std::string>()).value();
            if (cluster::shard_of(id, shard_count) == shard) tasks[id] = version.task;
        }
        return tasks;
    }

    void check(const std::string& where) {
        const auto dirty = cluster.loop.run(cluster.store.ledger().copies());
        dirtied += dirty.size();
        for (ShardId shard = 0; shard < shard_count; ++shard) {
            std::optional<std::map<std::string, TaskUid>> clean;
            for (const auto& copy : index->placement.shards[shard]) {
                if (dirty.count({index->physical, shard, copy.node}) != 0) continue;
                const auto here = content(shard, copy.node);
                if (clean) ASSERT_EQ(here, *clean) << where << ": clean copies of " << shard << " differ";
                clean = here;
            }
            ASSERT_TRUE(clean) << where << ": no clean copy of " << shard;
            for (const auto& [id, task] : acknowledged) {
                if (cluster::shard_of(id, shard_count) != shard) continue;
                ASSERT_TRUE(clean->count(id) != 0 && clean->at(id) >= task)
                    << where << ": clean copies lack the acknowledged write " << task << " of " << id;
            }
            check_ids(shard, *clean, dirty, where);
        }
    }

    // A dirty copy differs from a clean one only in what the ledger names.
    void check_ids(ShardId shard, std::map<std::string, TaskUid> clean,
                   const std::set<cluster::CopyRef>& dirty, const std::string& where) {
        for (const auto& copy : index->placement.shards[shard]) {
            const cluster::CopyRef ref{index->physical, shard, copy.node};
            if (dirty.count(ref) == 0) continue;
            const auto known = cluster.loop.run(cluster.store.ledger().find(ref));
            auto here = content(shard, copy.node);
            auto there = clean;
            for (const auto& id : known->ids) {
                here.erase(id);
                there.erase(id);
            }
            if (!known->all) ASSERT_EQ(here, there) << where << ": the ledger of " << copy.node.str();
        }
    }

    // The tasks of a node that carry the mark of a cluster task.
    std::vector<NodeTaskUid> tasks_of(TaskUid uid, const NodeId& node) {
        std::vector<NodeTaskUid> uids;
        const auto& tasks = cluster.nodes.by_id[node].tasks;
        for (NodeTaskUid i = 0; i < tasks.size(); ++i) {
            if (tasks[i].metadata.starts_with("miroir:" + std::to_string(uid) + ":")) uids.push_back(i);
        }
        return uids;
    }

    void look_up(const std::string& where) {
        const auto sought = cluster.loop.run(cluster.store.tasks().lookups());
        cluster.loop.run(lookups.look());
        ASSERT_TRUE(cluster.loop.run(cluster.store.tasks().lookups()).empty()) << where;
        for (const auto& one : sought) {
            const auto taken = tasks_of(one.uid, one.node);
            for (const auto& part : cluster.loop.run(cluster.store.tasks().parts(one.uid))) {
                if (part.node != one.node) continue;
                ASSERT_EQ(part.found, taken.size() == one.node_tasks) << where << ": task " << one.uid;
                ASSERT_EQ(part.result, part.found ? "acked" : "unknown") << where;
                if (part.found) ASSERT_EQ(part.node_tasks, taken) << where;
                ++(part.found ? found : not_found);
            }
        }
    }

    void repair_some() {
        const auto dirty = cluster.loop.run(cluster.store.ledger().copies());
        for (const auto& copy : dirty) {
            if (below(3) != 0) continue;
            NodeId from;
            for (const auto& other : index->placement.shards[copy.shard]) {
                if (dirty.count({copy.index, copy.shard, other.node}) == 0) from = other.node;
            }
            auto& target = cluster.nodes.by_id[copy.node].indexes[copy.index.str()].documents;
            std::erase_if(target, [&](const auto& one) {
                return cluster::shard_of(one.first, shard_count) == copy.shard;
            });
            for (const auto& [id, document] : cluster.nodes.by_id[from].indexes[copy.index.str()].documents) {
                if (cluster::shard_of(id, shard_count) == copy.shard) target[id] = document;
            }
            const auto known = cluster.loop.run(cluster.store.ledger().find(copy));
            cluster.loop.run(cluster.store.ledger().clear(copy, known->revision));
        }
        cluster.refresh();
    }
};

TEST_F(Simulation, NothingIsWronglyClean) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        random.seed(seed);
        acknowledged.clear();
        index = cluster.make_index("books", "p" + std::to_string(seed), shard_count);
        cluster.nodes.react = [this](const FakeCall& call) {
            return call.writes_documents() ? any_reaction() : FakeReaction{};
        };
        for (int round = 0; round < 4; ++round) {
            write_some();
            look_up("seed " + std::to_string(seed));
            if (HasFatalFailure()) return;
            check("seed " + std::to_string(seed) + " round " + std::to_string(round));
            if (HasFatalFailure()) return;
            repair_some();
        }
        for (auto& [id, node] : cluster.nodes.by_id) node.tasks.clear();
        cluster.loop.run(cluster.store.ledger().forget(index->physical));
        const auto entry = cluster.loop.run(cluster.store.catalog().find(index->logical));
        cluster.loop.run(cluster.store.catalog().remove(index->logical, entry->generation));
        cluster.loop.run(cluster.store.settings_versions().forget_index(index->physical));
        cluster.refresh();
    }
    EXPECT_GT(accepted, 500U);
    EXPECT_GT(dirtied, 300U);
    EXPECT_GT(found, 100U);
    EXPECT_GT(not_found, 100U);
}

}  // namespace
}  // namespace miroir::writes
