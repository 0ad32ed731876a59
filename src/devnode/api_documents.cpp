#include <algorithm>
#include <set>

#include "devnode/api.hpp"
#include "devnode/formatting.hpp"
#include "devnode/hit_writer.hpp"
#include "devnode/request_checks.hpp"
#include "devnode/sort_value.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

constexpr std::string_view filter_code = "invalid_document_filter";

ApiError network_not_enabled() {
    return meili::error(
        "feature_not_enabled",
        "passing `useNetwork` in a search query requires enabling the `network` experimental feature. "
        "See https://github.com/orgs/meilisearch/discussions/805");
}

Result<std::set<std::string>> read_ids(const std::vector<std::string>& ids_json) {
    std::set<std::string> out;
    for (std::size_t i = 0; i < ids_json.size(); ++i) {
        const auto value = meili::parse_json(ids_json[i]);
        const bool text = value && value.value().kind == JsonKind::string;
        const bool integer = value && value.value().kind == JsonKind::number &&
                             value.value().number.kind != meili::JsonNumber::Kind::real;
        auto id = value ? scalar_text(value.value()) : std::string();
        if ((!text && !integer) || !meili::is_valid_document_id(id)) {
            const auto at = "In `.ids[" + std::to_string(i) + "]`: ";
            return meili::error("invalid_document_ids", at + meili::invalid_document_id(ids_json[i]).message);
        }
        out.insert(std::move(id));
    }
    return out;
}

// The documents of a listing, before it is cut into pages.
Result<std::vector<const Document*>> select_documents(const Index& index, const meili::DocumentsQuery& query,
                                                      const meili::FilterFeatures& features) {
    meili::Filter filter;
    const FilterView::IsKnown known = [&](std::string_view name) {
        return index.knows_field(std::string(name));
    };
    if (query.filter_json) {
        auto parameter = meili::parse_filter_parameter(*query.filter_json, filter_code);
        auto parsed = parameter ? meili::parse_filter(parameter.value(), filter_code) : parameter.error();
        auto checked = parsed ? meili::check_features(parsed.value(), features) : parsed.error();
        if (checked) {
            checked = meili::check_filterable(parsed.value(), index.rules().filterable, filter_code, known);
        }
        if (!checked) {
            return checked.error();
        }
        filter = std::move(parsed.value());
    }
    std::optional<std::set<std::string>> ids;
    if (query.ids_json) {
        auto read = read_ids(*query.ids_json);
        if (!read) {
            return read.error();
        }
        ids = std::move(read.value());
    }
    std::vector<const Document*> out;
    for (const auto& document : index.documents()) {
        if (document && (!ids || ids->count(document->id)) &&
            meili::evaluate(filter, FilterView(document->tree, known))) {
            out.push_back(document.get());
        }
    }
    return out;
}

Result<void> sort_documents(const Index& index, const std::vector<std::string>& sort,
                            std::vector<const Document*>& documents) {
    const auto criteria = check_sort(index, sort, "invalid_document_sort");
    if (!criteria) {
        return criteria.error();
    }
    const auto plan = make_plan({"sort"}, criteria.value(), false, true, nullptr);
    std::vector<RankedDocument> ranked;
    for (const Document* document : documents) {
        RankedDocument& entry = ranked.emplace_back();
        entry.document = document;
        for (const auto& step : plan.steps) {
            entry.scores.push_back(sort_score(step, *document));
        }
    }
    std::sort(ranked.begin(), ranked.end(),
              [&](const auto& a, const auto& b) { return ranks_before(plan, a, b); });
    std::transform(ranked.begin(), ranked.end(), documents.begin(),
                   [](const auto& entry) { return entry.document; });
    return ok();
}

