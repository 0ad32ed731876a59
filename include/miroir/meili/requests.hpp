#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"

// What the routes of indexes, documents and stats take. The functions do all the checks that need nothing
// but the request; `body` is the decompressed body of a request whose content type has been accepted.
namespace miroir::meili {

struct Page {
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
};
// GET /indexes
Result<Page> parse_index_page(const QueryParameters& parameters);

struct IndexCreation {
    std::string uid;
    std::optional<std::string> primary_key;
};
Result<IndexCreation> parse_index_creation(std::string_view body);

struct IndexUpdate {
    std::optional<std::string> primary_key;
    // The new name of the index.
    std::optional<std::string> uid;
};
// Checks the uid of the path as well: between the body and the new uid.
Result<IndexUpdate> parse_index_update(std::string_view path_uid, std::string_view body);

struct IndexSwap {
    std::string first;
    std::string second;
    bool rename = false;
};
Result<std::vector<IndexSwap>> parse_index_swaps(std::string_view body);
// An index may stand in one swap only. Comes after the check that the key may touch the indexes.
Result<void> check_index_swaps(const std::vector<IndexSwap>& swaps);

// GET and POST (fetch) of documents.
struct DocumentsQuery {
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
    // Empty: all.
    std::optional<std::vector<std::string>> fields;
    bool retrieve_vectors = false;
    // Each id as JSON, of any kind: judging them is up to the route.
    std::optional<std::vector<std::string>> ids_json;
    // As in SearchQuery.
    std::optional<std::string> filter_json;
    std::optional<std::vector<std::string>> sort;
    std::optional<bool> use_network;
};
Result<DocumentsQuery> parse_documents_query(const QueryParameters& parameters);
Result<DocumentsQuery> parse_documents_query(std::string_view body);

// GET of one document.
struct DocumentQuery {
    std::optional<std::vector<std::string>> fields;
    bool retrieve_vectors = false;
    std::optional<bool> use_network;
};
Result<DocumentQuery> parse_document_query(const QueryParameters& parameters);

// POST and PUT of documents.
struct DocumentWriteQuery {
    std::optional<std::string> primary_key;
    std::optional<char> csv_delimiter;
    std::optional<std::string> custom_metadata;
    std::optional<bool> skip_creation;
};
Result<DocumentWriteQuery> parse_document_write_query(const QueryParameters& parameters);

// The only parameter of the routes that delete or edit documents.
Result<std::optional<std::string>> parse_custom_metadata(const QueryParameters& parameters);

// The ids: strings as they are, anything else as its compact JSON. On this route the body is looked at before
// the query string.
Result<std::vector<std::string>> parse_delete_batch(std::string_view body);

// The filter's JSON as sent; may be null.
Result<std::string> parse_delete_by_filter(std::string_view body);

struct DocumentEdit {
    std::string function;
    std::optional<std::string> filter_json;
    std::optional<std::string> context_json;
};
Result<DocumentEdit> parse_document_edit(std::string_view body);

struct StatsQuery {
    bool show_internal_database_sizes = false;
    // Sizes as text with a unit.
    bool human_sizes = false;
};
Result<StatsQuery> parse_stats_query(const QueryParameters& parameters);

}  // namespace miroir::meili
