#pragma once

#include "configuration.hpp"
#include "miroir/api/search_handler.hpp"
#include "miroir/auth/key_keeper.hpp"
#include "miroir/http/server.hpp"
#include "miroir/membership/fleet_watch.hpp"
#include "miroir/nodes/http_node_client.hpp"
#include "miroir/operations/orphan_indexes.hpp"
#include "miroir/operations/repair.hpp"
#include "miroir/operations/take_over.hpp"
#include "miroir/tasks/task_poller.hpp"
#include "miroir/writes/document_writer.hpp"

// What each part of a replica takes from the configuration.
namespace miroir::app {

std::size_t io_thread_count(const Configuration& c);
nodes::NodeClientOptions node_options(const Configuration& c);
membership::HealthOptions health_options(const Configuration& c);
tasks::PollerOptions poller_options(const Configuration& c);
membership::PeerOptions peer_options(const Configuration& c);
auth::KeyOptions key_options(const Configuration& c);
writes::WriterOptions writer_options(const Configuration& c);
operations::TakeOverOptions take_over_options(const Configuration& c);
operations::RepairOptions repair_options(const Configuration& c);
operations::OrphanOptions orphan_options(const Configuration& c);
api::SearchOptions search_options(const Configuration& c);
http::ServerOptions server_options(const Configuration& c);

}  // namespace miroir::app
