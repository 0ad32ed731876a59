#include "miroir/writes/split.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/cluster/placement.hpp"
#include "miroir/meili/markers.hpp"
#include "padded.hpp"

namespace miroir::writes {
namespace {

using meili::PayloadFormat;
using test::Padded;

constexpr std::uint64_t no_limit = 1'000'000'000;

// What the source makes from here on.
std::string rest_of(http::BodySource& source) {
    std::string out;
    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
        out += piece;
    }
    return out;
}

std::string body_of(const DocumentSplit& split, std::uint32_t target, const BodyPart& part) {
    return rest_of(*split.body(target, part));
}

Routing everything_to_one(std::uint32_t shards) {
    return {1, std::vector(shards, std::vector<std::uint32_t>{0})};
}

// All parts of all targets, as text.
std::vector<std::vector<std::string>> bodies_of(const DocumentSplit& split) {
    std::vector<std::vector<std::string>> out(split.targets());
    for (std::uint32_t target = 0; target < split.targets(); ++target) {
        for (const BodyPart& part : split.parts(target)) {
            out[target].push_back(body_of(split, target, part));
        }
    }
    return out;
}

// One target, one shard, task 0x12.
std::string stamped(std::string_view body, PayloadFormat format) {
    const Padded padded(body);
    const auto batch = meili::scan_documents(padded, format);
    const ShardAssignment assignment(std::vector<std::string>(batch.value().size(), "x"), 1);
    const DocumentSplit split(batch.value(), assignment, everything_to_one(1), 0x12, no_limit);
    EXPECT_EQ(split.content_type(),
              format == PayloadFormat::json ? "application/json" : "application/x-ndjson");
    return body_of(split, 0, split.parts(0).at(0));
}

const std::string stamp = R"("_miroir_shard":"∔∔∔∔","_miroir_version":"∔∔∔∔∔∔∖∗∔∔∔∔∔∔∔)";

TEST(DocumentSplit, StampsAreTheLastMembers) {
    EXPECT_EQ(stamped(R"([{"id":1.0},{ "a" : {"b":2} }])", PayloadFormat::json),
              R"([{"id":1.0,)" + stamp + R"(∔"},{ "a" : {"b":2} ,)" + stamp + R"(∖"}])");
    EXPECT_EQ(stamped("{\"id\":1}{\"a\":2}", PayloadFormat::ndjson),
              "{\"id\":1," + stamp + "∔\"}\n{\"a\":2," + stamp + "∖\"}\n");
    EXPECT_EQ(stamped("a\n1\n", PayloadFormat::csv), "{\"a\":\"1\"," + stamp + "∔\"}\n");
}

TEST(DocumentSplit, AnEmptyObjectGetsNoComma) {
    EXPECT_EQ(stamped("[{},{ \n}]", PayloadFormat::json), "[{" + stamp + "∔\"},{ \n" + stamp + "∖\"}]");
}

TEST(DocumentSplit, ABodysPiecesShareTheBatchsText) {
    const Padded body(R"([{"id":1}])");
    const auto batch = meili::scan_documents(body, PayloadFormat::json);
    const ShardAssignment assignment(std::vector<std::string>{"1"}, 1);
    const DocumentSplit split(batch.value(), assignment, everything_to_one(1), 1, no_limit);
    const auto made = split.body(0, split.parts(0)[0]);
    EXPECT_EQ(made->next(), "[");
    EXPECT_EQ(made->next().data(), body.text().data() + 1);
}

TEST(DocumentSplit, ATargetWithoutDocumentsHasNoPart) {
    const Padded body(R"([{"id":1}])");
    const auto batch = meili::scan_documents(body, PayloadFormat::json);
    const ShardAssignment assignment(std::vector<std::string>{"1"}, 1);
    const DocumentSplit split(batch.value(), assignment, Routing{2, {{1}}}, 1, no_limit);
    EXPECT_TRUE(split.parts(0).empty());
    EXPECT_EQ(split.parts(1).size(), 1);
}

TEST(DocumentSplit, ALargeBodyBecomesSeveralParts) {
    const Padded body(R"([{"id":1},{"id":2},{"id":3},{"id":4}])");
    const auto batch = meili::scan_documents(body, PayloadFormat::json);
    const ShardAssignment assignment(std::vector<std::string>{"1", "2", "3", "4"}, 1);
    const DocumentSplit whole(batch.value(), assignment, everything_to_one(1), 1, no_limit);
    const std::uint64_t bytes = whole.parts(0)[0].bytes;

    const DocumentSplit fits(batch.value(), assignment, everything_to_one(1), 1, bytes);
    EXPECT_EQ(fits.parts(0).size(), 1);
    const DocumentSplit two(batch.value(), assignment, everything_to_one(1), 1, bytes - 1);
    ASSERT_EQ(two.parts(0).size(), 2);
    EXPECT_EQ(two.parts(0)[0].documents, 3);
    const DocumentSplit four(batch.value(), assignment, everything_to_one(1), 1, 1);
    EXPECT_EQ(four.parts(0).size(), 4);
}

struct RandomBatch {
    std::string body;
    std::vector<nlohmann::json> documents;
    std::vector<std::string> ids;
};

