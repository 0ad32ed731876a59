#include "miroir/stores/redis/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "commit_cutter.hpp"
#include "lost_reply.hpp"
#include "miroir/coordination/store_error.hpp"
#include "run_async.hpp"
#include "test_redis.hpp"

namespace miroir::stores {
namespace {

using contract::TestRedis;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::string& url, RedisStoreOptions options = {}) {
    try {
        open_redis_store(url, std::move(options));
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "opened";
}

class RedisStore : public testing::Test {
protected:
    void SetUp() override {
        if (!TestRedis::is_there()) GTEST_SKIP() << "MIROIR_TEST_REDIS names no server";
        server_.emplace();
    }
    std::optional<TestRedis> server_;
};

TEST_F(RedisStore, TellsWhatItIs) {
    const auto store = open_redis_store(server_->url());
    EXPECT_EQ(store->backend(), "redis");
    EXPECT_EQ(store->mode(), "shared");
    EXPECT_EQ(run(store->incarnation()).size(), 32U);
}

TEST_F(RedisStore, ReplicasThatStartTogetherHaveOneIncarnation) {
    constexpr std::size_t replicas = 6;
    std::latch start(replicas);
    std::vector<std::string> incarnations(replicas);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < replicas; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            incarnations[i] = run(open_redis_store(server_->url())->incarnation());
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(incarnations, testing::Each(incarnations.front()));
}

TEST_F(RedisStore, WhatANewerProgramMadeIsRefused) {
    open_redis_store(server_->url());
    server_->run({"HSET", "{}facts", "schema", "1000"});
    EXPECT_THAT(refusal(server_->url()), HasSubstr("schema version 1000"));
}

TEST_F(RedisStore, AServerThatMayForgetIsRefusedWhereThatMatters) {
    RedisStoreOptions strict;
    strict.require_durable = true;
    EXPECT_THAT(refusal(server_->url(), strict), HasSubstr("appendfsync is everysec and must be always"));
    std::string warned;
    RedisStoreOptions lenient;
    lenient.warn = [&](const std::string& what) { warned = what; };
    EXPECT_EQ(refusal(server_->url(), lenient), "opened");
    EXPECT_THAT(warned, HasSubstr("appendfsync"));
    server_->run({"CONFIG", "SET", "appendfsync", "always"});
    EXPECT_EQ(refusal(server_->url(), strict), "opened");
    server_->run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    EXPECT_THAT(refusal(server_->url(), strict), HasSubstr("maxmemory-policy"));
    server_->run({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    server_->run({"CONFIG", "SET", "appendfsync", "everysec"});
}

TEST_F(RedisStore, ClustersWithOtherPrefixesShareNothing) {
    const TestRedis other;
    const auto store = open_redis_store(server_->url());
    const auto beside = open_redis_store(other.url());
    run(store->node_memory().saw_task(NodeId("a"), 1));
    EXPECT_TRUE(run(beside->node_memory().all()).empty());
}

TEST_F(RedisStore, AConnectionThatBrokeIsMadeAnew) {
    const auto store = open_redis_store(server_->url());
    run(store->node_memory().saw_task(NodeId("a"), 1));
    server_->run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    std::size_t failed = 0;
    for (int tries = 0; tries < 10; ++tries) {
        try {
            run(store->node_memory().saw_task(NodeId("a"), 2));
            break;
        } catch (const coordination::StoreUnavailable&) {
            ++failed;
        }
    }
    EXPECT_LE(failed, 1U);
    EXPECT_EQ(run(store->node_memory().all())[0].newest_task, 2);
}

TEST_F(RedisStore, ScriptsThatTheServerForgotAreBroughtAgain) {
    const auto store = open_redis_store(server_->url());
    server_->run({"SCRIPT", "FLUSH"});
    EXPECT_THROW(run(store->node_memory().saw_task(NodeId("a"), 2)), coordination::StoreUnavailable);
    run(store->node_memory().saw_task(NodeId("a"), 2));
    EXPECT_EQ(run(store->node_memory().all())[0].newest_task, 2);
}

TEST_F(RedisStore, ALostReplyLeavesTheWholeStepDone) {
    contract::CommitCutter cutter(TestRedis::server_port(), "EVALSHA");
    const auto store = open_redis_store(server_->url_through(cutter.port()));
    contract::expect_whole_steps_after_lost_replies(*store, cutter);
}

TEST_F(RedisStore, AServerThatDoesNotAnswerIsGivenUp) {
    RedisStoreOptions options;
    options.step_timeout = 200ms;
    const auto store = open_redis_store(server_->url(), options);
    server_->run({"CLIENT", "PAUSE", "1000", "ALL"});
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_THROW(run(store->view_version()), coordination::StoreUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    for (;;) {
        try {
            run(store->view_version());
            break;
        } catch (const coordination::StoreUnavailable&) {
            std::this_thread::yield();
        }
    }
}

TEST_F(RedisStore, TextsMayHoldAnyByte) {
    const auto store = open_redis_store(server_->url());
    const std::string text("a\0b\r\n\xff", 6);
    run(store->secrets().keep("odd", text));
    EXPECT_EQ(run(store->secrets().find("odd")), text);
}

TEST_F(RedisStore, ManyStepsAtOnceAreAnsweredInTheirOrder) {
    const auto store = open_redis_store(server_->url());
    std::vector<TaskUid> uids;
    const auto add = [&]() -> Async<void> {
        coordination::TaskDraft draft;
        draft.type = "dumpCreation";
        ReplicaId replica("r");
        std::optional<coordination::TaskFinish> open;
        const auto task = co_await store->tasks().add(std::move(draft), std::move(replica), std::move(open));
        uids.push_back(task.uid);
    };
    asio::io_context context(1);
    for (int i = 0; i < 200; ++i) asio::co_spawn(context, add(), [](std::exception_ptr) {});
    while (uids.size() < 200) context.run_one();
    EXPECT_TRUE(std::is_sorted(uids.begin(), uids.end()));
}

TEST(RedisUrl, MessagesDoNotTellThePassword) {
    RedisStoreOptions options;
    options.connect_timeout = 2s;
    for (const char* url :
         {"redis://me:hunter2@127.0.0.1:1/0", "redis://:hunter2@no.such.host.invalid",
          "rediss://:hunter2@127.0.0.1:1", "redis://hunter2@127.0.0.1:1", "redis://:hunter%zz2@127.0.0.1:1",
          "redis://:hunter2@127.0.0.1:port", "redis://:hunter2@127.0.0.1:1/db",
          "redis://:hunter2@127.0.0.1:1/0?no=1", "redis://:hunter2@", "postgres://me:hunter2@127.0.0.1"}) {
        const auto text = refusal(url, options);
        EXPECT_NE(text, "opened") << url;
        EXPECT_THAT(text, Not(HasSubstr("hunter"))) << url;
    }
    EXPECT_THAT(refusal("redis://127.0.0.1:1"), HasSubstr("127.0.0.1:1"));
}

TEST_F(RedisStore, AWrongPasswordIsRefusedByTheServer) {
    auto url = server_->url();
    url.replace(url.find(':', 6) + 1, url.find('@') - url.find(':', 6) - 1, "hunter2");
    const auto text = refusal(url);
    EXPECT_THAT(text, HasSubstr("refuses AUTH"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace miroir::stores
