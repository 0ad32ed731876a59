#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace miroir {

// A string that cannot be mistaken for another kind of string.
template <class Tag>
class StrongString {
public:
    StrongString() = default;
    explicit StrongString(std::string text) : text_(std::move(text)) {}

    const std::string& str() const { return text_; }
    bool empty() const { return text_.empty(); }

    friend auto operator<=>(const StrongString&, const StrongString&) = default;
    friend bool operator==(const StrongString&, const StrongString&) = default;

private:
    std::string text_;
};

using NodeId = StrongString<struct NodeIdTag>;
// What clients call an index.
using LogicalIndexUid = StrongString<struct LogicalIndexUidTag>;
// What the nodes call it: opaque, random, never reused, never shown.
using PhysicalIndexUid = StrongString<struct PhysicalIndexUidTag>;
// One running miroir process.
using ReplicaId = StrongString<struct ReplicaIdTag>;

using ShardId = std::uint32_t;
using GroupId = std::uint32_t;
// Cluster-wide, dense, from 0; fits a signed 32-bit integer.
using TaskUid = std::uint32_t;
// A node's own task uid.
using NodeTaskUid = std::uint32_t;
// Version of the topology; grows by one with each change.
using Epoch = std::uint64_t;
// Version of one catalog entry; grows with each change of it and never restarts for a uid.
using Generation = std::uint64_t;
using SettingsVersion = std::uint64_t;
using FenceToken = std::uint64_t;

}  // namespace miroir

template <class Tag>
struct std::hash<miroir::StrongString<Tag>> {
    std::size_t operator()(const miroir::StrongString<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
