#pragma once

#include "miroir/coordination/key_store.hpp"
#include "session.hpp"

namespace miroir::stores {

class RedisKeyStore final : public coordination::KeyStore {
public:
    explicit RedisKeyStore(RedisSession& session) : session_(session) {}

    Async<std::uint64_t> version() override;
    Async<std::vector<coordination::ApiKey>> list() override;
    Async<Creation> create(coordination::ApiKey draft, std::uint64_t keys_max) override;
    Async<std::optional<coordination::ApiKey>> update(std::string uid, meili::KeyUpdate change) override;
    Async<bool> remove(std::string uid) override;
    Async<void> seed(std::vector<coordination::ApiKey> drafts) override;

private:
    RedisSession& session_;
};

}  // namespace miroir::stores
