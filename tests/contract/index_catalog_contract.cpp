#include <atomic>

#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::CatalogChange;

const LogicalIndexUid books("books");
const LogicalIndexUid films("films");

class IndexCatalogContract : public StoreContract {
protected:
    coordination::IndexCatalog& catalog() { return store().catalog(); }
    cluster::IndexEntry create(const std::string& logical, const std::string& physical) {
        return run(catalog().create(an_index(logical, physical))).value();
    }
    cluster::IndexEntry get(const LogicalIndexUid& uid) { return run(catalog().find(uid)).value(); }
};
MIROIR_CONTRACT(IndexCatalogContract);

TEST_P(IndexCatalogContract, KeepsWhatWasCreated) {
    auto entry = an_index("books", "p1");
    entry.primary_key = "id";
    entry.settings_version = 3;
    entry.placement.shards[1][0].state = cluster::CopyState::filling;
    const auto created = run(catalog().create(entry)).value();

    EXPECT_GE(created.generation, 1U);
    EXPECT_EQ(created.created_at, created.updated_at);
    EXPECT_GT(created.created_at.us, 0);
    entry.generation = created.generation;
    entry.created_at = entry.updated_at = created.created_at;
    EXPECT_EQ(created, entry);
    EXPECT_EQ(get(books), created);
}

TEST_P(IndexCatalogContract, ListsByLogicalUid) {
    create("b", "p1");
    create("a", "p2");
    create("B", "p3");
    std::vector<std::string> uids;
    for (const auto& entry : run(catalog().list())) uids.push_back(entry.logical.str());
    EXPECT_EQ(uids, (std::vector<std::string>{"B", "a", "b"}));
    EXPECT_EQ(run(catalog().find(LogicalIndexUid("c"))), std::nullopt);
}

TEST_P(IndexCatalogContract, ALogicalUidIsTakenOnce) {
    const auto first = create("books", "p1");
    EXPECT_EQ(run(catalog().create(an_index("books", "p2"))), std::nullopt);
    EXPECT_EQ(get(books), first);
}

TEST_P(IndexCatalogContract, APhysicalUidIsNeverUsedAgain) {
    const auto first = create("books", "p1");
    EXPECT_EQ(run(catalog().create(an_index("films", "p1"))), std::nullopt);
    run(catalog().remove(books, first.generation));
    EXPECT_EQ(run(catalog().create(an_index("books", "p1"))), std::nullopt);
    EXPECT_EQ(run(catalog().find(books)), std::nullopt);
}

TEST_P(IndexCatalogContract, AGenerationIsNeverUsedAgain) {
    const auto first = create("books", "p1");
    run(catalog().set_primary_key(books, first.generation, "id"));
    const auto last = get(books).generation;
    EXPECT_EQ(run(catalog().remove(books, last)), CatalogChange::done);
    restart();
    EXPECT_GT(create("books", "p2").generation, last);
}

TEST_P(IndexCatalogContract, ThePrimaryKeyIsSetOnce) {
    const auto first = create("books", "p1");
    let_time_pass(1s);
    EXPECT_EQ(run(catalog().set_primary_key(books, first.generation, "id")), CatalogChange::done);
    const auto second = get(books);
    EXPECT_EQ(second.primary_key, "id");
    EXPECT_GT(second.generation, first.generation);
    EXPECT_GT(second.updated_at, first.updated_at);
    EXPECT_EQ(second.created_at, first.created_at);

    EXPECT_EQ(run(catalog().set_primary_key(books, first.generation, "isbn")),
              CatalogChange::stale_generation);
    EXPECT_EQ(run(catalog().set_primary_key(books, second.generation, "isbn")),
              CatalogChange::stale_generation);
    EXPECT_EQ(run(catalog().set_primary_key(films, 1, "id")), CatalogChange::not_found);
    EXPECT_EQ(get(books), second);
}

TEST_P(IndexCatalogContract, ThePrimaryKeyCanBeReplaced) {
    const auto first = create("books", "p1");
    EXPECT_EQ(run(catalog().change_primary_key(books, first.generation, "id")), CatalogChange::done);
    EXPECT_EQ(run(catalog().change_primary_key(books, first.generation, "isbn")),
              CatalogChange::stale_generation);
    const auto second = get(books);
    EXPECT_EQ(second.primary_key, "id");
    EXPECT_EQ(run(catalog().change_primary_key(books, second.generation, std::nullopt)), CatalogChange::done);
    EXPECT_EQ(get(books).primary_key, std::nullopt);
    EXPECT_GT(get(books).generation, second.generation);
    EXPECT_EQ(run(catalog().change_primary_key(films, 1, "id")), CatalogChange::not_found);
}

