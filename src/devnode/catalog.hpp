#pragma once

#include <map>
#include <memory>
#include <string>

#include "devnode/index.hpp"

namespace miroir::devnode {

// The indexes by uid.
using Indexes = std::map<std::string, std::unique_ptr<Index>>;

inline Index* find_index(const Indexes& indexes, const std::string& uid) {
    const auto found = indexes.find(uid);
    return found == indexes.end() ? nullptr : found->second.get();
}

}  // namespace miroir::devnode
