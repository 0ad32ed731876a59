#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"

namespace miroir::operations {

// What one copy has of one document.
struct DocumentPrint {
    std::string version;        // `_miroir_version` as stored
    std::uint64_t content = 0;  // does not depend on the order of top-level members
    friend bool operator==(const DocumentPrint&, const DocumentPrint&) = default;
};

// By canonical primary key.
using CopyContent = std::map<std::string, DocumentPrint>;

// What has to happen so that two copies of a shard hold the same.
struct CopyDifference {
    std::vector<std::string> copy_to_target;
    std::vector<std::string> delete_on_target;
    std::vector<std::string> copy_to_reference;
    bool empty() const {
        return copy_to_target.empty() && delete_on_target.empty() && copy_to_reference.empty();
    }
};

// The reference is right: the target takes over what differs, and loses what the reference lacks.
CopyDifference follow_reference(const CopyContent& reference, const CopyContent& target);

// Neither is known to be right: for each document the higher version wins; the reference's at equal versions.
CopyDifference meet_halfway(const CopyContent& reference, const CopyContent& target);

// One document of a node's fetch answer.
struct FetchedDocument {
    std::string id;
    DocumentPrint print;
    std::string_view bytes;
};

// The documents of a `documents/fetch` answer. `body` has 64 readable bytes after its end and outlives the
// result. An answer of another shape is an error (`internal`).
Result<std::vector<FetchedDocument>> read_fetched(const std::string& body, const std::string& primary_key);

}  // namespace miroir::operations
