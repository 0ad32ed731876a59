#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/http/body_source.hpp"
#include "miroir/meili/documents.hpp"
#include "miroir/writes/shard_assignment.hpp"

namespace miroir::writes {

// Where the documents of each shard go. A target is a number of the caller's choice below `targets`: a node,
// or a node under certain parameters. A shard names a target once.
struct Routing {
    std::uint32_t targets = 0;
    std::vector<std::vector<std::uint32_t>> of_shard;
};

// One request's worth of a target's documents: those of `[first, last)` that are routed to it, in order.
struct BodyPart {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t documents = 0;
    std::uint64_t bytes = 0;
};

// A batch cut up for its targets, each document stamped with its shard and version as last members. Holds
// nothing per document: bodies are made while they are sent. The batch and the assignment must outlive the
// split, and all three the bodies.
class DocumentSplit {
public:
    DocumentSplit(const meili::DocumentBatch& batch, const ShardAssignment& assignment, Routing routing,
                  TaskUid task, std::uint64_t part_bytes_max);

    std::uint32_t targets() const { return routing_.targets; }
    // In the order in which they must be sent; none when no document goes to the target. A part is larger
    // than the limit only when it is one document.
    const std::vector<BodyPart>& parts(std::uint32_t target) const { return parts_[target]; }
    std::unique_ptr<http::BodySource> body(std::uint32_t target, const BodyPart& part) const;
    // Of every part: JSON lists of what came as JSON (there the last of equal members counts), else NDJSON.
    std::string_view content_type() const;

private:
    class PartBody;

    bool goes_to(std::size_t document, std::uint32_t target) const;
    std::string_view start_of(std::size_t document) const;
    std::string_view shard_stamp(std::size_t document) const;
    void write_shard_stamps(TaskUid task);
    void plan_parts(std::uint64_t part_bytes_max);

    const meili::DocumentBatch& batch_;
    const ShardAssignment& assignment_;
    Routing routing_;
    bool as_list_;
    // `,"_miroir_shard":"....","_miroir_version":"........` by shard; empty where no document is.
    std::vector<std::string> shard_stamps_;
    std::vector<std::vector<BodyPart>> parts_;
};

// The bodies of a delete-batch request: by target, JSON lists of ids in their order.
std::vector<std::vector<std::string>> split_deletion(const meili::DocumentIds& ids,
                                                     const ShardAssignment& assignment,
                                                     const Routing& routing, std::uint64_t part_bytes_max);

}  // namespace miroir::writes