TEST_P(IndexCatalogContract, SettingsRaiseTheirVersionByOne) {
    const auto first = create("books", "p1");
    const std::string settings = R"({"stopWords":["le","là"]})";
    EXPECT_EQ(run(catalog().set_settings(books, first.generation, settings)), CatalogChange::done);
    const auto second = get(books);
    EXPECT_EQ(second.settings_json, settings);
    EXPECT_EQ(second.settings_version, first.settings_version + 1);
    EXPECT_GT(second.generation, first.generation);
    EXPECT_EQ(run(catalog().set_settings(books, first.generation, "{}")), CatalogChange::stale_generation);
    EXPECT_EQ(run(catalog().set_settings(films, 1, "{}")), CatalogChange::not_found);
    EXPECT_EQ(get(books), second);
}

TEST_P(IndexCatalogContract, ARenamedIndexKeepsItsPhysicalOne) {
    const auto first = create("books", "p1");
    EXPECT_EQ(run(catalog().rename(books, first.generation, films)), CatalogChange::done);
    EXPECT_EQ(run(catalog().find(books)), std::nullopt);
    const auto renamed = get(films);
    EXPECT_EQ(renamed.physical, first.physical);
    EXPECT_EQ(renamed.placement, first.placement);
    EXPECT_EQ(renamed.created_at, first.created_at);
    EXPECT_GT(renamed.generation, first.generation);
}

TEST_P(IndexCatalogContract, ARenameGivesANewGenerationUnderBothNames) {
    auto old_films = create("films", "p1");
    for (int i = 0; i < 3; ++i) {
        run(catalog().set_settings(films, old_films.generation, "{}"));
        old_films = get(films);
    }
    run(catalog().remove(films, old_films.generation));
    const auto first = create("books", "p2");
    run(catalog().rename(books, first.generation, films));
    EXPECT_GT(get(films).generation, old_films.generation);
    EXPECT_GT(create("books", "p3").generation, first.generation);
}

TEST_P(IndexCatalogContract, ARenameNeedsAFreeNameAndACurrentGeneration) {
    const auto first = create("books", "p1");
    create("films", "p2");
    EXPECT_EQ(run(catalog().rename(books, first.generation, films)), CatalogChange::name_taken);
    EXPECT_EQ(run(catalog().rename(books, first.generation + 1, LogicalIndexUid("c"))),
              CatalogChange::stale_generation);
    EXPECT_EQ(run(catalog().rename(LogicalIndexUid("c"), 1, LogicalIndexUid("d"))), CatalogChange::not_found);
    EXPECT_EQ(get(books), first);
}

TEST_P(IndexCatalogContract, RemovalNeedsTheCurrentGeneration) {
    const auto first = create("books", "p1");
    EXPECT_EQ(run(catalog().remove(books, first.generation + 1)), CatalogChange::stale_generation);
    EXPECT_EQ(run(catalog().remove(films, 1)), CatalogChange::not_found);
    EXPECT_EQ(run(catalog().remove(books, first.generation)), CatalogChange::done);
    EXPECT_TRUE(run(catalog().list()).empty());
}

TEST_P(IndexCatalogContract, OnlyUidsOfIndexesThatAreGoneCountAsRemoved) {
    const auto entry = create("books", "p1");
    create("films", "p2");
    const std::vector<PhysicalIndexUid> all = {PhysicalIndexUid("p1"), PhysicalIndexUid("p2"),
                                               PhysicalIndexUid("foreign")};
    EXPECT_THAT(run(catalog().removed_among(all)), testing::IsEmpty());
    run(catalog().rename(films, 1, LogicalIndexUid("movies")));
    run(catalog().remove(books, entry.generation));
    EXPECT_THAT(run(catalog().removed_among(all)), testing::ElementsAre(PhysicalIndexUid("p1")));
    restart();
    EXPECT_THAT(run(catalog().removed_among(all)), testing::ElementsAre(PhysicalIndexUid("p1")));
}

TEST_P(IndexCatalogContract, ATouchMovesOnlyTheUpdateTime) {
    auto entry = create("books", "p1");
    let_time_pass(2s);
    run(catalog().touch(books));
    const auto touched = get(books);
    EXPECT_GE(touched.updated_at.us, entry.updated_at.us + 2'000'000);
    entry.updated_at = touched.updated_at;
    EXPECT_EQ(touched, entry);
    run(catalog().touch(films));
}

TEST_P(IndexCatalogContract, OneOfManyPrimaryKeysWins) {
    const auto first = create("books", "p1");
    std::atomic<int> winners = 0;
    at_once(6, [&](std::size_t i) {
        auto call = replica(i).catalog().set_primary_key(books, first.generation, "key" + std::to_string(i));
        if (run(std::move(call)) == CatalogChange::done) ++winners;
    });
    EXPECT_EQ(winners, 1);
}

TEST_P(IndexCatalogContract, OneOfManyCreatorsWins) {
    std::atomic<int> winners = 0;
    at_once(6, [&](std::size_t i) {
        if (run(replica(i).catalog().create(an_index("books", "p" + std::to_string(i))))) ++winners;
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(run(catalog().list()).size(), 1U);
}

}  // namespace
}  // namespace miroir::contract
