#include "test_redis.hpp"

#include <hiredis/hiredis.h>

#include <cstdlib>
#include <regex>
#include <stdexcept>

#include "miroir/base/hash.hpp"

namespace miroir::contract {

namespace {

// redis://:password@host:port
std::smatch server(const std::string& url) {
    static const std::regex form("redis://:([^@]*)@([^:]*):([0-9]+)");
    std::smatch found;
    if (!std::regex_match(url, found, form)) throw std::runtime_error("MIROIR_TEST_REDIS has another form");
    return found;
}

std::string server_url() {
    const char* url = std::getenv("MIROIR_TEST_REDIS");
    return url == nullptr ? "" : url;
}

std::string text_of(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
    return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
}

}  // namespace

bool TestRedis::is_there() {
    return !server_url().empty();
}

std::string TestRedis::url() const {
    return server_url() + "?prefix=" + prefix_;
}

std::string TestRedis::url_through(unsigned short port) const {
    const auto text = server_url();
    const auto found = server(text);
    return "redis://:" + found[1].str() + "@" + found[2].str() + ":" + std::to_string(port) +
           "?prefix=" + prefix_;
}

unsigned short TestRedis::server_port() {
    const auto text = server_url();
    return static_cast<unsigned short>(std::stoi(server(text)[3]));
}

TestRedis::TestRedis() : prefix_("test-" + random_hex(8)), connection_(nullptr, redisFree) {
    const auto text = server_url();
    const auto found = server(text);
    connection_.reset(redisConnect(found[2].str().c_str(), server_port()));
    if (connection_ == nullptr || connection_->err != 0) throw std::runtime_error("no connection to Redis");
    run({"AUTH", found[1].str()});
}

TestRedis::~TestRedis() {
    run({"EVAL", "for _, k in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', k) end", "0",
         "{}"});
}

stores::RedisStoreOptions TestRedis::options() const {
    stores::RedisStoreOptions options;
    if (clock_stopped_) {
        options.clock_lua =
            "local function now() return tonumber(redis.call('GET', KEYS[1] .. 'test_clock')) end\n";
    }
    return options;
}

void TestRedis::stop_clock() {
    clock_stopped_ = true;
    run({"SET", "{}test_clock", "1764000000000000"});
}

void TestRedis::move_clock(std::chrono::milliseconds by) {
    run({"INCRBY", "{}test_clock", std::to_string(std::chrono::microseconds(by).count())});
}

std::string TestRedis::run(std::vector<std::string> command) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (auto& part : command) {
        if (part.starts_with("{}")) part.replace(0, 2, "{" + prefix_ + "}:");
        texts.push_back(part.data());
        sizes.push_back(part.size());
    }
    auto* raw =
        redisCommandArgv(connection_.get(), static_cast<int>(command.size()), texts.data(), sizes.data());
    const std::unique_ptr<void, void (*)(void*)> reply(raw, freeReplyObject);
    if (reply == nullptr) throw std::runtime_error("Redis does not answer");
    return text_of(*static_cast<redisReply*>(reply.get()));
}

}  // namespace miroir::contract
