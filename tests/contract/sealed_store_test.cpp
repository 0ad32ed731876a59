#include <fstream>
#include <sstream>

#include "miroir/coordination/store_error.hpp"
#include "miroir/stores/sealed/store.hpp"
#include "miroir/stores/sqlite/store.hpp"
#include "store_contract.hpp"
#include "temporary_folder.hpp"

namespace miroir::stores {
namespace {

const std::string secret = "a-secret-api-key-5b1f";
const std::string settings =
    R"({"stopWords":[],"embedders":{"e":{"source":"rest","apiKey":")" + secret + R"("}}})";

struct SealedStoreTest : testing::Test {
    TemporaryFolder folder;
    const SealKey key = *seal_key_from_base64(random_seal_key());

    std::unique_ptr<coordination::Store> open_inner() {
        return open_sqlite_store("sqlite://" + (folder.path() / "miroir.db").string());
    }
    std::unique_ptr<coordination::Store> open(const SealKey& with) {
        return seal_store(open_inner(), Sealer({with}, "test"));
    }

    // Every byte of the database, its log included.
    std::string all_files() {
        std::ostringstream bytes;
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
            std::ifstream in(file.path(), std::ios::binary);
            bytes << in.rdbuf();
        }
        return bytes.str();
    }

    static cluster::IndexEntry an_index(const std::string& uid) {
        auto entry = contract::an_index(uid, "p-" + uid);
        entry.settings_json = settings;
        return entry;
    }

    static coordination::EntryDraft a_change() {
        coordination::EntryDraft draft;
        draft.replica = ReplicaId("r");
        draft.plan.index = LogicalIndexUid("books");
        draft.plan.conflicts.whole_index = true;
        draft.operation = "settings_update";
        draft.operation_body = R"({"change":)" + settings + "}";
        return draft;
    }
};

TEST_F(SealedStoreTest, NoFileOfTheDatabaseHoldsASecret) {
    auto store = open(key);
    run(store->peers().beat({ReplicaId("r"), "1"}, std::chrono::hours(1)));
    ASSERT_TRUE(std::holds_alternative<coordination::OpenEntry>(run(store->journal().open(a_change()))));
    run(store->catalog().create(an_index("created")));
    auto plain = contract::an_index("changed", "p-changed");
    const auto entry = run(store->catalog().create(plain));
    run(store->catalog().set_settings(entry->logical, entry->generation, settings));
    EXPECT_EQ(run(store->catalog().find(LogicalIndexUid("created")))->settings_json, settings);
    for (const auto& one : run(store->catalog().list())) EXPECT_EQ(one.settings_json, settings);
    EXPECT_EQ(run(store->journal().unfinished()).front().operation_body, a_change().operation_body);
    EXPECT_EQ(all_files().find(secret), std::string::npos);
    EXPECT_NE(all_files().find("p-changed"), std::string::npos) << "the files are read at all";
    store.reset();
    EXPECT_EQ(all_files().find(secret), std::string::npos);
}

TEST_F(SealedStoreTest, AnotherKeyOpensNothing) {
    run(open(key)->catalog().create(an_index("books")));
    auto store = open(*seal_key_from_base64(random_seal_key()));
    EXPECT_THROW(run(store->catalog().list()), coordination::StoreUnavailable);
    EXPECT_THROW(run(store->catalog().find(LogicalIndexUid("books"))), coordination::StoreUnavailable);
}

TEST_F(SealedStoreTest, WhatWasStoredOpenlyIsRead) {
    run(open_inner()->catalog().create(an_index("books")));
    EXPECT_EQ(run(open(key)->catalog().find(LogicalIndexUid("books")))->settings_json, settings);
}

TEST_F(SealedStoreTest, SettingsWithoutSecretsStayReadable) {
    auto entry = contract::an_index("books", "p-books");
    run(open(key)->catalog().create(entry));
    EXPECT_EQ(run(open_inner()->catalog().find(entry.logical))->settings_json, entry.settings_json);
}

TEST(HoldsSecrets, OnlyWhereThereAreEmbedders) {
    EXPECT_TRUE(holds_secrets(settings));
    EXPECT_TRUE(holds_secrets(R"({"embedders":{},"change":{"embedders":{"e":null}}})"));
    EXPECT_FALSE(holds_secrets(R"({"embedders":{},"stopWords":[]})"));
    EXPECT_FALSE(holds_secrets(R"({"change":{"embedders":null}})"));
    EXPECT_FALSE(holds_secrets("{}"));
    EXPECT_FALSE(holds_secrets(""));
}

}  // namespace
}  // namespace miroir::stores
