#include "miroir/scatter/merge_search.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "hit_writer.hpp"
#include "merge_facets.hpp"
#include "merge_order.hpp"
#include "miroir/meili/json_text.hpp"
#include "node_hits.hpp"
#include "typo_maxima.hpp"

namespace miroir::scatter {
namespace {

class SearchMerge {
public:
    SearchMerge(const NodeSearch& search, const std::vector<NodeAnswerBody>& answers) : search_(search) {
        std::vector<std::size_t> order(answers.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](auto a, auto b) { return answers[a].node < answers[b].node; });
        for (const auto index : order) {
            answers_.push_back(&answers[index]);
        }
        nodes_.resize(answers_.size());
    }

    std::optional<BadNodeAnswer> read();
    void merge();
    std::optional<BadNodeAnswer> count(const std::vector<FacetRecount>& recounts);
    MergedSearch answer(const AnswerFacts& facts);

    bool needs_more() const { return !need_more_.empty(); }
    MergedSearch unfinished() const { return {{}, need_more_, {}, 0}; }

private:
    int order(Place a, Place b) const;
    bool is_duplicate(const NodeHits& node, const Hit& hit);
    bool has_more(std::uint32_t node) const;
    std::optional<BadNodeAnswer> recount(const FacetRecount& recount);
    void count_total();
    void write_totals(std::string& out) const;
    std::size_t reserve_bytes() const;

    const NodeSearch& search_;
    std::vector<const NodeAnswerBody*> answers_;
    std::vector<NodeHits> nodes_;
    Scratch scratch_;
    MergedFacets facets_{search_};
    // The leading hits of the merged list, duplicates left out.
    std::vector<Place> merged_;
    std::vector<Place> duplicates_;
    std::unordered_set<std::string> distinct_seen_;
    std::vector<NodeId> need_more_;
    std::uint64_t total_ = 0;
};

std::optional<BadNodeAnswer> SearchMerge::read() {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        auto detail = read_node_hits(search_, answers_[i]->body, scratch_, nodes_[i]);
        if (!detail.empty()) {
            return BadNodeAnswer{answers_[i]->node, std::move(detail)};
        }
    }
    return std::nullopt;
}

int SearchMerge::order(Place a, Place b) const {
    const auto& a_hit = nodes_[a.node].hits[a.index];
    const auto& b_hit = nodes_[b.node].hits[b.index];
    const int by_rules = compare(nodes_[a.node].keys_of(a_hit), nodes_[b.node].keys_of(b_hit));
    return by_rules != 0 ? by_rules : a_hit.version.compare(b_hit.version);
}

bool SearchMerge::is_duplicate(const NodeHits& node, const Hit& hit) {
    const auto values = node.distinct_values_of(hit);
    if (std::any_of(values.begin(), values.end(),
                    [this](auto& value) { return distinct_seen_.contains(value); })) {
        return true;
    }
    distinct_seen_.insert(values.begin(), values.end());
    return false;
}

// The node was asked for less than the merge may need, gave all of that, and has more.
bool SearchMerge::has_more(std::uint32_t node) const {
    const auto given = nodes_[node].hits.size();
    const auto asked = answers_[node]->asked;
    return asked > 0 && asked < search_.window.needed && given >= asked && nodes_[node].total > given;
}

void SearchMerge::merge() {
    std::vector<std::uint32_t> sizes;
    for (const auto& node : nodes_) {
        sizes.push_back(static_cast<std::uint32_t>(node.hits.size()));
    }
    StableMerge lists(std::move(sizes), [this](Place a, Place b) { return order(a, b); });
    while (!lists.done() && merged_.size() < search_.window.needed) {
        const auto place = lists.next();
        const auto& node = nodes_[place.node];
        const bool duplicate = search_.distinct && is_duplicate(node, node.hits[place.index]);
        (duplicate ? duplicates_ : merged_).push_back(place);
        if (!lists.take() && has_more(place.node) && merged_.size() < search_.window.needed) {
            need_more_.push_back(answers_[place.node]->node);
            break;
        }
    }
}

std::optional<BadNodeAnswer> SearchMerge::recount(const FacetRecount& recount) {
    const auto known = std::find_if(answers_.begin(), answers_.end(),
                                    [&](const auto* answer) { return answer->node == recount.node; });
    NodeHits counts;
    auto detail = read_node_hits(search_, recount.body, scratch_, counts);
    const auto node = static_cast<std::size_t>(known - answers_.begin());
    const bool good = detail.empty() && known != answers_.end() && !counts.facet_distribution.empty() &&
                      facets_.recount(node, recount.asked, counts.facet_distribution);
    if (!good) {
        return BadNodeAnswer{recount.node, "the counts of facet values are missing or malformed"};
    }
    return std::nullopt;
}

std::optional<BadNodeAnswer> SearchMerge::count(const std::vector<FacetRecount>& recounts) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& node = nodes_[i];
        const bool asked = asks_facets(search_) || search_.distinct_facet_added;
        if (!asked) {
            continue;
        }
        const bool good = !node.facet_distribution.empty() && !node.facet_stats.empty() &&
                          facets_.add_distribution(i, node.facet_distribution) &&
                          facets_.add_stats(node.facet_stats);
        if (!good) {
            return BadNodeAnswer{answers_[i]->node, "the facets are missing or malformed"};
        }
    }
    for (const auto& one : recounts) {
        if (auto bad = recount(one)) {
            return bad;
        }
    }
    for (const auto place : asks_facets(search_) ? duplicates_ : std::vector<Place>{}) {
        facets_.forget(nodes_[place.node].hits[place.index].whole);
    }
    count_total();
    return std::nullopt;
}