nlohmann::json random_value(std::mt19937& random, int depth) {
    switch (random() % (depth > 3 ? 5 : 7)) {
        case 0:
            return static_cast<std::int64_t>(random()) - 2'000'000'000;
        case 1:
            return static_cast<double>(random()) / 1024;
        case 2:
            return random() % 2 == 0;
        case 3:
            return nullptr;
        case 4: {
            static constexpr std::string_view alphabet = "ab{}[]\",:\\ \n\t\x01∔é";
            std::string text;
            for (auto i = random() % 40; i > 0; --i) {
                text += alphabet[random() % 14];
            }
            return text + (random() % 3 == 0 ? "é😀" : "");
        }
        case 5: {
            auto list = nlohmann::json::array();
            for (auto i = random() % 4; i > 0; --i) {
                list.push_back(random_value(random, depth + 1));
            }
            return list;
        }
        default: {
            auto object = nlohmann::json::object();
            for (auto i = random() % 4; i > 0; --i) {
                object["k" + std::to_string(random() % 9)] = random_value(random, depth + 1);
            }
            return object;
        }
    }
}

RandomBatch random_batch(std::mt19937& random, PayloadFormat format) {
    RandomBatch batch;
    const bool list = format == PayloadFormat::json;
    for (auto i = random() % 60; i > 0; --i) {
        auto document = random_value(random, 0);
        if (!document.is_object()) {
            document = nlohmann::json::object();
        }
        const auto id = random() % 20;
        batch.ids.push_back(std::to_string(id));
        document["id"] = random() % 2 == 0 ? nlohmann::json(id) : nlohmann::json(std::to_string(id));
        batch.body += list && !batch.documents.empty() ? "," : "";
        batch.body += document.dump(random() % 2 == 0 ? -1 : 2, ' ', random() % 2 == 0);
        batch.body += random() % 2 == 0 ? "\n" : "";
        batch.documents.push_back(std::move(document));
    }
    if (list) {
        batch.body = "[" + batch.body + "]";
    }
    return batch;
}

Routing random_routing(std::mt19937& random, std::uint32_t shards) {
    Routing routing{1 + static_cast<std::uint32_t>(random() % 5), {}};
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        auto& targets = routing.of_shard.emplace_back();
        for (std::uint32_t target = 0; target < routing.targets; ++target) {
            if (random() % 2 == 0) {
                targets.push_back(target);
            }
        }
    }
    return routing;
}

std::vector<nlohmann::json> parsed(const std::string& body, bool list) {
    std::vector<nlohmann::json> out;
    if (list) {
        return nlohmann::json::parse(body).get<std::vector<nlohmann::json>>();
    }
    std::size_t start = 0;
    for (std::size_t end = body.find('\n'); end != std::string::npos; end = body.find('\n', start)) {
        // A document sent over several lines is put together again.
        auto document = nlohmann::json::parse(body.substr(start, end - start), nullptr, false);
        while (document.is_discarded()) {
            end = body.find('\n', end + 1);
            document = nlohmann::json::parse(body.substr(start, end - start), nullptr, false);
        }
        out.push_back(std::move(document));
        start = end + 1;
    }
    return out;
}

// Takes the markers out of a document and checks them; its position in the request.
std::size_t unstamp(nlohmann::json& document, TaskUid task, ShardId& shard) {
    const auto version = meili::version_from_marker(document.at("_miroir_version").get<std::string>());
    shard = meili::shard_from_marker(document.at("_miroir_shard").get<std::string>()).value();
    document.erase("_miroir_version");
    document.erase("_miroir_shard");
    EXPECT_EQ(version.value().task, task);
    return version.value().position;
}

void check_random_split(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto format = seed % 2 == 0 ? PayloadFormat::json : PayloadFormat::ndjson;
    const RandomBatch made = random_batch(random, format);
    const Padded body(made.body);
    const auto batch = meili::scan_documents(body, format, ',');
    if (made.documents.empty() && format == PayloadFormat::ndjson) {
        return;
    }
    ASSERT_TRUE(batch) << batch.error().message;
    const auto ids = meili::extract_document_ids(batch.value(), "id");
    ASSERT_TRUE(ids) << ids.error().message;
    const std::uint32_t shards = 1 + random() % 8;
    const ShardAssignment assignment(ids.value(), shards);
    const Routing routing = random_routing(random, shards);
    const std::uint64_t limit = random() % 3 == 0 ? 300 + random() % 3000 : no_limit;
    const TaskUid task = random() % 1'000'000;
    const DocumentSplit split(batch.value(), assignment, routing, task, limit);

    const auto bodies = bodies_of(split);
    for (std::uint32_t target = 0; target < routing.targets; ++target) {
        std::vector<std::size_t> positions;
        for (std::size_t p = 0; p < bodies[target].size(); ++p) {
            const BodyPart& part = split.parts(target)[p];
            ASSERT_EQ(bodies[target][p].size(), part.bytes);
            ASSERT_TRUE(part.bytes <= limit || part.documents == 1);
            auto documents = parsed(bodies[target][p], format == PayloadFormat::json);
            ASSERT_EQ(documents.size(), part.documents);
            for (auto& document : documents) {
                ShardId shard = 0;
                positions.push_back(unstamp(document, task, shard));
                ASSERT_EQ(document, made.documents.at(positions.back()));
                ASSERT_EQ(shard, cluster::shard_of(made.ids[positions.back()], shards));
            }
        }
        std::vector<std::size_t> expected;
        for (std::size_t i = 0; i < made.ids.size(); ++i) {
            const auto& targets = routing.of_shard[cluster::shard_of(made.ids[i], shards)];
            if (std::ranges::find(targets, target) != targets.end()) {
                expected.push_back(i);
            }
        }
        ASSERT_EQ(positions, expected);
    }
}