std::string shown_json(const Document& document, const std::optional<std::vector<std::string>>& fields,
                       bool vectors) {
    Selection selection;
    if (fields && !selects_all(*fields)) {
        selection = *fields;
    }
    if (!selection && !vectors && !document.tree.find("_vectors")) {
        return document.body;
    }
    auto out = select(vectors ? document.tree : without_vectors(document.tree), selection);
    const bool shows_vectors = std::any_of(out.members.begin(), out.members.end(),
                                           [](const auto& member) { return member.key == "_vectors"; });
    if (vectors && !shows_vectors) {
        const JsonValue* stored = document.tree.find("_vectors");
        JsonValue none;
        none.kind = JsonKind::object;
        out.members.push_back({"_vectors", stored ? *stored : none});
    }
    return meili::print(out);
}

}  // namespace

Api::Answer Api::list_documents(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto query = meili::parse_documents_query(meili::decode_query(request.query));
    return query ? read_documents(uid.value(), query.value()) : query.error();
}

Api::Answer Api::fetch_documents(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto query = meili::parse_documents_query(std::string_view(request.body));
    if (!query) {
        return query.error();
    }
    const auto uid = index_uid_of(request);
    return uid ? read_documents(uid.value(), query.value()) : uid.error();
}

Api::Answer Api::read_documents(const std::string& uid, const meili::DocumentsQuery& query) {
    if (query.use_network) {
        return network_not_enabled();
    }
    const auto features = filter_features();
    return engine_.read([&](const Indexes& indexes) -> Answer {
        const Index* index = find_index(indexes, uid);
        if (!index) {
            return meili::index_not_found(uid);
        }
        auto documents = select_documents(*index, query, features);
        if (!documents) {
            return documents.error();
        }
        if (query.sort) {
            if (auto sorted = sort_documents(*index, *query.sort, documents.value()); !sorted) {
                return sorted.error();
            }
        }
        const auto total = documents.value().size();
        const auto begin = std::min<std::uint64_t>(query.offset, total);
        const auto end = begin + std::min<std::uint64_t>(query.limit, total - begin);
        std::string out = "{\"results\":[";
        for (auto i = begin; i < end; ++i) {
            out += i == begin ? "" : ",";
            out += shown_json(*documents.value()[i], query.fields, query.retrieve_vectors);
        }
        out += "],\"offset\":" + std::to_string(query.offset) + ",\"limit\":" + std::to_string(query.limit) +
               ",\"total\":" + std::to_string(total) + "}";
        return http::json_response(std::move(out));
    });
}

Api::Answer Api::get_document(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto query = meili::parse_document_query(meili::decode_query(request.query));
    if (!query) {
        return query.error();
    }
    const auto& id = request.path_parameter("id");
    return engine_.read([&](const Indexes& indexes) -> Answer {
        const Index* index = find_index(indexes, uid.value());
        if (!index) {
            return meili::index_not_found(uid.value());
        }
        const auto document = index->find(id);
        if (!document) {
            return meili::error("document_not_found", "Document `" + id + "` not found.");
        }
        return http::json_response(
            shown_json(*document, query.value().fields, query.value().retrieve_vectors));
    });
}

Api::Answer Api::replace_documents(const http::Request& request) {
    return write_documents(request, false);
}

Api::Answer Api::update_documents(const http::Request& request) {
    return write_documents(request, true);
}

Api::Answer Api::write_documents(const http::Request& request, bool merge) {
    const auto query = meili::parse_document_write_query(meili::decode_query(request.query));
    if (!query) {
        return query.error();
    }
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto& wanted = query.value();
    const auto format = meili::check_document_content_type(content_type_of(request), wanted.csv_delimiter);
    if (!format) {
        return format.error();
    }
    const auto batch =
        meili::scan_documents(request.body, format.value(), wanted.csv_delimiter.value_or(','));
    if (!batch) {
        return batch.error();
    }
    Task task;
    task.kind = TaskKind::document_addition;
    task.index_uid = uid.value();
    task.custom_metadata = wanted.custom_metadata;
    task.details =
        "{\"receivedDocuments\":" + std::to_string(batch.value().size()) + ",\"indexedDocuments\":null}";
    task.parameters =
        "{\"merge\":" + std::string(merge ? "true" : "false") +
        ",\"skipCreation\":" + (wanted.skip_creation.value_or(false) ? "true" : "false") +
        ",\"primaryKey\":" + (wanted.primary_key ? meili::json_string(*wanted.primary_key) : "null") +
        ",\"format\":" + meili::json_string(meili::name_of(format.value())) +
        ",\"delimiter\":" + meili::json_string(std::string(1, wanted.csv_delimiter.value_or(','))) + "}";
    task.payload = request.body;
    return enqueue(std::move(task));
}

