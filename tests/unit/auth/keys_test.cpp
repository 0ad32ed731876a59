#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loop.hpp"
#include "miroir/auth/grant.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/api_key.hpp"
#include "token_maker.hpp"

namespace miroir::auth {
namespace {

using coordination::ApiKey;
using namespace std::chrono_literals;

class SetClock final : public Clock {
public:
    WallTime wall() const override { return {us}; }
    SteadyTime steady() const override { return SteadyTime(std::chrono::microseconds(us)); }
    void pass(std::chrono::seconds time) { us += std::chrono::microseconds(time).count(); }
    std::int64_t us = 1'764'000'000'000'000;
};

// Keys in memory, which may be out of reach.
struct KeysInMemory final : coordination::KeyStore {
    Async<std::uint64_t> version() override {
        if (away) throw coordination::StoreUnavailable("away");
        co_return version_;
    }
    Async<std::vector<ApiKey>> list() override {
        ++lists;
        co_return std::vector<ApiKey>(keys.rbegin(), keys.rend());
    }
    Async<Creation> create(ApiKey draft, std::uint64_t) override {
        add(draft);
        co_return Creation{coordination::KeyCreated::done, draft};
    }
    Async<std::optional<ApiKey>> update(std::string, meili::KeyUpdate) override { co_return std::nullopt; }
    Async<bool> remove(std::string uid) override {
        ++version_;
        co_return std::erase_if(keys, [&](const ApiKey& key) { return key.uid == uid; }) != 0;
    }
    Async<void> seed(std::vector<ApiKey> drafts) override {
        if (keys.empty()) keys = std::move(drafts);
        co_return;
    }
    void add(ApiKey key) {
        keys.push_back(std::move(key));
        ++version_;
    }
    std::vector<ApiKey> keys;
    std::uint64_t version_ = 1;
    int lists = 0;
    bool away = false;
};

const std::string master = "masterKey";
const std::string uid = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";

struct KeysTest : testing::Test {
    test::Loop loop;
    SetClock clock;
    KeysInMemory store;
    KeyKeeper keeper{store, {master, 5s, 300s}, loop.executor(), null_log(), null_metrics(), clock};
    KeyAuthenticator authenticator{{master, ""}, &keeper, clock};

