#pragma once

#include <string>

namespace miroir::stores {

struct RedisAddress {
    bool tls = false;
    std::string host;
    std::string port = "6379";
    std::string user;      // empty: the default one
    std::string password;  // empty: none
    std::string database;  // number; empty: 0
    // What all keys begin with: several clusters may share a server.
    std::string prefix = "miroir";
};

// `redis://[[user]:password@]host[:port][/database][?prefix=name]`, `rediss://` with TLS. Throws
// std::runtime_error, without the password, when it is anything else.
RedisAddress parse_redis_url(const std::string& url);

}  // namespace miroir::stores
