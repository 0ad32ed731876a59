#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/meili/document_id.hpp"

namespace miroir::writes {

// The shard of every document (or id) of one request, in its order. 2 bytes per document.
class ShardAssignment {
public:
    ShardAssignment(const meili::DocumentIds& ids, std::uint32_t shards);

    std::size_t size() const { return shard_of_.size(); }
    ShardId operator[](std::size_t document) const { return shard_of_[document]; }
    std::uint32_t shards() const { return static_cast<std::uint32_t>(documents_.size()); }
    // The shards that have a document, ascending.
    const std::vector<ShardId>& touched() const { return touched_; }
    std::size_t documents_in(ShardId shard) const { return documents_[shard]; }

private:
    std::vector<std::uint16_t> shard_of_;
    std::vector<std::uint32_t> documents_;
    std::vector<ShardId> touched_;
};

// The ids of one shard's documents, ascending, each once: what a mark in the dirty ledger names.
std::vector<std::string> ids_in_shard(const ShardAssignment& assignment, const meili::DocumentIds& ids,
                                      ShardId shard);

}  // namespace miroir::writes
