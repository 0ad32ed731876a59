// Requests with what Meilisearch said to them: our parsers must refuse the same ones with the same words.

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "miroir/meili/content_type.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/meili/search_consistency.hpp"
#include "miroir/meili/search_query.hpp"
#include "miroir/meili/search_requests.hpp"
#include "miroir/meili/task_filter.hpp"

namespace miroir::meili {
namespace {

struct Recorded {
    std::string from;
    std::string method;
    std::string path;
    std::string query;
    std::optional<std::string> type;
    std::string body;
    // Absent: accepted.
    std::optional<std::string> code;
    std::string message;
    // The refusal depends on more than the request.
    bool by_state = false;
};

std::string text_of(const JsonValue& line, std::string_view key) {
    const JsonValue* value = line.find(key);
    return value == nullptr ? std::string() : value->string;
}

std::vector<Recorded> read_recorded(const std::string& file) {
    std::ifstream in(MIROIR_SOURCE_DIR "/tests/unit/meili/data/" + file);
    std::vector<Recorded> all;
    for (std::string line; std::getline(in, line);) {
        const auto parsed = parse_json(line);
        if (!parsed) {
            ADD_FAILURE() << file << ": " << parsed.error().text();
            return all;
        }
        const JsonValue& json = parsed.value();
        Recorded one{text_of(json, "from"),
                     text_of(json, "method"),
                     text_of(json, "path"),
                     text_of(json, "query"),
                     {},
                     text_of(json, "body"),
                     {},
                     text_of(json, "message")};
        if (json.find("type") != nullptr) {
            one.type = text_of(json, "type");
        }
        if (json.find("code") != nullptr) {
            one.code = text_of(json, "code");
        }
        one.by_state = json.find("state") != nullptr;
        all.push_back(std::move(one));
    }
    return all;
}

using Refusal = std::optional<ApiError>;

template <class T>
Refusal refusal(const Result<T>& result) {
    return result ? Refusal() : Refusal(result.error());
}

// The first refusal of the checks, in the order given.
Refusal first_of(std::initializer_list<std::function<Refusal()>> checks) {
    for (const auto& check : checks) {
        if (auto found = check()) {
            return found;
        }
    }
    return std::nullopt;
}

struct Request {
    const Recorded& recorded;
    QueryParameters parameters;
    std::vector<std::string> path;

