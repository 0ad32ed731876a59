#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PeerRegistryContract : public StoreContract {
protected:
    coordination::PeerRegistry& peers() { return store().peers(); }
    void beat(const std::string& id, std::chrono::milliseconds ttl = 1s) {
        run(peers().beat({ReplicaId(id), "1.2.3"}, ttl));
    }
    std::vector<std::string> live() {
        std::vector<std::string> ids;
        for (const auto& peer : run(peers().live())) ids.push_back(peer.id.str());
        return ids;
    }
};
MIROIR_CONTRACT(PeerRegistryContract);

TEST_P(PeerRegistryContract, APeerLivesForTheTimeThatItPromised) {
    EXPECT_THAT(live(), IsEmpty());
    beat("r2");
    beat("r1", 2s);
    EXPECT_THAT(live(), ElementsAre("r1", "r2"));
    EXPECT_EQ(run(peers().live())[0].version, "1.2.3");
    let_time_pass(999ms);
    EXPECT_THAT(live(), ElementsAre("r1", "r2"));
    let_time_pass(1ms);
    EXPECT_THAT(live(), ElementsAre("r1"));
    beat("r2");
    EXPECT_THAT(live(), ElementsAre("r1", "r2"));
}

TEST_P(PeerRegistryContract, TellsTheViewOfEachPeer) {
    run(peers().beat({ReplicaId("r1"), "1", 3}, 1s));
    run(peers().beat({ReplicaId("r2"), "1", 5'000'000'000}, 1s));
    run(peers().beat({ReplicaId("r1"), "1", 4}, 1s));
    EXPECT_EQ(run(peers().live())[0].view, 4U);
    EXPECT_EQ(run(peers().live())[1].view, 5'000'000'000U);
}

TEST_P(PeerRegistryContract, EveryHeartbeatProlongsIt) {
    for (int i = 0; i < 5; ++i) {
        beat("r1");
        let_time_pass(900ms);
        EXPECT_THAT(live(), ElementsAre("r1"));
    }
}

TEST_P(PeerRegistryContract, APeerThatLeavesIsGoneAtOnce) {
    beat("r1");
    beat("r2");
    run(peers().leave(ReplicaId("r1")));
    run(peers().leave(ReplicaId("nobody")));
    EXPECT_THAT(live(), ElementsAre("r2"));
}

TEST_P(PeerRegistryContract, ReplicasSeeEachOther) {
    run(replica(0).peers().beat({ReplicaId("r1"), "1"}, 1s));
    run(replica(1).peers().beat({ReplicaId("r2"), "1"}, 1s));
    EXPECT_EQ(run(replica(0).peers().live()).size(), 2U);
    EXPECT_EQ(run(replica(1).peers().live()).size(), 2U);
}

TEST_P(PeerRegistryContract, ManyBeatAtOnce) {
    at_once(6, [&](std::size_t i) {
        for (int n = 0; n < 10; ++n)
            run(replica(i).peers().beat({ReplicaId("r" + std::to_string(i)), "1"}, 1s));
    });
    EXPECT_EQ(live().size(), 6U);
}

class ViewVersionContract : public StoreContract {
protected:
    // Whether `change` is one that replicas must see.
    bool raises(const std::function<void()>& change) {
        const auto before = run(store().view_version());
        change();
        const auto after = run(store().view_version());
        EXPECT_GE(after, before);
        return after > before;
    }
    cluster::IndexEntry create() { return run(store().catalog().create(an_index("books", "p1"))).value(); }
};
MIROIR_CONTRACT(ViewVersionContract);

TEST_P(ViewVersionContract, ChangesOfTopologyAndCatalogRaiseIt) {
    EXPECT_TRUE(raises([&] { run(store().topology().replace(0, a_topology())); }));
    EXPECT_FALSE(raises([&] { run(store().topology().replace(0, a_topology())); })) << "refused";
    EXPECT_TRUE(raises([&] { create(); }));
    auto& catalog = store().catalog();
    const LogicalIndexUid books("books");
    const auto generation = [&] { return run(catalog.find(books))->generation; };
    EXPECT_TRUE(raises([&] { run(catalog.set_primary_key(books, generation(), "id")); }));
    EXPECT_TRUE(raises([&] { run(catalog.change_primary_key(books, generation(), "isbn")); }));
    EXPECT_TRUE(raises([&] { run(catalog.set_settings(books, generation(), "{}")); }));
    EXPECT_FALSE(raises([&] { run(catalog.set_settings(books, 77, "{}")); })) << "refused";
    EXPECT_FALSE(raises([&] { run(catalog.touch(books)); }));
    EXPECT_TRUE(raises([&] { run(catalog.rename(books, generation(), LogicalIndexUid("films"))); }));
    EXPECT_TRUE(raises([&] { run(catalog.swap({{LogicalIndexUid("films"), books, true}}, 0)); }));
    EXPECT_TRUE(raises([&] { run(catalog.remove(books, generation())); }));
    EXPECT_FALSE(raises([&] { run(catalog.remove(books, 1)); })) << "nothing there";
}

TEST_P(ViewVersionContract, ChangesOfCopiesRaiseIt) {
    const auto copy = copy_of("p1", 0, "a");
    EXPECT_TRUE(raises([&] { run(store().ledger().mark({a_mark(copy, std::nullopt)})); }));
    const auto revision = run(store().ledger().find(copy))->revision;
    EXPECT_FALSE(raises([&] { run(store().ledger().clear(copy, revision - 1)); })) << "a newer mark";
    EXPECT_TRUE(raises([&] { run(store().ledger().clear(copy, revision)); }));
    EXPECT_TRUE(raises([&] { run(store().ledger().forget(PhysicalIndexUid("p1"))); }));
    auto& versions = store().settings_versions();
    EXPECT_TRUE(raises([&] { run(versions.record({{PhysicalIndexUid("p1"), NodeId("a"), 1}})); }));
    EXPECT_TRUE(raises([&] { run(versions.forget(PhysicalIndexUid("p1"), NodeId("a"))); }));
    EXPECT_TRUE(raises([&] { run(versions.forget_index(PhysicalIndexUid("p1"))); }));
}

TEST_P(ViewVersionContract, WhatReplicasDoNotPlanByLeavesIt) {
    EXPECT_FALSE(raises([&] {
        run(store().tasks().add(a_task("taskCancelation", "books"), ReplicaId("r"), std::nullopt));
        run(store().peers().beat({ReplicaId("r1"), "1"}, 1s));
        run(store().leases().try_acquire("rebalance:books", "r1", 1s));
    }));
}

TEST_P(ViewVersionContract, AnotherReplicaSeesIt) {
    const auto before = run(replica(1).view_version());
    create();
    EXPECT_GT(run(replica(1).view_version()), before);
}

}  // namespace
}  // namespace miroir::contract
