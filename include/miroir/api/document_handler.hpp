#pragma once

#include <string>

#include "miroir/api/route.hpp"
#include "miroir/api/search_handler.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/scatter/scatter.hpp"
#include "miroir/writes/document_writer.hpp"

namespace miroir::api {

// Reading documents: one, a list, and the same list by POST.
class DocumentHandler {
public:
    DocumentHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                    SettingsCache& settings, SearchOptions options);

    Async<Result<http::Response>> get_one(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> list(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> fetch(http::Request request, auth::Grant grant);

private:
    struct Wanted;
    Async<Result<std::pair<std::string, std::string>>> scatter_and_merge(
        std::shared_ptr<const Wanted> wanted);
    Async<Result<http::Response>> read(std::shared_ptr<const Wanted> wanted);
    Async<Result<http::Response>> read_list(http::Request request, auth::Grant grant,
                                            meili::DocumentsQuery query);

    const membership::SnapshotKeeper& snapshots_;
    scatter::Scatter& scatter_;
    SettingsCache& settings_;
    const SearchOptions options_;
};

// Writing documents.
class DocumentWriteHandler {
public:
    DocumentWriteHandler(writes::DocumentWriter& writer, Executor control);

    Async<Result<http::Response>> add(http::Request request, auth::Grant grant);     // POST
    Async<Result<http::Response>> update(http::Request request, auth::Grant grant);  // PUT
    Async<Result<http::Response>> delete_one(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> delete_batch(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> delete_by_filter(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> delete_all(http::Request request, auth::Grant grant);

private:
    Async<Result<http::Response>> put_documents(http::Request request, auth::Grant grant,
                                                writes::WriteKind kind);
    Async<Result<http::Response>> submit(writes::DocumentWrite write);

    writes::DocumentWriter& writer_;
    Executor control_;
};

}  // namespace miroir::api
