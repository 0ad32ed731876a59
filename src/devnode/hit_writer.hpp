#pragma once

#include <string>

#include "devnode/formatting.hpp"
#include "devnode/index.hpp"
#include "devnode/ranking.hpp"
#include "devnode/search_checks.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::devnode {

// Prints the hits of one search.
class HitWriter {
public:
    HitWriter(const Index& index, const meili::SearchQuery& query, const CheckedSearch& checked,
              const QueryTerms& terms);

    void append(std::string& out, const RankingPlan& plan, const RankedDocument& hit) const;

private:
    void plan_formats();
    void plan_format(const std::string& name, const FormatOptions& options);
    std::string document_json(const Document& document) const;
    // The point that `_geoDistance` is measured from.
    std::optional<meili::GeoPoint> geo_target() const;

    const Index& index_;
    const meili::SearchQuery& query_;
    const CheckedSearch& checked_;
    TextMatcher matcher_;
    Markers markers_;
    Selection displayed_;
    Selection retrieved_;
    FormatPlan formats_;
};

// A document as the read routes show it.
JsonValue without_vectors(const JsonValue& document);

}  // namespace miroir::devnode