    explicit Request(const Recorded& from) : recorded(from), parameters(decode_query(from.query)) {
        for (std::string_view rest = from.path; !rest.empty();) {
            rest.remove_prefix(1);
            const std::size_t end = std::min(rest.find('/'), rest.size());
            const QueryParameters segment = decode_query(rest.substr(0, end));
            path.push_back(segment.empty() ? std::string() : segment[0].first);
            rest.remove_prefix(end);
        }
    }
    bool is(std::string_view method) const { return recorded.method == method; }
    Refusal json_type() const { return refusal(check_json_content_type(recorded.type)); }
    Refusal uid() const { return refusal(check_index_uid(path.at(1))); }
};

// A route with a JSON body: content type, body, then the uid of the path.
template <class Parse>
Refusal json_route(const Request& request, Parse parse) {
    return first_of({[&] { return request.json_type(); },
                     [&] { return refusal(parse(request.recorded.body)); },
                     [&] { return request.path.size() > 1 ? request.uid() : Refusal(); }});
}

template <class Parse>
Refusal query_route(const Request& request, Parse parse) {
    return first_of({[&] { return refusal(parse(request.parameters)); },
                     [&] { return request.path.size() > 1 ? request.uid() : Refusal(); }});
}

Refusal filter_kind(const std::optional<std::string>& filter_json, std::string_view code) {
    return filter_json ? refusal(parse_filter_parameter(*filter_json, code)) : Refusal();
}

// A route that reads `parsed` from its body or its parameters and then asks `rules` about it.
template <class Query, class Rules>
Refusal parsed_route(const Request& request, const Result<Query>& parsed, Rules rules) {
    return first_of({[&] { return request.is("GET") ? Refusal() : request.json_type(); },
                     [&] { return refusal(parsed); },
                     [&] { return request.path.size() > 1 ? request.uid() : Refusal(); },
                     [&] { return rules(parsed.value()); }});
}

template <class Query>
Refusal parsed_route(const Request& request, const Result<Query>& parsed) {
    return parsed_route(request, parsed, [](const Query&) { return Refusal(); });
}

Refusal refuse_search(const Request& request) {
    const auto parsed =
        request.is("GET") ? parse_search(request.parameters) : parse_search(request.recorded.body);
    return parsed_route(request, parsed, [](const SearchQuery& query) {
        return first_of({[&] { return filter_kind(query.filter_json, "invalid_search_filter"); },
                         [&] { return refusal(check_use_network(query.use_network)); },
                         [&] { return refusal(check_vectors(query)); }});
    });
}

Refusal refuse_facet_search(const Request& request) {
    return parsed_route(
        request, parse_facet_search(request.recorded.body), [](const FacetSearchQuery& query) {
            return first_of({[&] { return refusal(check_use_network(query.use_network)); },
                             [&] { return filter_kind(query.filter_json, "invalid_search_filter"); }});
        });
}

Refusal refuse_similar(const Request& request) {
    return parsed_route(request, request.is("GET") ? parse_similar(request.parameters)
                                                   : parse_similar(request.recorded.body));
}

Refusal refuse_document_list(const Request& request) {
    const auto parsed = request.is("GET") ? parse_documents_query(request.parameters)
                                          : parse_documents_query(request.recorded.body);
    return parsed_route(request, parsed, [](const DocumentsQuery& query) {
        return first_of({[&] { return refusal(check_use_network(query.use_network)); },
                         [&] { return filter_kind(query.filter_json, "invalid_document_filter"); }});
    });
}

Refusal refuse_queries(const MultiSearch& search) {
    for (std::size_t i = 0; i < search.queries.size(); ++i) {
        const IndexedSearchQuery& query = search.queries[i];
        auto found =
            first_of({[&] { return filter_kind(query.query.filter_json, "invalid_search_filter"); },
                      [&] {
                          return refusal(search.federation ? check_in_federation(query, *search.federation)
                                                           : check_outside_federation(query));
                      },
                      [&] { return refusal(check_vectors(query.query)); }});
        if (found) {
            return inside_query(i, *found);
        }
    }
    return std::nullopt;
}

Refusal refuse_multi_search(const Request& request) {
    return parsed_route(request, parse_multi_search(request.recorded.body), refuse_queries);
}

Refusal refuse_document_write(const Request& request) {
    const auto query = parse_document_write_query(request.parameters);
    return first_of({[&] { return refusal(query); }, [&] { return request.uid(); },
                     [&] {
                         return refusal(
                             check_document_content_type(request.recorded.type, query.value().csv_delimiter));
                     }});
}

Refusal refuse_delete_batch(const Request& request) {
    return first_of({[&] { return request.json_type(); },
                     [&] { return refusal(parse_delete_batch(request.recorded.body)); },
                     [&] { return refusal(parse_custom_metadata(request.parameters)); },
                     [&] { return request.uid(); }});
}

Refusal refuse_delete_by_filter(const Request& request) {
    return first_of({[&] { return refusal(parse_custom_metadata(request.parameters)); },
                     [&] {
                         return parsed_route(request, parse_delete_by_filter(request.recorded.body),
                                             [](const std::string& filter) {
                                                 return filter_kind(filter, "invalid_document_filter");
                                             });
                     }});
}

Refusal refuse_documents(const Request& request) {
    const std::string last = request.path.size() > 3 ? request.path[3] : "";
    if (last.empty()) {
        if (request.is("GET")) return refuse_document_list(request);
        if (request.is("DELETE")) return query_route(request, parse_custom_metadata);
        return refuse_document_write(request);
    }
    if (request.is("GET")) return query_route(request, parse_document_query);
    if (request.is("DELETE")) return query_route(request, parse_custom_metadata);
    if (last == "fetch") return refuse_document_list(request);
    if (last == "delete-batch") return refuse_delete_batch(request);
    if (last == "delete") return refuse_delete_by_filter(request);
    return json_route(request, parse_document_edit);
}

Refusal refuse_tasks(const Request& request) {
    if (request.is("DELETE")) return refusal(parse_task_deletion(request.parameters));
    if (request.is("POST")) return refusal(parse_task_cancelation(request.parameters));
    if (request.path.size() == 1) return refusal(parse_task_list(request.parameters));
    return request.path[0] == "tasks" ? refusal(parse_task_uid(request.path[1]))
                                      : refusal(parse_batch_uid(request.path[1]));
}

Refusal refuse_index(const Request& request) {
    if (request.path.size() == 1) {
        return request.is("GET") ? refusal(parse_index_page(request.parameters))
                                 : json_route(request, parse_index_creation);
    }
    if (request.path.size() == 2) {
        const auto parse = [&](std::string_view body) { return parse_index_update(request.path[1], body); };
        return json_route(request, parse);
    }
    const std::string& route = request.path[2];
    if (route == "documents") return refuse_documents(request);
    if (route == "facet-search") return refuse_facet_search(request);
    if (route == "fields") return json_route(request, parse_fields_query);
    if (route == "stats") return query_route(request, parse_stats_query);
    if (route == "similar") return refuse_similar(request);
    return refuse_search(request);
}

Refusal refuse_swaps(const Request& request) {
    return first_of(
        {[&] { return json_route(request, parse_index_swaps); },
         [&] { return refusal(check_index_swaps(parse_index_swaps(request.recorded.body).value())); }});
}

Refusal refuse(const Recorded& recorded) {
    const Request request(recorded);
    const std::string& first = request.path.at(0);
    if (first == "tasks" || first == "batches") return refuse_tasks(request);
    if (first == "multi-search") return refuse_multi_search(request);
    if (first == "swap-indexes") return refuse_swaps(request);
    if (first == "stats") return refusal(parse_stats_query(request.parameters));
    return refuse_index(request);
}

void expect_the_same_refusals(const std::string& file, std::size_t count_min) {
    const auto all = read_recorded(file);
    ASSERT_GE(all.size(), count_min);
    for (const Recorded& recorded : all) {
        SCOPED_TRACE(recorded.from + ": " + recorded.method + " " + recorded.path + "?" + recorded.query +
                     " " + recorded.body);
        const Refusal refused = refuse(recorded);
        if (!recorded.code || recorded.by_state) {
            EXPECT_FALSE(refused) << refused->code << ": " << refused->message;
            continue;
        }
        EXPECT_TRUE(refused) << "expected " << *recorded.code << ": " << recorded.message;
        if (refused) {
            EXPECT_EQ(refused->code, *recorded.code);
            EXPECT_EQ(refused->message, recorded.message);
        }
    }
}

TEST(RecordedRequests, ScenariosAreAcceptedAndRefusedAsRecorded) {
    expect_the_same_refusals("recorded_requests.jsonl", 500);
}

TEST(RecordedRequests, ProbesAreAcceptedAndRefusedAsRecorded) {
    expect_the_same_refusals("probed_requests.jsonl", 1000);
}

}  // namespace
}  // namespace miroir::meili
