#include <benchmark/benchmark.h>

#include <deque>
#include <string>

#include "miroir/meili/markers.hpp"
#include "miroir/scatter/merge_search.hpp"

namespace miroir::scatter {
namespace {

std::string a_hit(std::uint32_t id, bool keyword) {
    const auto number = std::to_string(id);
    std::string hit =
        R"({"id":)" + number + R"(,"title":"The Lighthouse Keeper's Atlas, volume )" + number +
        R"(","author":"Maren Holt","genres":["travel","sea"],"year":2007,"price":27.5,"in_stock":true,)"
        R"("publisher":{"name":"Northquay","country":"Norway"},"_miroir_shard":")" +
        meili::shard_marker(id % 16) + R"(","_miroir_version":")" + meili::version_marker({1, id}) +
        R"(","_rankingScore":0.9969696969696969,"_rankingScoreDetails":)";
    if (!keyword) {
        return hit + "{}}";
    }
    return hit +
           R"({"words":{"order":0,"matchingWords":2,"maxMatchingWords":2,"score":1.0},)"
           R"("typo":{"order":1,"typoCount":)" +
           std::to_string(id / 400) +
           R"(,"maxTypoCount":3,"score":1.0},"proximity":{"order":2,"score":1.0},)"
           R"("attributeRank":{"order":3,"score":1.0},)"
           R"("wordPosition":{"order":4,"score":0.9090909090909091},"exactness":{"order":5,)"
           R"("matchType":"noExactMatch",)"
           R"("matchingWords":2,"maxMatchingWords":2,"score":0.3333333333333333}}})";
}

std::string an_answer(std::uint32_t node, std::uint32_t nodes, std::uint32_t hits, bool keyword) {
    std::string out = R"({"hits":[)";
    for (std::uint32_t i = 0; i < hits; ++i) {
        out += (i == 0 ? "" : ",") + a_hit(i * nodes + node, keyword);
    }
    out += R"(],"query":"","processingTimeMs":1,"limit":20,"offset":0,)"
           R"("estimatedTotalHits":100000,"requestUid":"x"})";
    out.append(64, '\0');
    return out;
}

// Three nodes, each with as many hits as the client wants.
void merge(benchmark::State& state, bool keyword) {
    const auto hits = static_cast<std::uint32_t>(state.range(0));
    std::deque<std::string> bodies;
    std::vector<NodeAnswerBody> answers;
    std::size_t bytes = 0;
    for (std::uint32_t node = 0; node < 3; ++node) {
        bodies.push_back(an_answer(node, 3, hits, keyword));
        const auto size = bodies.back().size() - 64;
        answers.push_back(
            {NodeId("n" + std::to_string(node)), std::string_view(bodies.back()).substr(0, size), hits});
        bytes += size;
    }
    SearchContext context;
    context.settings = std::make_shared<ClientSettings>();
    auto query = meili::parse_search(R"({"q":"lighthouse atlas"})").value();
    query.limit = hits;
    const auto search = node_search(std::move(query), context).value();
    const AnswerFacts facts{"01a21327-20a3-7000-8000-000000000000", 1, {}};
    for (auto _ : state) {
        auto result = merge_search(search, answers, facts);
        benchmark::DoNotOptimize(result);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
    state.counters["ns_per_hit"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * hits * 3,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK_CAPTURE(merge, placeholder, false)->Arg(20)->Arg(1000);
BENCHMARK_CAPTURE(merge, keyword, true)->Arg(20)->Arg(1000);

}  // namespace
}  // namespace miroir::scatter

BENCHMARK_MAIN();
