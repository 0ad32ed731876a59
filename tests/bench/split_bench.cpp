#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/document_id.hpp"
#include "miroir/meili/documents.hpp"
#include "miroir/writes/shard_assignment.hpp"
#include "miroir/writes/split.hpp"

namespace {

using namespace miroir;

constexpr std::uint32_t shards = 16;
constexpr std::uint32_t nodes = 5;
constexpr std::uint32_t replication_factor = 3;
constexpr std::size_t body_bytes = 32'000'000;

std::string sentence(std::mt19937& random, int words) {
    std::string text;
    for (int i = 0; i < words; ++i) {
        text += i == 0 ? "" : " ";
        for (auto letters = 2 + random() % 9; letters > 0; --letters) {
            text += static_cast<char>('a' + random() % 26);
        }
        text += random() % 40 == 0 ? "é" : "";
    }
    return text;
}

std::string book(std::mt19937& random, std::size_t id, int words) {
    return "{\"id\":" + std::to_string(id) + ",\"title\":\"" + sentence(random, 4) + "\",\"genres\":[\"" +
           sentence(random, 1) + "\",\"" + sentence(random, 1) +
           "\"],\"price\":" + std::to_string(random() % 100) + ".25,\"publisher\":{\"name\":\"" +
           sentence(random, 2) + "\",\"year\":1998},\"description\":\"" + sentence(random, words) +
           " \\\"quoted\\\"\"}";
}

// A list of books with descriptions of `words` words, and 64 bytes behind it.
const std::string& body_of(int words) {
    static std::map<int, std::string> bodies;
    std::string& body = bodies[words];
    if (body.empty()) {
        std::mt19937 random(1);
        body = "[";
        for (std::size_t id = 0; body.size() < body_bytes; ++id) {
            body += id == 0 ? "" : ",";
            body += book(random, id, words);
        }
        body += "]";
        body.append(64, ' ');
    }
    return body;
}

std::string_view view_of(const std::string& padded) {
    return std::string_view(padded).substr(0, padded.size() - 64);
}

writes::Routing routing() {
    writes::Routing routing{nodes, {}};
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        auto& targets = routing.of_shard.emplace_back();
        for (std::uint32_t copy = 0; copy < replication_factor; ++copy) {
            targets.push_back((shard + copy) % nodes);
        }
    }
    return routing;
}

void report(benchmark::State& state, std::string_view body, std::size_t documents) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(body.size()));
    state.counters["bytes_per_document"] = static_cast<double>(body.size()) / static_cast<double>(documents);
}

void scan(benchmark::State& state) {
    const std::string_view body = view_of(body_of(static_cast<int>(state.range(0))));
    std::size_t documents = 0;
    for (auto _ : state) {
        const auto batch = meili::scan_documents(body, meili::PayloadFormat::json);
        documents = batch.value().size();
        benchmark::DoNotOptimize(batch.value().size());
    }
    report(state, body, documents);
}

void scan_and_extract_ids(benchmark::State& state) {
    const std::string_view body = view_of(body_of(static_cast<int>(state.range(0))));
    std::size_t documents = 0;
    for (auto _ : state) {
        const auto batch = meili::scan_documents(body, meili::PayloadFormat::json);
        const auto ids = meili::extract_document_ids(batch.value(), "id");
        documents = ids.value().size();
        benchmark::DoNotOptimize(ids.value().size());
    }
    report(state, body, documents);
}

// A body as the HTTP client makes it: copied into a window, over and over.
std::uint64_t make(http::BodySource& source) {
    static std::vector<char> window(64 * 1024);
    std::size_t filled = 0;
    std::uint64_t bytes = 0;
    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
        if (piece.size() > window.size() - filled) {
            benchmark::DoNotOptimize(window.data());
            filled = 0;
        }
        const auto copied = std::min(piece.size(), window.size());
        std::copy_n(piece.data(), copied, window.data() + filled);
        filled += copied;
        bytes += piece.size();
    }
    return bytes;
}

// Everything from the body to what five nodes are sent, three of which get each document.
void whole_split(benchmark::State& state) {
    const std::string_view body = view_of(body_of(static_cast<int>(state.range(0))));
    std::size_t documents = 0;
    for (auto _ : state) {
        const auto batch = meili::scan_documents(body, meili::PayloadFormat::json);
        const auto ids = meili::extract_document_ids(batch.value(), "id");
        const writes::ShardAssignment assignment(ids.value(), shards);
        const writes::DocumentSplit split(batch.value(), assignment, routing(), 7, 90'000'000);
        for (std::uint32_t target = 0; target < split.targets(); ++target) {
            for (const auto& part : split.parts(target)) {
                benchmark::DoNotOptimize(make(*split.body(target, part)));
            }
        }
        documents = batch.value().size();
    }
    report(state, body, documents);
}

void convert_csv(benchmark::State& state) {
    std::mt19937 random(2);
    std::string body = "id,title,price:number,description\n";
    std::size_t documents = 0;
    for (; body.size() < body_bytes / 4; ++documents) {
        body += std::to_string(documents) + "," + sentence(random, 4) + ",12.5,\"" + sentence(random, 20) +
                "\"\n";
    }
    for (auto _ : state) {
        const auto batch = meili::scan_documents(body, meili::PayloadFormat::csv);
        benchmark::DoNotOptimize(batch.value().size());
    }
    report(state, body, documents);
}

}  // namespace

BENCHMARK(scan)->Arg(5)->Arg(40)->Arg(400)->Unit(benchmark::kMillisecond);
BENCHMARK(scan_and_extract_ids)->Arg(5)->Arg(40)->Arg(400)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_split)->Arg(5)->Arg(40)->Arg(400)->Unit(benchmark::kMillisecond);
BENCHMARK(convert_csv)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
