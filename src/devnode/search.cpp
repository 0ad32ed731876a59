#include "devnode/search.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "devnode/facets.hpp"
#include "devnode/hit_writer.hpp"
#include "devnode/matching.hpp"
#include "devnode/search_checks.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

// With more words than this, looking at every document is cheaper than asking the database for each word.
constexpr std::size_t looked_up_words_max = 64;

struct Window {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Window window_of(const meili::SearchQuery& query, std::uint64_t hits_max) {
    std::uint64_t offset = query.offset;
    std::uint64_t limit = query.limit;
    if (query.page_mode()) {
        const auto page = query.page.value_or(1);
        limit = page == 0 ? 0 : query.hits_per_page.value_or(20);
        offset = page == 0 ? 0 : (page - 1) * limit;
    }
    const auto end = std::min(offset > hits_max ? hits_max : offset + std::min(limit, hits_max), hits_max);
    return {std::min(offset, end), end};
}

class Search {
public:
    Search(const SearchTarget& target, const meili::SearchQuery& query, const CheckedSearch& checked)
        : target_(target),
          index_(target.index),
          query_(query),
          checked_(checked),
          all_terms_(query.matching_strategy == meili::MatchingStrategy::all),
          terms_(parse_query(query.q.value_or(""), index_.rules().query)),
          plan_(make_plan(index_.rules().ranking_rules, checked.sort, all_terms_, terms_.placeholder(),
                          index_.rules().displayed ? &*index_.rules().displayed : nullptr)) {}

    std::string run() {
        const auto window = window_of(query_, index_.rules().hits_max);
        find();
        order(window);
        std::string out = "\"hits\":[";
        const HitWriter writer(index_, query_, checked_, terms_);
        for (auto i = window.begin; i < std::min<std::uint64_t>(window.end, found_.size()); ++i) {
            out += i == window.begin ? "" : ",";
            writer.append(out, plan_, found_[i]);
        }
        return out + "]";
    }

    std::size_t total() const { return found_.size(); }

    FacetAnswer facets() const {
        FacetRequest request;
        const auto& rules = index_.rules();
        request.fields = checked_.facets;
        request.values_max = rules.facet_values_max;
        request.by_count = [&](const std::string& field) {
            const auto own = rules.facet_by_count.find(field);
            const auto other = rules.facet_by_count.find("*");
            return own != rules.facet_by_count.end() ? own->second
                                                     : other != rules.facet_by_count.end() && other->second;
        };
        std::vector<const Document*> documents;
        for (const auto& hit : found_) {
            documents.push_back(hit.document);
        }
        std::sort(documents.begin(), documents.end(), [](auto* a, auto* b) { return a->number < b->number; });
        return count_facets(request, documents);
    }

private:
    void find() {
        auto live = index_.live_words();
        if (!live) {
            live = index_.set_live_words(target_.storage.live_words(index_));
        }
        const Matcher matcher(terms_, index_.dictionary(), *live, all_terms_, checked_.fields);
        const auto& required = matcher.required_words();
        if (!terms_.placeholder() && required.size() <= looked_up_words_max) {
            for (const auto number : target_.storage.documents_with(index_, required)) {
                consider(matcher, index_.documents()[number].get());
            }
            return;
        }
        for (const auto& document : index_.documents()) {
            consider(matcher, document.get());
        }
    }

    void consider(const Matcher& matcher, const Document* document) {
        if (!document || !matcher.match(*document, match_)) {
            return;
        }
        if (!checked_.filter.empty() &&
            !meili::evaluate(checked_.filter, FilterView(document->tree, known_))) {
            return;
        }
        RankingContext context{&terms_, index_.rules().attribute_rank_max(),
                               index_.rules().proximity_by_attribute};
        RankedDocument hit{document, score(plan_, context, *document, match_)};
        if (!checked_.score_min || global_score(hit.scores) >= *checked_.score_min) {
            found_.push_back(std::move(hit));
        }
    }

    void order(const Window& window) {
        const auto before = [&](const RankedDocument& a, const RankedDocument& b) {
            return ranks_before(plan_, a, b);
        };
        if (checked_.distinct) {
            std::sort(found_.begin(), found_.end(), before);
            keep_distinct(query_.page_mode() ? found_.size() : window.end);
            return;
        }
        const auto shown = std::min<std::uint64_t>(window.end, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(shown), found_.end(),
                          before);
    }

    // Of the documents that share a value only the best stays. As in the engine, only the values of the first
    // `shown` documents are looked at.
    void keep_distinct(std::uint64_t shown) {
        std::unordered_set<std::string> seen;
        std::vector<RankedDocument> kept;
        std::vector<RankedDocument> rest;
        for (auto& hit : found_) {
            if (is_repeated(hit, seen)) {
                continue;
            }
            if (kept.size() < shown) {
                const auto values = distinct_values(*hit.document, *checked_.distinct);
                seen.insert(values.begin(), values.end());
                kept.push_back(std::move(hit));
            } else {
                rest.push_back(std::move(hit));
            }
        }
        std::move(rest.begin(), rest.end(), std::back_inserter(kept));
        found_ = std::move(kept);
    }

    bool is_repeated(const RankedDocument& hit, const std::unordered_set<std::string>& seen) const {
        const auto values = distinct_values(*hit.document, *checked_.distinct);
        return std::any_of(values.begin(), values.end(),
                           [&](const auto& value) { return seen.count(value) != 0; });
    }

    const SearchTarget& target_;
    const Index& index_;
    const meili::SearchQuery& query_;
    const CheckedSearch& checked_;
    bool all_terms_;
    QueryTerms terms_;
    RankingPlan plan_;
    FilterView::IsKnown known_ = [this](std::string_view name) {
        return index_.knows_field(std::string(name));
    };
    DocumentMatch match_;
    std::vector<RankedDocument> found_;
};

std::string counts_of(const meili::SearchQuery& query, std::size_t total) {
    const auto member = [](std::string_view name, std::uint64_t value) {
        return ",\"" + std::string(name) + "\":" + std::to_string(value);
    };
    if (!query.page_mode()) {
        return member("limit", query.limit) + member("offset", query.offset) +
               member("estimatedTotalHits", total);
    }
    const auto per_page = query.hits_per_page.value_or(20);
    const auto pages = per_page == 0 ? 0 : (total + per_page - 1) / per_page;
    return member("hitsPerPage", per_page) + member("page", query.page.value_or(1)) +
           member("totalPages", pages) + member("totalHits", total);
}

}  // namespace

Result<std::string> run_search(const SearchTarget& target, const meili::SearchQuery& query,
                               const Clock& clock) {
    const auto started = clock.steady();
    auto checked = check_search(target.index, query, target.features);
    if (!checked) {
        return checked.error();
    }
    Search search(target, query, checked.value());
    std::string out = search.run();
    out += ",\"query\":" + meili::json_string(query.q.value_or(""));
    const auto facets =
        query.facets && !query.facets->empty() ? std::optional(search.facets()) : std::nullopt;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - started);
    out += ",\"processingTimeMs\":" + std::to_string(elapsed.count());
    out += counts_of(query, search.total());
    if (facets) {
        out += ",\"facetDistribution\":" + facets->distribution + ",\"facetStats\":" + facets->stats;
    }
    return out;
}

}  // namespace miroir::devnode
