#include <algorithm>
#include <array>

#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
    });
}

Result<void> read_ids(const Place& place, std::optional<std::vector<std::string>>& out) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.emplace();
    for (const JsonValue& id : place.value.items) {
        out->emplace_back(id.raw);
    }
    return ok();
}

Result<void> read_csv_delimiter(const Place& place, std::optional<char>& out) {
    const std::string& text = place.value.string;
    if (text.empty()) {
        return invalid_value(place, "expected a string of one character, but found an empty string");
    }
    const std::size_t count = count_characters(text);
    if (count > 1) {
        return invalid_value(place, "expected a string of one character, but found the following string of " +
                                        std::to_string(count) + " characters: `" + text + "`");
    }
    if (text.size() > 1) {
        return error(place.code, "csv delimiter must be an ascii character. Found: `" + text + "`");
    }
    out = text.front();
    return ok();
}

Result<void> read_skip_creation(const Place& place, std::optional<bool>& out) {
    const std::string& text = place.value.string;
    const bool yes = equals_ignoring_case(text, "true");
    if (!yes && !equals_ignoring_case(text, "false")) {
        return error(place.code, "skipCreation must be either `true` or `false`. Found: `" + text + "`");
    }
    out = yes;
    return ok();
}

}  // namespace

Result<DocumentsQuery> parse_documents_query(const QueryParameters& parameters) {
    DocumentsQuery query;
    StarList<std::string> names;
    std::optional<std::vector<std::string>> ids;
    std::optional<std::string> filter;
    std::optional<std::string> sort;
    const std::array fields{
        field<read_query_unsigned>("offset", "invalid_document_offset", query.offset),
        field<read_query_unsigned>("limit", "invalid_document_limit", query.limit),
        field<read_query_star_list>("fields", "invalid_document_fields", names),
        field<read_query_boolean>("retrieveVectors", "invalid_document_retrieve_vectors",
                                  query.retrieve_vectors),
        field<read_query_list>("ids", "invalid_document_ids", ids),
        field("filter", "invalid_document_filter", filter),
        field("sort", "invalid_document_sort", sort),
        field<read_query_impossible_boolean>("useNetwork", "invalid_document_use_network", query.use_network),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    query.fields = std::move(names.items);
    if (ids) {
        query.ids_json.emplace();
        for (const std::string& id : *ids) {
            query.ids_json->push_back(json_string(id));
        }
    }
    if (filter) {
        query.filter_json = filter_text_to_json(*filter);
    }
    if (sort) {
        query.sort = split_sort(*sort);
    }
    return query;
}

Result<DocumentsQuery> parse_documents_query(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    DocumentsQuery query;
    const std::array fields{
        field("offset", "invalid_document_offset", query.offset),
        field("limit", "invalid_document_limit", query.limit),
        field("fields", "invalid_document_fields", query.fields),
        field("retrieveVectors", "invalid_document_retrieve_vectors", query.retrieve_vectors),
        field<read_ids>("ids", "invalid_document_ids", query.ids_json),
        field<read_optional_raw>("filter", "invalid_document_filter", query.filter_json),
        field("sort", "invalid_document_sort", query.sort),
        field("useNetwork", "invalid_document_use_network", query.use_network),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

Result<DocumentQuery> parse_document_query(const QueryParameters& parameters) {
    DocumentQuery query;
    StarList<std::string> names;
    const std::array fields{
        field<read_query_star_list>("fields", "invalid_document_fields", names),
        field<read_query_boolean>("retrieveVectors", "invalid_document_retrieve_vectors",
                                  query.retrieve_vectors),
        field<read_query_impossible_boolean>("useNetwork", "invalid_document_use_network", query.use_network),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    query.fields = std::move(names.items);
    return query;
}

Result<DocumentWriteQuery> parse_document_write_query(const QueryParameters& parameters) {
    DocumentWriteQuery query;
    const std::array fields{
        field("primaryKey", "invalid_index_primary_key", query.primary_key),
        field<read_csv_delimiter>("csvDelimiter", "invalid_document_csv_delimiter", query.csv_delimiter),
        field("customMetadata", "invalid_index_custom_metadata", query.custom_metadata),
        field<read_skip_creation>("skipCreation", "invalid_skip_creation", query.skip_creation),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

Result<std::optional<std::string>> parse_custom_metadata(const QueryParameters& parameters) {
    std::optional<std::string> metadata;
    const std::array fields{field("customMetadata", "invalid_index_custom_metadata", metadata)};
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return metadata;
}

Result<std::string> parse_delete_by_filter(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    std::string filter;
    const std::array fields{
        field<read_raw>("filter", "invalid_document_filter", filter).required("missing_document_filter"),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return filter;
}

Result<DocumentEdit> parse_document_edit(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    DocumentEdit edit;
    const std::array fields{
        field<read_optional_raw>("filter", "invalid_document_filter", edit.filter_json),
        field<read_optional_raw>("context", "invalid_document_edition_context", edit.context_json),
        field("function", "invalid_document_edition_function_filter", edit.function)
            .required("missing_document_edition_function"),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return edit;
}

}  // namespace miroir::meili
