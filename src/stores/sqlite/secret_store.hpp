#pragma once

#include "miroir/coordination/secret_store.hpp"
#include "session.hpp"

namespace miroir::stores {

class SqliteSecretStore final : public coordination::SecretStore {
public:
    explicit SqliteSecretStore(Session& session) : session_(session) {}

    Async<std::optional<std::string>> find(std::string name) override;
    Async<std::string> keep(std::string name, std::string fresh) override;

private:
    Session& session_;
};

}  // namespace miroir::stores
