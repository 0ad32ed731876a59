#include "miroir/scatter/merge_documents.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "document_list.hpp"
#include "field_paths.hpp"
#include "merge_order.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/markers.hpp"
#include "request_body.hpp"
#include "search_checks.hpp"

namespace miroir::scatter {
namespace {

constexpr std::string_view filter_code = "invalid_document_filter";

std::vector<SortRule> sort_rules(const meili::DocumentsQuery& query) {
    std::vector<SortRule> rules;
    for (const auto& text : query.sort.value_or(std::vector<std::string>{})) {
        if (auto rule = parse_sort_rule(text)) {
            rules.push_back(std::move(*rule));
        }
    }
    return rules;
}

// The fields a node is asked for: the client's, what the order needs, and the version.
std::vector<std::string> node_fields(NodeDocuments& list) {
    auto fields = *list.query.fields;
    std::erase_if(fields, [](auto& name) { return meili::is_reserved(name) && name != meili::expiry_field; });
    list.query.fields = fields;
    for (const auto& rule : sort_rules(list.query)) {
        const std::string name = rule.geo ? "_geo" : rule.field;
        const bool covered = std::any_of(fields.begin(), fields.end(),
                                         [&](auto& field) { return meili::is_inside(name, field); });
        if (!covered) {
            fields.push_back(name);
            list.narrower_than_node = true;
        }
    }
    fields.emplace_back(meili::version_field);
    return fields;
}

void add_ids(RequestBody& body, const std::vector<std::string>& ids_json) {
    std::string list = "[";
    for (const auto& id : ids_json) {
        list += list.size() == 1 ? "" : ",";
        list += id;
    }
    body.raw("ids", list + "]");
}

}  // namespace

Result<NodeDocuments> node_documents(meili::DocumentsQuery query, const SearchContext& context) {
    auto filter = fused_filter(query.filter_json, filter_code, context.rules);
    if (!filter) {
        return filter.error();
    }
    if (auto checked = check_filter(filter.value(), filter_code, context.index, *context.settings);
        !checked) {
        return checked.error();
    }
    NodeDocuments list;
    list.query = std::move(query);
    const auto most = std::numeric_limits<std::uint64_t>::max();
    const auto& page = list.query;
    list.needed = page.limit == 0 ? 0 : (page.offset > most - page.limit ? most : page.offset + page.limit);

    RequestBody body;
    if (list.query.fields) {
        body.list("fields", node_fields(list));
    }
    if (list.query.retrieve_vectors) {
        body.raw("retrieveVectors", "true");
    }
    if (list.query.ids_json) {
        add_ids(body, *list.query.ids_json);
    }
    if (list.query.sort) {
        body.list("sort", *list.query.sort);
    }
    body.open_filter(filter.value());
    list.prefix = body.take();
    return list;
}

std::string NodeDocuments::body_for(const std::vector<ShardId>& shards) const {
    std::string body = prefix;
    meili::append_json_string(body, meili::shard_filter_clause(shards));
    body += "],\"offset\":0,\"limit\":" + std::to_string(needed) + "}";
    return body;
}

std::uint64_t NodeDocuments::cover_choice(const LogicalIndexUid& index) const {
    return xxh64(index.str() + '\n' + prefix);
}

Result<std::string, BadNodeAnswer> merge_documents(const NodeDocuments& list,
                                                   const std::vector<NodeAnswerBody>& answers) {
    std::vector<const NodeAnswerBody*> sorted;
    for (const auto& answer : answers) {
        sorted.push_back(&answer);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->node < b->node; });

    const auto rules = sort_rules(list.query);
    std::vector<NodeHits> nodes(sorted.size());
    Scratch scratch;
    std::vector<std::uint32_t> sizes;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        auto detail = read_document_list(list, rules, sorted[i]->body, scratch, nodes[i]);
        if (!detail.empty()) {
            return BadNodeAnswer{sorted[i]->node, std::move(detail)};
        }
        sizes.push_back(static_cast<std::uint32_t>(nodes[i].hits.size()));
        total += nodes[i].total;
    }

    StableMerge lists(std::move(sizes), [&](Place a, Place b) {
        const auto& a_document = nodes[a.node].hits[a.index];
        const auto& b_document = nodes[b.node].hits[b.index];
        const int order = compare(nodes[a.node].keys_of(a_document), nodes[b.node].keys_of(b_document));
        return order != 0 ? order : a_document.version.compare(b_document.version);
    });
    std::string out = "{\"results\":[";
    for (std::uint64_t i = 0; i < list.needed && !lists.done(); ++i, lists.take()) {
        if (i < list.query.offset) {
            continue;
        }
        const auto place = lists.next();
        out += out.back() == '[' ? "{" : ",{";
        for (const auto piece : nodes[place.node].pieces_of(nodes[place.node].hits[place.index])) {
            out += piece;
        }
        out += '}';
    }
    out.append("],\"offset\":").append(std::to_string(list.query.offset));
    out.append(",\"limit\":").append(std::to_string(list.query.limit));
    out.append(",\"total\":").append(std::to_string(total)).append("}");
    return out;
}

}  // namespace miroir::scatter
