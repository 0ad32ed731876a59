#include <benchmark/benchmark.h>

#include <deque>
#include <string>

#include "miroir/meili/markers.hpp"
#include "miroir/scatter/merge_documents.hpp"

namespace miroir::scatter {
namespace {

std::string a_document(std::uint32_t id) {
    const auto number = std::to_string(id);
    return R"({"id":)" + number + R"(,"title":"The Lighthouse Keeper's Atlas, volume )" + number +
           R"(","author":"Maren Holt","genres":["travel","sea"],"year":2007,"price":27.5,"in_stock":true,)"
           R"("publisher":{"name":"Northquay","country":"Norway"},"_miroir_shard":")" +
           meili::shard_marker(id % 16) + R"(","_miroir_version":")" + meili::version_marker({1, id}) + "\"}";
}

// Pages of documents from three nodes: the markers are read for the order and cut from the copied bytes.
void splice(benchmark::State& state) {
    constexpr std::uint32_t nodes = 3;
    const auto documents = static_cast<std::uint32_t>(state.range(0));
    std::deque<std::string> bodies;
    std::vector<NodeAnswerBody> answers;
    std::size_t bytes = 0;
    for (std::uint32_t node = 0; node < nodes; ++node) {
        auto& body = bodies.emplace_back(R"({"results":[)");
        for (std::uint32_t i = 0; i < documents; ++i) {
            body += (i == 0 ? "" : ",") + a_document(i * nodes + node);
        }
        body += R"(],"offset":0,"limit":)" + std::to_string(documents) + R"(,"total":100000})";
        const auto size = body.size();
        body.append(64, '\0');
        answers.push_back(
            {NodeId("n" + std::to_string(node)), std::string_view(body).substr(0, size), documents});
        bytes += size;
    }
    SearchContext context;
    context.settings = std::make_shared<ClientSettings>();
    auto query =
        meili::parse_documents_query(std::string_view(R"({"limit":)" + std::to_string(documents) + "}"));
    const auto list = node_documents(std::move(query).value(), context).value();
    for (auto _ : state) {
        auto result = merge_documents(list, answers);
        benchmark::DoNotOptimize(result);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

BENCHMARK(splice)->Arg(20)->Arg(1000);

}  // namespace
}  // namespace miroir::scatter

BENCHMARK_MAIN();
