#include "miroir/tasks/job_ownership.hpp"

#include <gtest/gtest.h>

namespace miroir::tasks {
namespace {

TEST(JobOwnership, ASoleReplicaDoesEverything) {
    const JobOwnership sole;
    EXPECT_TRUE(sole.owns("task pruning"));
    EXPECT_TRUE(sole.owns_task(1, ReplicaId("other"), false));
}

TEST(JobOwnership, ATaskIsItsReplicasWhileThatOneLivesAndRendezvousDecidesAfterwards) {
    std::string asked;
    JobOwnership one{ReplicaId("r"), [&](std::string_view job) {
                         asked = job;
                         return true;
                     }};
    EXPECT_TRUE(one.owns_task(7, ReplicaId("r"), false));
    EXPECT_FALSE(one.owns_task(7, ReplicaId("s"), false));
    EXPECT_EQ(asked, "");
    EXPECT_TRUE(one.owns_task(7, ReplicaId("s"), true));
    EXPECT_EQ(asked, "task 7");
    one.is_mine = [](std::string_view) { return false; };
    EXPECT_FALSE(one.owns_task(7, ReplicaId("s"), true));
    EXPECT_TRUE(one.owns_task(7, ReplicaId("r"), false)) << "its own, whatever rendezvous says";
    EXPECT_FALSE(one.owns("task pruning"));
}

}  // namespace
}  // namespace miroir::tasks
