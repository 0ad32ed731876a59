#include "miroir/api/document_handler.hpp"
#include "miroir/api/shielded.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/filter.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::api {

DocumentWriteHandler::DocumentWriteHandler(writes::DocumentWriter& writer, Executor control)
    : writer_(writer), control_(std::move(control)) {}

Async<Result<http::Response>> DocumentWriteHandler::submit(writes::DocumentWrite write) {
    TaskSummary summary;
    summary.index_uid = write.index.str();
    auto call = writer_.write(std::move(write));
    auto receipt = co_await shielded_on(control_, std::move(call));
    if (!receipt) {
        co_return receipt.error();
    }
    summary.uid = receipt.value().uid;
    summary.type = receipt.value().type;
    summary.enqueued_at = receipt.value().enqueued_at;
    summary.custom_metadata = receipt.value().custom_metadata;
    auto response = accepted(summary);
    std::string degraded;
    for (const auto& node : receipt.value().degraded) {
        degraded += (degraded.empty() ? "nodes=" : ",") + node.str();
    }
    if (!degraded.empty()) {
        response.headers.emplace_back("x-miroir-degraded", std::move(degraded));
    }
    co_return response;
}

Async<Result<http::Response>> DocumentWriteHandler::add(http::Request request, auth::Grant grant) {
    return put_documents(std::move(request), std::move(grant), writes::WriteKind::replace);
}

Async<Result<http::Response>> DocumentWriteHandler::update(http::Request request, auth::Grant grant) {
    return put_documents(std::move(request), std::move(grant), writes::WriteKind::update);
}

Async<Result<http::Response>> DocumentWriteHandler::put_documents(http::Request request, auth::Grant grant,
                                                                  writes::WriteKind kind) {
    const auto query = meili::parse_document_write_query(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    const auto uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto format =
        meili::check_document_content_type(content_type_of(request), query.value().csv_delimiter);
    if (!format) {
        co_return format.error();
    }
    const auto named = meili::check_primary_key_name(query.value().primary_key);
    if (!named) {
        co_return named.error();
    }
    auto body = std::make_shared<std::string>(std::move(request.body));
    body->reserve(body->size() + 64);
    auto room = http::Room::enough;
    const auto fits = [&](std::size_t bytes) {
        room = request.room_for ? request.room_for(body->size() + bytes) : http::Room::enough;
        return room == http::Room::enough;
    };
    const auto delimiter = query.value().csv_delimiter.value_or(',');
    auto batch = meili::scan_documents(*body, format.value(), delimiter, fits);
    if (room == http::Room::not_now) {
        co_return meili::error("miroir_overloaded", "Too many uploads are being received or written.");
    }
    if (!batch) {
        co_return batch.error();
    }
    if (format.value() == meili::PayloadFormat::csv) {
        *body = std::string();
    }
    const auto reserved = meili::check_reserved_members(batch.value(), false);
    if (!reserved) {
        co_return reserved.error();
    }
    writes::DocumentWrite write;
    write.kind = kind;
    write.index = LogicalIndexUid(uid);
    write.body = std::move(body);
    write.batch = std::make_shared<const meili::DocumentBatch>(std::move(batch.value()));
    write.primary_key = query.value().primary_key;
    write.custom_metadata = query.value().custom_metadata;
    write.skip_creation = query.value().skip_creation.value_or(false);
    write.may_create_index = grant.may_create_index;
    write.claim = std::move(grant.claim);
    write.request_id = request.request_id;
    auto response = co_await submit(std::move(write));
    co_return response;
}

namespace {

// What every deletion has: index, metadata and request id.
Result<writes::DocumentWrite> deletion_of(const http::Request& request, auth::Grant grant) {
    const auto metadata = meili::parse_custom_metadata(meili::decode_query(request.query));
    if (!metadata) {
        return metadata.error();
    }
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        return valid.error();
    }
    writes::DocumentWrite write;
    write.index = LogicalIndexUid(uid);
    write.custom_metadata = metadata.value();
    write.request_id = request.request_id;
    write.claim = std::move(grant.claim);
    return write;
}

}  // namespace

Async<Result<http::Response>> DocumentWriteHandler::delete_one(http::Request request, auth::Grant grant) {
    auto deletion = deletion_of(request, std::move(grant));
    if (!deletion) {
        co_return deletion.error();
    }
    auto& write = deletion.value();
    write.kind = writes::WriteKind::delete_ids;
    // Bytes that are no text are the id of no document.
    const std::vector<std::string> ids{meili::to_valid_utf8(request.path_parameter("id"))};
    write.ids = std::make_shared<const meili::DocumentIds>(ids);
    auto response = co_await submit(std::move(write));
    co_return response;
}

Async<Result<http::Response>> DocumentWriteHandler::delete_batch(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto ids = meili::parse_delete_batch(request.body);
    if (!ids) {
        co_return ids.error();
    }
    auto deletion = deletion_of(request, std::move(grant));
    if (!deletion) {
        co_return deletion.error();
    }
    auto& write = deletion.value();
    write.kind = writes::WriteKind::delete_ids;
    write.ids = std::make_shared<const meili::DocumentIds>(ids.value());
    auto response = co_await submit(std::move(write));
    co_return response;
}

Async<Result<http::Response>> DocumentWriteHandler::delete_by_filter(http::Request request,
                                                                     auth::Grant grant) {
    auto deletion = deletion_of(request, std::move(grant));
    if (!deletion) {
        co_return deletion.error();
    }
    auto& write = deletion.value();
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto filter = meili::parse_delete_by_filter(request.body);
    if (!filter) {
        co_return filter.error();
    }
    const auto parameter = meili::parse_filter_parameter(filter.value(), "invalid_document_filter");
    if (!parameter) {
        co_return parameter.error();
    }
    const auto parsed = meili::parse_filter(parameter.value(), "invalid_document_filter");
    if (!parsed) {
        co_return parsed.error();
    }
    if (parsed.value().empty()) {
        co_return meili::error("invalid_document_filter", "Sending an empty filter is forbidden.");
    }
    if (meili::names_reserved(parsed.value())) {
        co_return meili::error("miroir_reserved_field", "A filter cannot name a reserved attribute.");
    }
    write.kind = writes::WriteKind::delete_filter;
    write.filter_json = std::move(filter.value());
    auto response = co_await submit(std::move(write));
    co_return response;
}

Async<Result<http::Response>> DocumentWriteHandler::delete_all(http::Request request, auth::Grant grant) {
    auto deletion = deletion_of(request, std::move(grant));
    if (!deletion) {
        co_return deletion.error();
    }
    auto& write = deletion.value();
    write.kind = writes::WriteKind::delete_all;
    auto response = co_await submit(std::move(write));
    co_return response;
}

}  // namespace miroir::api
