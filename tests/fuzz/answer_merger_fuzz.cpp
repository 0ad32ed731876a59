// Bytes of nodes must never crash the merge, and valid JSON must stay valid.

#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "miroir/scatter/merge_documents.hpp"
#include "miroir/scatter/merge_search.hpp"

namespace {

using namespace miroir;

scatter::NodeSearch a_search(const char* query, const char* settings) {
    scatter::SearchContext context;
    context.index = LogicalIndexUid("i");
    context.settings = std::make_shared<scatter::ClientSettings>(scatter::client_settings(settings));
    return scatter::node_search(meili::parse_search(query).value(), context).value();
}

const scatter::NodeSearch& plain() {
    static const auto search =
        a_search(R"({"q":"a","showRankingScore":true,"showRankingScoreDetails":true})", "{}");
    return search;
}

const scatter::NodeSearch& demanding() {
    static const auto search = a_search(
        R"({"page":1,"hitsPerPage":9,"facets":["*"],"distinct":"g.h","attributesToRetrieve":["a.b","c"],
                     "attributesToHighlight":["a"],"showMatchesPosition":true,
                     "showRankingScoreDetails":true})",
        R"({"filterableAttributes":["g","n"],"displayedAttributes":["a","a.b","c"]})");
    return search;
}

const scatter::NodeDocuments& documents() {
    static const auto list = [] {
        scatter::SearchContext context;
        context.settings = std::make_shared<scatter::ClientSettings>();
        auto query = meili::parse_documents_query(
            std::string_view(R"({"sort":["a.b:asc","_geoPoint(1,2):desc"],"fields":["c","a.d"]})"));
        return scatter::node_documents(std::move(query).value(), context).value();
    }();
    return list;
}

bool is_json(const std::string& text) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    return !parser.parse(text).get(root);
}

void check(bool valid_input, const std::string& output) {
    if (valid_input && !is_json(output)) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The two answers of two nodes, divided by the first zero byte.
    std::string first(reinterpret_cast<const char*>(data), size);
    std::string second;
    if (const auto middle = first.find('\0'); middle != std::string::npos) {
        second = first.substr(middle + 1);
        first.resize(middle);
    } else {
        second = first;
    }
    const bool valid = is_json(first) && is_json(second);
    const auto first_size = first.size();
    const auto second_size = second.size();
    first.append(64, '\0');
    second.append(64, '\0');
    const std::vector<scatter::NodeAnswerBody> answers = {
        {NodeId("a"), std::string_view(first).substr(0, first_size), 1},
        {NodeId("b"), std::string_view(second).substr(0, second_size), 0}};
    for (const auto* search : {&plain(), &demanding()}) {
        const auto result = scatter::merge_search(*search, answers, {"uid", 1, {}});
        if (result && result.value().need_more.empty()) {
            check(valid, result.value().body);
        }
    }
    if (const auto list = scatter::merge_documents(documents(), answers)) {
        check(valid, list.value());
    }
    return 0;
}
