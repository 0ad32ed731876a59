#pragma once

#include "miroir/coordination/secret_store.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

class SqlSecretStore final : public coordination::SecretStore {
public:
    explicit SqlSecretStore(SqlSession& session) : session_(session) {}

    Async<std::optional<std::string>> find(std::string name) override;
    Async<std::string> keep(std::string name, std::string fresh) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
