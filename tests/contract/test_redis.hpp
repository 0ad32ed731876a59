#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "miroir/stores/redis/store.hpp"

struct redisContext;

namespace miroir::contract {

// Keys of its own on the server that MIROIR_TEST_REDIS names; they are deleted at the end.
class TestRedis {
public:
    static bool is_there();

    TestRedis();
    ~TestRedis();
    TestRedis(TestRedis&&) = delete;

    // With the prefix of these keys.
    std::string url() const;
    // The same server through another port.
    std::string url_through(unsigned short port) const;
    static unsigned short server_port();

    // With the stopped clock if it is.
    stores::RedisStoreOptions options() const;

    void stop_clock();
    void move_clock(std::chrono::milliseconds by);

    // A command of redis-cli; `{}` in a part stands for what all keys begin with. Its answer as text.
    std::string run(std::vector<std::string> command);

private:
    const std::string prefix_;
    bool clock_stopped_ = false;
    std::unique_ptr<redisContext, void (*)(redisContext*)> connection_;
};

}  // namespace miroir::contract
