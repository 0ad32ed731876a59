#pragma once

#include "node_hits.hpp"

namespace miroir::scatter {

// Reads the hits of one node's answer in one pass, each from its first byte to its last.
class HitReader {
public:
    HitReader(const NodeSearch& search, od::document& document, Scratch& scratch, NodeHits& out)
        : search_(search), document_(document), scratch_(scratch), out_(out) {}

    // False when the hit is malformed or lacks what was asked for.
    bool read(od::value value);

private:
    bool read_member(od::field& field, KeptMembers& kept, Hit& hit);
    bool read_special(std::string_view name, od::field& field, KeptMembers& kept, Hit& hit);
    bool read_field(std::string_view name, od::field& field, KeptMembers& kept);
    bool read_formatted(const char* key, od::value& value, KeptMembers& kept);
    bool read_matches(const char* key, od::value& value, KeptMembers& kept);
    bool read_details(od::value& value, Hit& hit);
    void select_part(const Selection& selection, std::string_view name, std::string_view raw,
                     KeptMembers& kept);

    const NodeSearch& search_;
    od::document& document_;
    Scratch& scratch_;
    NodeHits& out_;
};

}  // namespace miroir::scatter
