#pragma once

#include <string>
#include <utility>

#include "miroir/base/seal.hpp"

namespace miroir::stores {

// Texts as they lie in the store: sealed when they hold secrets.
class SecretTexts {
public:
    explicit SecretTexts(Sealer sealer) : sealer_(std::move(sealer)) {}

    std::string to_store(std::string text) const;
    // Throws StoreUnavailable when the text was sealed with a key that is not there.
    std::string from_store(std::string text) const;

private:
    const Sealer sealer_;
};

}  // namespace miroir::stores
