#include "miroir/membership/ownership.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace miroir::membership {
namespace {

std::vector<ReplicaId> replicas(std::size_t count) {
    std::vector<ReplicaId> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back("replica-" + std::to_string(i));
    return all;
}

std::string job(int i) {
    return "poll node-" + std::to_string(i);
}

TEST(Ownership, NobodyOwnsAJobWithoutReplicas) {
    EXPECT_EQ(owner_of("poll", {}), std::nullopt);
    EXPECT_EQ(owner_of("poll", replicas(1)), ReplicaId("replica-0"));
}

TEST(Ownership, EveryReplicaNamesTheSameOwnerWhateverOrderItKnows) {
    std::mt19937 random(1);
    auto all = replicas(5);
    for (int i = 0; i < 100; ++i) {
        const auto owner = owner_of(job(i), all);
        std::shuffle(all.begin(), all.end(), random);
        EXPECT_EQ(owner_of(job(i), all), owner);
    }
}

TEST(Ownership, AReplicaThatGoesMovesOnlyItsOwnJobs) {
    const auto all = replicas(5);
    auto fewer = all;
    fewer.erase(fewer.begin() + 2);
    for (int i = 0; i < 500; ++i) {
        const auto before = owner_of(job(i), all);
        const auto after = owner_of(job(i), fewer);
        if (before == all[2]) {
            EXPECT_NE(after, before);
        } else {
            EXPECT_EQ(after, before);
        }
    }
}

TEST(Ownership, JobsAreSharedOutEvenly) {
    std::map<ReplicaId, int> owned;
    for (int i = 0; i < 4000; ++i) ++owned[*owner_of(job(i), replicas(4))];
    ASSERT_EQ(owned.size(), 4U);
    for (const auto& [replica, jobs] : owned) EXPECT_NEAR(jobs, 1000, 200) << replica.str();
}

}  // namespace
}  // namespace miroir::membership