TEST(DocumentSplit, EveryDocumentReachesItsShardsTargetsInOrder) {
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(seed);
        check_random_split(seed);
        if (testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

// The part's documents one after another, each with its markers before its last brace.
std::string written_out(const meili::DocumentBatch& batch, const ShardAssignment& assignment,
                        const Routing& routing, TaskUid task, std::uint32_t target, const BodyPart& part) {
    const bool list = batch.format() == PayloadFormat::json;
    std::string text;
    for (std::size_t i = part.first; i < part.last; ++i) {
        const auto& targets = routing.of_shard[assignment[i]];
        if (std::ranges::find(targets, target) == targets.end()) {
            continue;
        }
        std::string document(batch[i]);
        document.pop_back();
        const auto last = document.find_last_not_of(" \n\t\r");
        document += last == 0 ? "" : ",";
        document += "\"_miroir_shard\":\"" + meili::shard_marker(assignment[i]);
        document += "\",\"_miroir_version\":\"";
        document += meili::version_marker({task, static_cast<std::uint32_t>(i)}) + "\"}";
        text += (text.empty() || !list ? "" : ",") + document + (list ? "" : "\n");
    }
    return list ? "[" + text + "]" : text;
}

void check_random_bodies(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto format = seed % 2 == 0 ? PayloadFormat::json : PayloadFormat::ndjson;
    const RandomBatch made = random_batch(random, format);
    if (made.documents.empty()) {
        return;
    }
    const Padded body(made.body);
    const auto batch = meili::scan_documents(body, format);
    const std::uint32_t shards = 1 + random() % 8;
    const ShardAssignment assignment(made.ids, shards);
    const Routing routing = random_routing(random, shards);
    const std::uint64_t limit = random() % 3 == 0 ? 300 + random() % 3000 : no_limit;
    const TaskUid task = random() % 1'000'000;
    const DocumentSplit split(batch.value(), assignment, routing, task, limit);
    for (std::uint32_t target = 0; target < routing.targets; ++target) {
        for (const BodyPart& part : split.parts(target)) {
            const auto source = split.body(target, part);
            const auto expected = written_out(batch.value(), assignment, routing, task, target, part);
            ASSERT_EQ(source->size(), expected.size());
            for (auto pieces = random() % (3 * part.documents + 2); pieces > 0; --pieces) {
                source->next();
            }
            source->rewind();
            ASSERT_EQ(rest_of(*source), expected);
            ASSERT_EQ(source->next(), "");
            source->rewind();
            ASSERT_EQ(rest_of(*source), expected);
        }
    }
}

TEST(DocumentSplit, ABodyIsItsDocumentsWithTheirMarkersHoweverOftenItIsMade) {
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(seed);
        check_random_bodies(seed);
        if (testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

TEST(ShardAssignment, KnowsWhatItTouches) {
    const std::vector<std::string> ids = {"b", "a", "b", "c"};
    const ShardAssignment assignment(ids, 64);
    std::set<ShardId> touched;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(assignment[i], cluster::shard_of(ids[i], 64));
        touched.insert(assignment[i]);
    }
    EXPECT_EQ(assignment.touched(), std::vector<ShardId>(touched.begin(), touched.end()));
}

TEST(ShardAssignment, NamesIdsOnceAndSorted) {
    const std::vector<std::string> ids = {"b", "a", "b", "c"};
    EXPECT_EQ(ids_in_shard(ShardAssignment(ids, 1), ids, 0), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(SplitDeletion, IdsGoToTheirShardsTargets) {
    const std::vector<std::string> ids = {"1", "2", "x \"y\"", "1"};
    const ShardAssignment assignment(ids, 1);
    EXPECT_EQ(split_deletion(ids, assignment, Routing{3, {{0, 2}}}, no_limit),
              (std::vector<std::vector<std::string>>{
                  {R"(["1","2","x \"y\"","1"])"}, {}, {R"(["1","2","x \"y\"","1"])"}}));
}

TEST(SplitDeletion, ALongListBecomesSeveral) {
    const std::vector<std::string> ids = {"1", "2", "3", "4", "5"};
    const ShardAssignment assignment(ids, 1);
    EXPECT_EQ(split_deletion(ids, assignment, everything_to_one(1), 9),
              (std::vector<std::vector<std::string>>{{R"(["1","2"])", R"(["3","4"])", R"(["5"])"}}));
}

}  // namespace
}  // namespace miroir::writes
