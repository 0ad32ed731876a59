#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::AppliedSettings;
using testing::ElementsAre;
using testing::IsEmpty;

class SettingsVersionsContract : public StoreContract {
protected:
    coordination::SettingsVersions& versions() { return store().settings_versions(); }
    void record(const std::string& index, const std::string& node, SettingsVersion version) {
        run(versions().record({{PhysicalIndexUid(index), NodeId(node), version}}));
    }
    std::vector<std::string> all() {
        std::vector<std::string> texts;
        for (const AppliedSettings& applied : run(versions().all()))
            texts.push_back(applied.index.str() + "/" + applied.node.str() + "=" +
                            std::to_string(applied.version));
        std::sort(texts.begin(), texts.end());
        return texts;
    }
};
MIROIR_CONTRACT(SettingsVersionsContract);

TEST_P(SettingsVersionsContract, KeepTheNewestVersionOfEachNode) {
    EXPECT_THAT(all(), IsEmpty());
    record("p1", "a", 3);
    record("p1", "b", 1);
    record("p2", "a", 7);
    record("p1", "a", 2);
    record("p1", "b", 4);
    EXPECT_THAT(all(), ElementsAre("p1/a=3", "p1/b=4", "p2/a=7"));
}

TEST_P(SettingsVersionsContract, AForgottenNodeMayStartLower) {
    record("p1", "a", 3);
    record("p1", "b", 3);
    run(versions().forget(PhysicalIndexUid("p1"), NodeId("a")));
    EXPECT_THAT(all(), ElementsAre("p1/b=3"));
    record("p1", "a", 1);
    EXPECT_THAT(all(), ElementsAre("p1/a=1", "p1/b=3"));
}

TEST_P(SettingsVersionsContract, AnIndexIsForgottenOnEveryNode) {
    record("p1", "a", 3);
    record("p1", "b", 3);
    record("p2", "a", 1);
    run(versions().forget_index(PhysicalIndexUid("p1")));
    restart();
    EXPECT_THAT(all(), ElementsAre("p2/a=1"));
}

class SecretStoreContract : public StoreContract {
protected:
    coordination::SecretStore& secrets() { return store().secrets(); }
};
MIROIR_CONTRACT(SecretStoreContract);

TEST_P(SecretStoreContract, TheFirstSecretOfANameIsKept) {
    EXPECT_EQ(run(secrets().find("seal")), std::nullopt);
    EXPECT_EQ(run(secrets().keep("seal", "one")), "one");
    EXPECT_EQ(run(secrets().keep("seal", "two")), "one");
    EXPECT_EQ(run(secrets().keep("cursor", "three")), "three");
    restart();
    EXPECT_EQ(run(secrets().find("seal")), "one");
}

class NodeMemoryContract : public StoreContract {
protected:
    coordination::NodeMemory& memory() { return store().node_memory(); }
    std::vector<std::string> all() {
        std::vector<std::string> texts;
        for (const auto& record : run(memory().all()))
            texts.push_back(record.node.str() + "=" + std::to_string(record.newest_task));
        std::sort(texts.begin(), texts.end());
        return texts;
    }
};
MIROIR_CONTRACT(NodeMemoryContract);

TEST_P(NodeMemoryContract, KeepsTheHighestTask) {
    EXPECT_THAT(all(), IsEmpty());
    run(memory().saw_task(NodeId("a"), 5));
    run(memory().saw_task(NodeId("b"), -1));
    run(memory().saw_task(NodeId("a"), 3));
    EXPECT_THAT(all(), ElementsAre("a=5", "b=-1"));
    run(memory().saw_task(NodeId("a"), 6));
    restart();
    EXPECT_THAT(all(), ElementsAre("a=6", "b=-1"));
}

TEST_P(NodeMemoryContract, ANewDiskStartsAgain) {
    run(memory().saw_task(NodeId("a"), 5));
    run(memory().reset(NodeId("a"), -1));
    EXPECT_THAT(all(), ElementsAre("a=-1"));
    run(memory().saw_task(NodeId("a"), 2));
    run(memory().reset(NodeId("c"), 4));
    EXPECT_THAT(all(), ElementsAre("a=2", "c=4"));
}

class StoreItself : public StoreContract {};
MIROIR_CONTRACT(StoreItself);

TEST_P(StoreItself, KeepsItsIncarnation) {
    const auto incarnation = run(store().incarnation());
    EXPECT_GE(incarnation.size(), 16U);
    EXPECT_EQ(run(replica(1).incarnation()), incarnation);
    restart();
    EXPECT_EQ(run(store().incarnation()), incarnation);
}

TEST_P(StoreItself, AnotherDatabaseIsAnotherIncarnation) {
    const auto other = GetParam().start({});
    EXPECT_NE(run(store().incarnation()), run(other->replica(0).incarnation()));
}

}  // namespace
}  // namespace miroir::contract
