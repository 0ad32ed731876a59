#pragma once

#include "node_hits.hpp"

namespace miroir::scatter {

// Reads the hits of one node's answer in one pass, each from its first byte to its last.
class HitReader {
public:
    // `end`: of the answer's text.
    HitReader(const NodeSearch& search, od::document& document, const char* end, Scratch& scratch,
              NodeHits& out)
        : search_(search), document_(document), end_(end), scratch_(scratch), out_(out) {}

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
    const char* end_;
    Scratch& scratch_;
    NodeHits& out_;
    // The details that were read last: neighbours in a list often have the same ones, letter by letter.
    std::string_view last_details_;
    Range last_keys_;
};

}  // namespace miroir::scatter
