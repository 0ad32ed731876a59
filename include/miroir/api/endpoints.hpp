#pragma once

#include "miroir/api/document_handler.hpp"
#include "miroir/api/index_handler.hpp"
#include "miroir/api/key_handler.hpp"
#include "miroir/api/search_handler.hpp"
#include "miroir/api/settings_handler.hpp"
#include "miroir/api/stats_handler.hpp"
#include "miroir/api/system_handler.hpp"
#include "miroir/api/task_handler.hpp"
#include "miroir/base/metrics.hpp"

namespace miroir::api {

struct Handlers {
    SearchHandler& search;
    DocumentHandler& documents;
    DocumentWriteHandler& document_writes;
    IndexHandler& indexes;
    SettingsHandler& settings;
    StatsHandler& stats;
    TaskHandler& tasks;
    KeyHandler& keys;
    SystemHandler& system;
};

// Every route that clients and operators can call.
http::Router make_router(Handlers handlers, const auth::Authenticator& authenticator);

// The server's one handler: finds the route, times it, logs a line, and turns a store that is away into 503.
http::Handler make_entrance(const http::Router& router, Log& log, Metrics& metrics);

// Only reads: nobody misses what it does when its client has left.
bool is_read(const http::Request& request);

// What the HTTP layer itself has to refuse, in Meilisearch's shape; logged and counted as route `refused`.
http::FaultRenderer make_fault_renderer(std::uint64_t body_bytes_max, Log& log, Metrics& metrics);

}  // namespace miroir::api