http::Response Api::enqueue_deletion(TaskKind kind, const std::string& uid, std::string details,
                                     std::string parameters, std::optional<std::string> metadata) {
    Task task;
    task.kind = kind;
    task.index_uid = uid;
    task.details = std::move(details);
    task.parameters = std::move(parameters);
    task.custom_metadata = std::move(metadata);
    return enqueue(std::move(task));
}

Api::Answer Api::delete_document(const http::Request& request) {
    const auto metadata = meili::parse_custom_metadata(meili::decode_query(request.query));
    const auto uid = index_uid_of(request);
    if (!metadata || !uid) {
        return metadata ? uid.error() : metadata.error();
    }
    return enqueue_deletion(TaskKind::document_deletion_by_ids, uid.value(),
                            R"({"providedIds":1,"deletedDocuments":null,"originalFilter":null})",
                            "[" + meili::json_string(request.path_parameter("id")) + "]", metadata.value());
}

Api::Answer Api::delete_batch(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto ids = meili::parse_delete_batch(request.body);
    if (!ids) {
        return ids.error();
    }
    const auto metadata = meili::parse_custom_metadata(meili::decode_query(request.query));
    const auto uid = index_uid_of(request);
    if (!metadata || !uid) {
        return metadata ? uid.error() : metadata.error();
    }
    std::string list = "[";
    for (const auto& id : ids.value()) {
        list += (list.size() == 1 ? "" : ",") + meili::json_string(id);
    }
    return enqueue_deletion(TaskKind::document_deletion_by_ids, uid.value(),
                            "{\"providedIds\":" + std::to_string(ids.value().size()) +
                                ",\"deletedDocuments\":null,\"originalFilter\":null}",
                            list + "]", metadata.value());
}

Api::Answer Api::delete_by_filter(const http::Request& request) {
    const auto metadata = meili::parse_custom_metadata(meili::decode_query(request.query));
    const auto uid = index_uid_of(request);
    if (!metadata || !uid) {
        return metadata ? uid.error() : metadata.error();
    }
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto filter_json = meili::parse_delete_by_filter(request.body);
    if (!filter_json) {
        return filter_json.error();
    }
    const auto parameter = meili::parse_filter_parameter(filter_json.value(), filter_code);
    const auto filter = parameter ? meili::parse_filter(parameter.value(), filter_code) : parameter.error();
    const auto checked = filter ? meili::check_features(filter.value(), filter_features()) : filter.error();
    if (!checked) {
        return checked.error();
    }
    if (filter.value().empty()) {
        return meili::error(filter_code, "Sending an empty filter is forbidden.");
    }
    const auto parsed = meili::parse_json(filter_json.value());
    const auto compact = parsed ? meili::print(parsed.value()) : filter_json.value();
    return enqueue_deletion(TaskKind::document_deletion_by_filter, uid.value(),
                            "{\"providedIds\":0,\"deletedDocuments\":null,\"originalFilter\":" +
                                meili::json_string(compact) + "}",
                            compact, metadata.value());
}

Api::Answer Api::delete_documents(const http::Request& request) {
    const auto metadata = meili::parse_custom_metadata(meili::decode_query(request.query));
    const auto uid = index_uid_of(request);
    if (!metadata || !uid) {
        return metadata ? uid.error() : metadata.error();
    }
    return enqueue_deletion(TaskKind::document_clear, uid.value(), R"({"deletedDocuments":null})", "null",
                            metadata.value());
}

Api::Answer Api::edit_documents(const http::Request&) {
    return meili::error("feature_not_enabled",
                        "Using the documents edit route requires enabling the `edit documents by function` "
                        "experimental feature. See https://github.com/orgs/meilisearch/discussions/762");
}

}  // namespace miroir::devnode