    void keep(std::vector<std::string> actions, std::vector<std::string> indexes,
              std::optional<meili::KeyExpiry> expiry = {}) {
        ApiKey key;
        key.uid = uid;
        key.actions = std::move(actions);
        key.indexes = std::move(indexes);
        key.expires_at = std::move(expiry);
        store.keys.clear();
        store.add(key);
        loop.run(keeper.refresh());
    }
    static std::string value() { return meili::key_value(master, uid); }
    Result<Grant> authorize(const std::string& token, std::string_view action, std::string index = "") const {
        const auto header = "Bearer " + token;
        return authenticator.authorize(&header, action, index.empty() ? nullptr : &index);
    }
    std::string answer(const std::string& token, std::string_view action,
                       const std::string& index = "") const {
        const auto grant = authorize(token, action, index);
        return grant ? "granted" : grant.error().message;
    }
    static std::string tenant_token(const std::string& rules) {
        return test::make_token(R"({"alg":"HS256"})",
                                R"({"apiKeyUid":")" + uid + R"(","searchRules":)" + rules + "}", value());
    }
};

const std::string invalid = "The provided API key is invalid.";

TEST_F(KeysTest, AKeyMayDoItsActionsInItsIndexes) {
    keep({"search", "documents.*"}, {"dog", "cat*"});
    EXPECT_EQ(answer(value(), "search", "dog"), "granted");
    EXPECT_EQ(answer(value(), "documents.add", "cats"), "granted");
    EXPECT_EQ(answer(value(), "settings.get", "dog"), invalid);
    EXPECT_EQ(answer(value(), "search", "doggo"),
              R"(The API key cannot acces the index `doggo`, authorized indexes are ["cat*", "dog"].)");
    EXPECT_EQ(answer(value(), "settings.get", "doggo").substr(0, 27), "The API key cannot acces th")
        << "the index is looked at first";
    EXPECT_EQ(answer("0" + value(), "search", "dog"), invalid);
    EXPECT_EQ(answer("", "search", "dog"), invalid);
    EXPECT_EQ(answer(master, "keys.get"), "granted");
}

TEST_F(KeysTest, TheValueIsHexInAnyCase) {
    keep({"search"}, {"*"});
    auto upper = value();
    for (auto& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(answer(upper, "search", "dog"), "granted");
}

TEST_F(KeysTest, OnRoutesOfNoIndexAKeyForSomeIsNarrowedOrRefused) {
    keep({"*"}, {"dog"});
    EXPECT_EQ(answer(value(), "version"), invalid);
    EXPECT_EQ(answer(value(), "keys.get"), invalid);
    const auto grant = authorize(value(), "tasks.get");
    ASSERT_TRUE(grant);
    EXPECT_TRUE(grant.value().allows(LogicalIndexUid("dog")));
    EXPECT_FALSE(grant.value().allows(LogicalIndexUid("cat")));
    keep({"*"}, {"dog", "*"});
    EXPECT_EQ(answer(value(), "keys.get"), "granted");
    EXPECT_FALSE(authorize(value(), "tasks.get").value().index_allowed);
}

TEST_F(KeysTest, CreatingAnIndexOnTheWayNeedsTheActionForIt) {
    keep({"documents.add"}, {"*"});
    EXPECT_FALSE(authorize(value(), "documents.add", "dog").value().may_create_index);
    keep({"documents.add", "indexes.create"}, {"dog"});
    EXPECT_TRUE(authorize(value(), "documents.add", "dog").value().may_create_index);
}

TEST_F(KeysTest, AnExpiredKeyMayNothing) {
    keep({"*"}, {"*"}, meili::KeyExpiry{{clock.us + 2'000'000}, ""});
    EXPECT_EQ(answer(value(), "search", "dog"), "granted");
    clock.pass(2s);
    EXPECT_EQ(answer(value(), "search", "dog"), invalid);
    EXPECT_EQ(answer(tenant_token(R"(["*"])"), "search", "dog"), invalid);
}

TEST_F(KeysTest, ATenantTokenSearchesByItsRules) {
    keep({"search"}, {"cat*", "dog"});
    const auto token = tenant_token(R"({"dog":{"filter":"age > 3"},"cats":null,"bird":{}})");
    const auto grant = authorize(token, "search", "dog");
    ASSERT_TRUE(grant) << grant.error().message;
    EXPECT_EQ(grant.value().filter_for(LogicalIndexUid("dog")), R"("age > 3")");
    EXPECT_EQ(grant.value().filter_for(LogicalIndexUid("cats")), std::nullopt);
    EXPECT_TRUE(grant.value().allows(LogicalIndexUid("cats")));
    EXPECT_FALSE(grant.value().allows(LogicalIndexUid("catsy"))) << "only its key allows it";
    EXPECT_FALSE(grant.value().allows(LogicalIndexUid("bird"))) << "only its rules allow it";
    EXPECT_EQ(
        answer(token, "search", "catsy"),
        "The provided tenant token cannot acces the index `catsy`, allowed indexes are [\"bird\", \"cats\", "
        "\"dog\"].");
    EXPECT_EQ(answer(token, "search", "bird"),
              "The API key used to generate this tenant token cannot acces the index `bird`.");
    EXPECT_EQ(answer(token, "documents.get", "dog"), invalid);
    EXPECT_EQ(answer(token, "version"), invalid);
}

TEST_F(KeysTest, ATenantTokenIsWorthWhatItsKeyIs) {
    keep({"documents.get"}, {"*"});
    EXPECT_EQ(answer(tenant_token(R"(["*"])"), "search", "dog"), invalid);
    keep({"search"}, {"*"});
    EXPECT_EQ(answer(tenant_token(R"(["*"])"), "search", "dog"), "granted");
    loop.run(store.remove(uid));
    loop.run(keeper.refresh());
    EXPECT_EQ(answer(tenant_token(R"(["*"])"), "search", "dog"), invalid);
}

TEST_F(KeysTest, TheKeysAreReadAgainOnlyWhenTheyHaveChanged) {
    keep({"search"}, {"*"});
    const int before = store.lists;
    loop.run(keeper.refresh());
    EXPECT_EQ(store.lists, before);
    loop.run(store.remove(uid));
    loop.run(keeper.refresh());
    EXPECT_EQ(store.lists, before + 1);
    EXPECT_EQ(answer(value(), "search", "dog"), invalid);
}

TEST_F(KeysTest, WithoutTheStoreKeysHoldForAWhile) {
    keep({"search"}, {"*"});
    store.away = true;
    clock.pass(299s);
    EXPECT_THROW(loop.run(keeper.refresh()), coordination::StoreUnavailable);
    EXPECT_EQ(answer(value(), "search", "dog"), "granted");
    clock.pass(1s);
    EXPECT_EQ(authorize(value(), "search", "dog").error().code, "miroir_coordination_unavailable");
    EXPECT_EQ(authorize("nonsense", "search", "dog").error().code, "miroir_coordination_unavailable");
    EXPECT_EQ(answer(master, "search", "dog"), "granted");
    store.away = false;
    loop.run(keeper.refresh());
    EXPECT_EQ(answer(value(), "search", "dog"), "granted");
}

TEST_F(KeysTest, ANewStoreGetsMeilisearchsDefaultKeys) {
    loop.run(keeper.start());
    loop.run(keeper.stop());
    std::vector<std::string> names;
    for (const auto& key : store.keys) {
        names.push_back(*key.name);
        EXPECT_EQ(key.indexes, std::vector<std::string>{"*"});
        EXPECT_NE(keeper.current()->by_value(meili::key_value(master, key.uid)), nullptr);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"Default Chat API Key", "Default Read-Only Admin API Key",
                                               "Default Admin API Key", "Default Search API Key"}));
}

}  // namespace
}  // namespace miroir::auth
