#include <atomic>
#include <utility>

#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::ApiKey;
using coordination::KeyCreated;
using testing::ElementsAre;

constexpr std::uint64_t many = 1'000;

ApiKey a_key(const std::string& uid) {
    ApiKey key;
    key.uid = uid;
    key.name = "Name of " + uid;
    key.actions = {"search", "documents.*"};
    key.indexes = {"shop", "blog*"};
    return key;
}

class KeyStoreContract : public StoreContract {
protected:
    coordination::KeyStore& keys(std::size_t number = 0) { return replica(number).keys(); }
    KeyCreated create(const std::string& uid, std::uint64_t keys_max = many) {
        return run(keys().create(a_key(uid), keys_max)).result;
    }
    std::vector<std::string> uids(std::size_t number = 0) {
        std::vector<std::string> uids;
        for (const auto& key : run(keys(number).list())) uids.push_back(key.uid);
        return uids;
    }
};
MIROIR_CONTRACT(KeyStoreContract);

TEST_P(KeyStoreContract, KeepsWhatAKeyIs) {
    auto draft = a_key("k");
    draft.description = std::string("a\0b", 3);
    draft.expires_at = meili::KeyExpiry{{4'102'444'799'000'000}, "2100-01-01T01:59:59+02:00"};
    const auto creation = run(keys().create(draft, many));
    EXPECT_EQ(creation.result, KeyCreated::done);
    EXPECT_GT(creation.key.created_at.us, 0);
    EXPECT_EQ(creation.key.updated_at, creation.key.created_at);
    draft.created_at = creation.key.created_at;
    draft.updated_at = creation.key.updated_at;
    EXPECT_EQ(creation.key, draft);
    EXPECT_THAT(run(keys(1).list()), ElementsAre(draft));
    restart();
    EXPECT_THAT(run(keys().list()), ElementsAre(draft));
}

TEST_P(KeyStoreContract, ShowsTheNewestFirst) {
    for (const auto* uid : {"b", "c", "a"}) create(uid);
    EXPECT_THAT(uids(), ElementsAre("a", "c", "b"));
}

TEST_P(KeyStoreContract, AUidIsTakenOnce) {
    EXPECT_EQ(create("k"), KeyCreated::done);
    const auto version = run(keys().version());
    EXPECT_EQ(create("k"), KeyCreated::uid_taken);
    EXPECT_EQ(run(keys().version()), version);
    EXPECT_TRUE(run(keys().remove("k")));
    EXPECT_EQ(create("k"), KeyCreated::done);
}

TEST_P(KeyStoreContract, KeepsNoMoreThanItMay) {
    EXPECT_EQ(create("a", 2), KeyCreated::done);
    EXPECT_EQ(create("b", 2), KeyCreated::done);
    EXPECT_EQ(create("c", 2), KeyCreated::full);
    EXPECT_THAT(uids(), ElementsAre("b", "a"));
}

TEST_P(KeyStoreContract, AChangeNamesWhatItChanges) {
    create("k");
    let_time_pass(5ms);
    meili::KeyUpdate change;
    change.description = "new";
    auto changed = run(keys().update("k", change));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->name, "Name of k");
    EXPECT_EQ(changed->description, "new");
    EXPECT_GT(changed->updated_at, changed->created_at);
    change = {};
    change.name = std::optional<std::string>();
    changed = run(keys().update("k", change));
    EXPECT_EQ(changed->name, std::nullopt);
    EXPECT_EQ(changed->description, "new");
    EXPECT_THAT(run(keys(1).list()), ElementsAre(*changed));
    EXPECT_EQ(run(keys().update("other", change)), std::nullopt);
}

TEST_P(KeyStoreContract, ARemovedKeyIsGone) {
    create("a");
    create("b");
    EXPECT_TRUE(run(keys().remove("a")));
    EXPECT_FALSE(run(keys(1).remove("a")));
    EXPECT_THAT(uids(1), ElementsAre("b"));
}

TEST_P(KeyStoreContract, EveryChangeIsSeenInTheVersionsAndNothingElse) {
    auto version = run(keys().version());
    auto view = run(store().view_version());
    const auto raised = [&]() {
        const auto before = std::exchange(version, run(keys(1).version()));
        const auto view_before = std::exchange(view, run(replica(1).view_version()));
        EXPECT_EQ(version > before, view > view_before);
        return version > before;
    };
    create("k");
    EXPECT_TRUE(raised());
    run(keys().update("k", {}));
    EXPECT_TRUE(raised());
    run(keys().update("other", {}));
    run(keys().remove("other"));
    EXPECT_FALSE(raised());
    run(keys().remove("k"));
    EXPECT_TRUE(raised());
    run(keys().seed({a_key("a")}));
    EXPECT_TRUE(raised());
    run(keys().seed({a_key("b")}));
    EXPECT_FALSE(raised());
}

TEST_P(KeyStoreContract, OfManyThatSeedOneDoes) {
    at_once(6, [&](std::size_t i) {
        const auto name = std::to_string(i);
        run(keys(i % 2).seed({a_key("first " + name), a_key("second " + name)}));
    });
    const auto seeded = uids();
    ASSERT_EQ(seeded.size(), 2U);
    EXPECT_EQ(seeded[0].substr(0, 7), "second ");
    EXPECT_EQ(seeded[1], "first " + seeded[0].substr(7));
}

TEST_P(KeyStoreContract, OfManyThatCreateAUidOneDoes) {
    std::atomic<int> done = 0;
    at_once(6, [&](std::size_t i) {
        if (run(keys(i % 2).create(a_key("k"), many)).result == KeyCreated::done) ++done;
    });
    EXPECT_EQ(done, 1);
    EXPECT_THAT(uids(), ElementsAre("k"));
}

}  // namespace
}  // namespace miroir::contract
