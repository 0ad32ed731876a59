#pragma once

#include <optional>
#include <string>

#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// Secrets that all replicas of one cluster share because none was configured. Never logged.
class SecretStore {
public:
    virtual ~SecretStore() = default;

    virtual Async<std::optional<std::string>> find(std::string name) = 0;

    // Keeps `fresh` unless there is a secret of this name; what is kept.
    virtual Async<std::string> keep(std::string name, std::string fresh) = 0;
};

}  // namespace miroir::coordination