void SearchMerge::count_total() {
    for (const auto& node : nodes_) {
        total_ += node.total;
    }
    const bool exhaustive =
        search_.query.page_mode() && !search_.query.hybrid_json && !search_.query.vector_json;
    std::size_t groups = 0;
    std::size_t counted = 0;
    if (search_.distinct && exhaustive && facets_.count_groups(groups, counted) && counted <= total_) {
        // Documents without the attribute are no duplicates of each other.
        total_ = total_ - counted + groups;
    } else {
        total_ -= std::min<std::uint64_t>(total_, duplicates_.size());
    }
}

void SearchMerge::write_totals(std::string& out) const {
    const auto& query = search_.query;
    if (!query.page_mode()) {
        out.append(",\"limit\":").append(std::to_string(query.limit));
        out.append(",\"offset\":").append(std::to_string(query.offset));
        out.append(",\"estimatedTotalHits\":").append(std::to_string(total_));
        return;
    }
    const auto size = query.hits_per_page.value_or(20);
    const auto pages = size == 0 ? 0 : total_ / size + (total_ % size != 0 ? 1 : 0);
    out.append(",\"hitsPerPage\":").append(std::to_string(size));
    out.append(",\"page\":").append(std::to_string(query.page.value_or(1)));
    out.append(",\"totalPages\":").append(std::to_string(pages));
    out.append(",\"totalHits\":").append(std::to_string(total_));
}

std::size_t SearchMerge::reserve_bytes() const {
    std::size_t bytes = 512 + search_.query.q.value_or("").size() * 2;
    for (std::size_t i = search_.window.first; i < merged_.size(); ++i) {
        bytes += nodes_[merged_[i].node].hits[merged_[i].index].whole.size() + 16;
    }
    for (const auto& node : nodes_) {
        bytes += node.facet_distribution.size() + node.facet_stats.size();
    }
    return bytes;
}

const NodeHits* slowest_of(const std::vector<NodeHits>& nodes) {
    const auto slowest = std::max_element(nodes.begin(), nodes.end(),
                                          [](auto& a, auto& b) { return a.processing_ms < b.processing_ms; });
    return slowest == nodes.end() ? nullptr : &*slowest;
}

MergedSearch SearchMerge::answer(const AnswerFacts& facts) {
    MergedSearch result;
    result.total = total_;
    auto& out = result.body;
    out.reserve(reserve_bytes());
    out += "{\"hits\":[";
    const TypoMaxima maxima(nodes_);
    const HitWriter writer(search_, maxima);
    std::size_t semantic = 0;
    for (std::size_t i = search_.window.first; i < merged_.size(); ++i) {
        const auto& node = nodes_[merged_[i].node];
        const auto& hit = node.hits[merged_[i].index];
        out += out.back() == '[' ? "" : ",";
        writer.write(out, node, hit);
        const auto keys = node.keys_of(hit);
        semantic += std::any_of(keys.begin(), keys.end(),
                                [](auto& key) { return key.rule == OrderKey::Rule::vector; });
    }
    out += "],\"query\":";
    meili::append_json_string(out, search_.query.q.value_or(""));
    const auto with_vector =
        std::find_if(nodes_.begin(), nodes_.end(), [](auto& n) { return !n.query_vector.empty(); });
    if (with_vector != nodes_.end()) {
        out.append(",\"queryVector\":").append(with_vector->query_vector);
    }
    out.append(",\"processingTimeMs\":").append(std::to_string(facts.processing_time_ms));
    write_totals(out);
    if (asks_facets(search_)) {
        out += ',';
        facets_.write(out, total_);
        result.uncertain_facets = facets_.uncertain();
    }
    out += ",\"requestUid\":";
    meili::append_json_string(out, facts.request_uid);
    if (facts.metadata_json) {
        out.append(",\"metadata\":").append(*facts.metadata_json);
    }
    const auto* slowest = slowest_of(nodes_);
    if (search_.query.show_performance_details && slowest && !slowest->performance_details.empty()) {
        out.append(",\"performanceDetails\":").append(slowest->performance_details);
    }
    if (std::any_of(nodes_.begin(), nodes_.end(), [](auto& node) { return node.counts_semantic_hits; })) {
        out.append(",\"semanticHitCount\":").append(std::to_string(semantic));
    }
    out += '}';
    return result;
}

}  // namespace

Result<MergedSearch, BadNodeAnswer> merge_search(const NodeSearch& search,
                                                 const std::vector<NodeAnswerBody>& answers,
                                                 const AnswerFacts& facts,
                                                 const std::vector<FacetRecount>& recounts) {
    SearchMerge merge(search, answers);
    if (auto bad = merge.read()) {
        return std::move(*bad);
    }
    merge.merge();
    if (merge.needs_more()) {
        return merge.unfinished();
    }
    if (auto bad = merge.count(recounts)) {
        return std::move(*bad);
    }
    return merge.answer(facts);
}

}  // namespace miroir::scatter
