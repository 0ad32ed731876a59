#include <algorithm>

#include "devnode/api.hpp"
#include "devnode/request_checks.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/requests.hpp"

namespace miroir::devnode {

namespace {

std::string text_or_null(const std::optional<std::string>& text) {
    return text ? meili::json_string(*text) : "null";
}

std::string index_json(const Index& index) {
    return "{\"uid\":" + meili::json_string(index.uid) + ",\"createdAt\":\"" + rfc3339(index.created_at) +
           "\",\"updatedAt\":\"" + rfc3339(index.updated_at) +
           "\",\"primaryKey\":" + text_or_null(index.primary_key) + "}";
}

std::string size_json(std::uint64_t bytes, bool human) {
    if (!human) {
        return std::to_string(bytes);
    }
    return bytes < 1024 ? "\"" + std::to_string(bytes) + " B\""
                        : "\"" + std::to_string(bytes / 1024) + " KiB\"";
}

std::uint64_t documents_size(const Index& index) {
    std::uint64_t bytes = 0;
    for (const auto& document : index.documents()) {
        bytes += document ? document->body.size() : 0;
    }
    return bytes;
}

std::string stats_json(const Index& index, bool is_indexing, const meili::StatsQuery& query) {
    const auto bytes = documents_size(index);
    const auto count = index.document_count();
    std::string out = "{\"numberOfDocuments\":" + std::to_string(count);
    out += ",\"rawDocumentDbSize\":" + size_json(bytes, query.human_sizes);
    out += ",\"avgDocumentSize\":" + size_json(count == 0 ? 0 : bytes / count, query.human_sizes);
    out += ",\"isIndexing\":" + std::string(is_indexing ? "true" : "false");
    if (query.show_internal_database_sizes && bytes > 0) {
        out += ",\"internalDatabaseSizes\":{\"documents\":" + size_json(bytes, query.human_sizes) + "}";
    }
    out += ",\"numberOfEmbeddings\":0,\"numberOfEmbeddedDocuments\":0,\"fieldDistribution\":{";
    bool first = true;
    for (const auto& [field, documents] : index.field_distribution()) {
        out += (first ? "" : ",") + meili::json_string(field) + ":" + std::to_string(documents);
        first = false;
    }
    return out + "}}";
}

// The index whose documents a task changes now.
std::optional<std::string> index_at_work(const Engine& engine) {
    std::optional<std::string> out;
    engine.visit_tasks([&](const Task& task) {
        if (task.status == TaskStatus::processing) {
            out = task.index_uid;
        }
    });
    return out;
}

}  // namespace

Api::Answer Api::list_indexes(const http::Request& request) {
    const auto page = meili::parse_index_page(meili::decode_query(request.query));
    if (!page) {
        return page.error();
    }
    return engine_.read([&](const Indexes& indexes) -> Answer {
        std::string out = "{\"results\":[";
        std::uint64_t at = 0;
        for (const auto& [uid, index] : indexes) {
            const auto place = at++;
            if (place >= page.value().offset && place - page.value().offset < page.value().limit) {
                out += (out.back() == '[' ? "" : ",") + index_json(*index);
            }
        }
        out += "],\"offset\":" + std::to_string(page.value().offset) +
               ",\"limit\":" + std::to_string(page.value().limit) + ",\"total\":" + std::to_string(at) + "}";
        return http::json_response(std::move(out));
    });
}

Api::Answer Api::create_index(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto creation = meili::parse_index_creation(request.body);
    if (!creation) {
        return creation.error();
    }
    Task task;
    task.kind = TaskKind::index_creation;
    task.index_uid = creation.value().uid;
    task.details = "{\"primaryKey\":" + text_or_null(creation.value().primary_key) + "}";
    task.parameters = task.details;
    return enqueue(std::move(task));
}

Api::Answer Api::get_index(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    return engine_.read([&](const Indexes& indexes) -> Answer {
        const Index* index = find_index(indexes, uid.value());
        if (!index) {
            return meili::index_not_found(uid.value());
        }
        return http::json_response(index_json(*index));
    });
}

Api::Answer Api::update_index(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto& uid = request.path_parameter("uid");
    const auto update = meili::parse_index_update(uid, request.body);
    if (!update) {
        return update.error();
    }
    Task task;
    task.kind = TaskKind::index_update;
    task.index_uid = uid;
    const auto key = "\"primaryKey\":" + text_or_null(update.value().primary_key);
    task.details = "{" + key + "}";
    if (update.value().uid) {
        task.details = "{" + key + ",\"oldIndexUid\":" + meili::json_string(uid) +
                       ",\"newIndexUid\":" + meili::json_string(*update.value().uid) + "}";
    }
    task.parameters = "{" + key + ",\"uid\":" + text_or_null(update.value().uid) + "}";
    return enqueue(std::move(task));
}

Api::Answer Api::delete_index(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    Task task;
    task.kind = TaskKind::index_deletion;
    task.index_uid = uid.value();
    task.details = R"({"deletedDocuments":null})";
    return enqueue(std::move(task));
}

Api::Answer Api::compact_index(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    Task task;
    task.kind = TaskKind::index_compaction;
    task.index_uid = uid.value();
    task.details = R"({"preCompactionSize":null,"postCompactionSize":null})";
    return enqueue(std::move(task));
}

Api::Answer Api::swap_indexes(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto swaps = meili::parse_index_swaps(request.body);
    if (!swaps) {
        return swaps.error();
    }
    if (auto checked = meili::check_index_swaps(swaps.value()); !checked) {
        return checked.error();
    }
    std::string list = "[";
    for (const auto& swap : swaps.value()) {
        list += list.size() == 1 ? "" : ",";
        list += "{\"indexes\":[" + meili::json_string(swap.first) + "," + meili::json_string(swap.second) +
                "],\"rename\":" + (swap.rename ? "true}" : "false}");
    }
    Task task;
    task.kind = TaskKind::index_swap;
    task.parameters = list + "]";
    task.details = "{\"swaps\":" + task.parameters + "}";
    return enqueue(std::move(task));
}

Api::Answer Api::index_stats(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto query = meili::parse_stats_query(meili::decode_query(request.query));
    if (!query) {
        return query.error();
    }
    const bool is_indexing = index_at_work(engine_) == uid.value();
    return engine_.read([&](const Indexes& indexes) -> Answer {
        const Index* index = find_index(indexes, uid.value());
        if (!index) {
            return meili::index_not_found(uid.value());
        }
        return http::json_response(stats_json(*index, is_indexing, query.value()));
    });
}

Api::Answer Api::stats(const http::Request& request) {
    const auto query = meili::parse_stats_query(meili::decode_query(request.query));
    if (!query) {
        return query.error();
    }
    const auto at_work = index_at_work(engine_);
    return engine_.read([&](const Indexes& indexes) -> Answer {
        std::uint64_t bytes = 65'536;
        std::optional<WallTime> last_update;
        std::string list;
        for (const auto& [uid, index] : indexes) {
            bytes += documents_size(*index);
            last_update = std::max(last_update.value_or(WallTime{}), index->updated_at);
            list += (list.empty() ? "" : ",") + meili::json_string(uid) + ":" +
                    stats_json(*index, at_work == uid, query.value());
        }
        const auto size = size_json(bytes, query.value().human_sizes);
        return http::json_response(
            "{\"databaseSize\":" + size + ",\"usedDatabaseSize\":" + size + ",\"lastUpdate\":" +
            (last_update ? "\"" + rfc3339(*last_update) + "\"" : "null") + ",\"indexes\":{" + list + "}}");
    });
}

}  // namespace miroir::devnode
