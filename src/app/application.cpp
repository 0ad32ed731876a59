#include "application.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <future>

#include "miroir/api/endpoints.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/membership/view_watch.hpp"
#include "miroir/nodes/http_node_client.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/orphan_indexes.hpp"
#include "miroir/operations/repair.hpp"
#include "miroir/operations/take_over.hpp"
#include "miroir/operations/task_operations.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "miroir/scatter/merge_errors.hpp"
#include "miroir/writes/document_writer.hpp"
#include "open_store.hpp"
#include "part_options.hpp"
#include "seed_topology.hpp"

namespace miroir::app {

namespace {

using std::chrono::milliseconds;

// Runs a coroutine to its end on another thread's executor.
template <class T>
T run_on(const Executor& executor, Async<T> work) {
    auto done = asio::co_spawn(executor, std::move(work), asio::use_future);
    return done.get();
}

// A node's error in the client's words.
std::string client_error(const cluster::IndexEntry& index, const std::string& error_json) {
    auto error = scatter::parse_node_error(400, error_json);
    if (!error) {
        return meili::to_json(meili::error("internal", "A node failed the task without saying why."));
    }
    const auto settings = scatter::client_settings(index.settings_json);
    scatter::ErrorContext context;
    context.logical = index.logical;
    context.physical = index.physical;
    context.settings = &settings;
    return meili::to_json(scatter::as_client_error(std::move(*error), context));
}

}  // namespace

// Members in the order of construction: each needs only what stands above it.
struct Application::Parts {
    Parts(Configuration c, Log& l, telemetry::PrometheusMetrics& m)
        : configuration(std::move(c)),
          log(l),
          metrics(m),
          io(io_thread_count(configuration)),
          background(1),
          control(background.executors().front()),
          store(open_store(configuration, control, log)),
          snapshots(*store),
          peers(store->peers(), peer_options(configuration), control, log, metrics),
          view_watch(snapshots, configuration.coordination.poll, control, log),
          nodes(node_options(configuration), system_clock(), metrics),
          fleet(*store, snapshots, nodes, health_options(configuration), control, log, metrics),
          lanes(control),
          journal(store->journal(), control, 2 * configuration.coordination.timeout),
          poller(*store, nodes, poller_options_of_replica(), divergence(), task_errors(), control, log,
                 metrics),
          node_calls(nodes, configuration.operations.node_timeout),
          upkeep(*store, snapshots, peers, nodes, node_calls, lanes, journal, control, log, metrics),
          operations(*store, snapshots, peers, nodes, lanes, journal, upkeep, earlier_tasks(),
                     control_options(), client_error, control, log, metrics),
          writer(*store, snapshots, peers, fleet, nodes, lanes, journal, poller, index_maker(),
                 writer_options(configuration), log, metrics),
          repair(*store, snapshots, peers, nodes, journal, repair_options(configuration), control, log,
                 metrics),
          orphans(*store, snapshots, nodes, orphan_options(configuration), control, log, metrics),
          task_operations(*store, peers, node_calls, poller, control, log),
          take_over(*store, snapshots, peers, writer, operations, task_operations,
                    take_over_options(configuration), control, log, metrics),
          scatter(
              nodes, [this](const NodeId& node) { fleet.report_lost_index(node); },
              configuration.scatter.attempt_timeout, metrics),
          keys(store->keys(), key_options(configuration), control, log, metrics),
          authenticator({configuration.master_key, configuration.admin_key}, &keys),
          search_handler(snapshots, scatter, settings_cache, search_options(configuration), metrics),
          document_handler(snapshots, scatter, settings_cache, search_options(configuration)),
          document_write_handler(writer, control),
          index_handler(snapshots, operations, control),
          settings_handler(snapshots, operations, control),
          stats_handler(snapshots, scatter, nodes),
          task_handler(store->tasks(), task_operations, control),
          key_handler(store->keys(), key_handler_options(), control),
          system_handler(snapshots, fleet, nodes),
          router(
              api::make_router({search_handler, document_handler, document_write_handler, index_handler,
                                settings_handler, stats_handler, task_handler, key_handler, system_handler},
                               authenticator)) {}

    operations::EarlierTasksWait earlier_tasks() {
        return [this](TaskUid task, LogicalIndexUid index) {
            return poller.wait_for_earlier(task, index.str());
        };
    }

    operations::ControlOptions control_options() const {
        operations::ControlOptions options;
        options.shards_default = configuration.placement.shards;
        options.index_defaults = configuration.index_defaults;
        options.repair_retries_max = configuration.settings.max_repair_retries;
        options.repair_pause_min = configuration.settings.repair_pause;
        options.node_timeout = configuration.operations.node_timeout;
        options.one_by_one = configuration.settings.strategy == SettingsStrategy::sequential;
        return options;
    }

    tasks::PollerOptions poller_options_of_replica() {
        auto options = poller_options(configuration);
        options.ownership.self = peers.self();
        options.ownership.is_mine = [this](std::string_view job) { return peers.is_mine(job); };
        options.all_see = [this]() { return all_see(); };
        return options;
    }

    Async<void> all_see() {
        const auto view = co_await store->view_version();
        co_await peers.all_see(view);
    }

    api::KeyHandlerOptions key_handler_options() {
        api::KeyHandlerOptions options;
        options.master_key = configuration.master_key;
        options.keys_max = configuration.auth.keys_max;
        options.seen_by_all = [this]() { return all_follow(); };
        return options;
    }

    // This replica and the others see what was just changed.
    Async<void> all_follow() {
        co_await snapshots.follow();
        co_await all_see();
    }

    tasks::DivergenceRecorder divergence() {
        return [this](coordination::TaskRecord task, std::vector<tasks::DivergentCopy> copies) {
            return writer.record_divergence(std::move(task), std::move(copies));
        };
    }

    tasks::ErrorRewriter task_errors() {
        return [this](const coordination::TaskRecord& task, const std::string& error_json) {
            const auto index =
                task.index_uid ? snapshots.current()->find(LogicalIndexUid(*task.index_uid)) : nullptr;
            const cluster::IndexEntry unknown;
            return client_error(index ? *index : unknown, error_json);
        };
    }

    writes::IndexMaker index_maker() {
        return [this](LogicalIndexUid uid) {
            const PhysicalIndexUid fresh;
            const std::optional<std::string> no_key;
            return operations.create_index(std::move(uid), no_key, 0, fresh);
        };
    }

    Async<void> begin();
    Async<void> end();
    Async<void> sample();

    const Configuration configuration;
    Log& log;
    telemetry::PrometheusMetrics& metrics;
    runtime::IoThreads io;
    runtime::IoThreads background;
    Executor control;
    std::unique_ptr<coordination::Store> store;
    membership::SnapshotKeeper snapshots;
    membership::Peers peers;
    membership::ViewWatch view_watch;
    nodes::HttpNodeClient nodes;
    membership::FleetWatch fleet;
    writes::Lanes lanes;
    writes::JournalWatch journal;
    tasks::TaskPoller poller;
    operations::NodeCalls node_calls;
    operations::IndexUpkeep upkeep;
    operations::ControlOperations operations;
    writes::DocumentWriter writer;
    operations::Repair repair;
    operations::OrphanIndexes orphans;
    operations::TaskOperations task_operations;
    operations::TakeOver take_over;
    scatter::Scatter scatter;
    auth::KeyKeeper keys;
    auth::KeyAuthenticator authenticator;
    api::SettingsCache settings_cache;
    api::SearchHandler search_handler;
    api::DocumentHandler document_handler;
    api::DocumentWriteHandler document_write_handler;
    api::IndexHandler index_handler;
    api::SettingsHandler settings_handler;
    api::StatsHandler stats_handler;
    api::TaskHandler task_handler;
    api::KeyHandler key_handler;
    api::SystemHandler system_handler;
    http::Router router;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<http::Server> metrics_server;
};

// On the control executor: topology, the nodes' first look, and what an earlier process left.
Async<void> Application::Parts::begin() {
    co_await peers.start();
    auto stored = co_await store->topology().load();
    const auto seed = seed_topology(stored.value_or(cluster::Topology{}), configuration);
    for (const auto& remark : seed.remarks) {
        log.warn(remark);
    }
    if (seed.changed) {
        const auto expected = seed.topology.epoch;
        auto next = seed.topology;
        co_await store->topology().replace(expected, std::move(next));
    }
    co_await keys.start();
    snapshots.read_too([this]() { return keys.refresh(); });
    co_await snapshots.refresh();
    snapshots.on_change([this](const auto&) { peers.saw_view(snapshots.version()); });
    poller.set_canceler(
        [this](TaskUid task, TaskUid cancelation) { return operations.cancel(task, cancelation); });
    fleet.on_return([this](const NodeId& node) {
        orphans.look_at(node);
        upkeep.nudge();
        repair.nudge();
        poller.nudge();
    });
    fleet.start();
    for (int tries = 0; tries < 100 && !fleet.all_up(); ++tries) {
        co_await runtime::sleep_for(milliseconds(50));
    }
    // Nobody else can have been silent for another reason than being dead.
    if (store->mode() == "single-process") {
        co_await take_over.look();
    }
    take_over.start();
    if (store->mode() == "shared") {
        view_watch.start();
    }
    upkeep.start();
    poller.start();
    repair.start();
    orphans.start();
}

Async<void> Application::Parts::end() {
    co_await view_watch.stop();
    co_await keys.stop();
    co_await take_over.stop();
    co_await orphans.stop();
    co_await repair.stop();
    co_await task_operations.stop();
    co_await operations.stop();
    co_await upkeep.stop();
    co_await journal.stop();
    co_await poller.stop();
    co_await fleet.stop();
    co_await peers.stop();
}

// What only the store knows, for a reader of metrics.
Async<void> Application::Parts::sample() {
    auto& open_entries = metrics.gauge("miroir_journal_open_entries", "Writes under way in the journal.");
    try {
        open_entries.set(static_cast<double>(co_await store->journal().count_open()));
    } catch (const coordination::StoreUnavailable&) {
        open_entries.set(std::nan(""));
    }
}

Application::Application(Configuration configuration, Log& log, telemetry::PrometheusMetrics& metrics)
    : parts_(std::make_unique<Parts>(std::move(configuration), log, metrics)) {}

Application::~Application() {
    if (!halted_) {
        halt(milliseconds(0));
    }
}

void Application::start() {
    auto& p = *parts_;
    const auto& c = p.configuration;
    p.log.info("coordination mode=" + p.store->mode() + " backend=" + p.store->backend() +
               " stage=" + (c.environment == Environment::prod ? "prod" : "dev") +
               " max_replicas=" + std::to_string(c.max_replicas));
    run_on(p.control, p.begin());
    p.server = http::start_server(
        p.io.executors(), server_options(c), api::make_entrance(p.router, p.log, p.metrics),
        api::make_fault_renderer(c.server.max_body_bytes, p.log, p.metrics), p.log, p.metrics);
    http::ServerOptions metrics_options;
    metrics_options.address = c.metrics.address;
    metrics_options.port = c.metrics.port;
    metrics_options.cors = false;
    auto render = [&p](http::Request request) -> Async<http::Response> {
        http::Response response;
        if (request.path != "/metrics") {
            response.status = 404;
            co_return response;
        }
        co_await p.sample();
        response.headers.emplace_back("content-type", telemetry::metrics_content_type);
        response.body = p.metrics.render();
        co_return response;
    };
    p.metrics_server = http::start_server({p.control}, metrics_options, render,
                                          api::make_fault_renderer(c.server.max_body_bytes, p.log, p.metrics),
                                          p.log, null_metrics());
    p.log.info("listening", {{"address", c.server.address}, {"port", std::to_string(port())}});
}

void Application::stop(std::chrono::milliseconds grace) {
    auto& p = *parts_;
    p.system_handler.begin_drain();
    run_on(p.control, runtime::sleep_for(p.configuration.server.drain_delay));
    halt(grace);
}

void Application::halt(std::chrono::milliseconds grace) {
    auto& p = *parts_;
    halted_ = true;
    if (p.server) {
        run_on(p.control, p.server->drain(Deadline::in(grace)));
    }
    run_on(p.control, p.end());
    if (p.metrics_server) {
        run_on(p.control, p.metrics_server->drain(Deadline::in(milliseconds(100))));
    }
    // Servers go before the threads that run them.
    p.server.reset();
    p.metrics_server.reset();
    p.io.stop();
    p.background.stop();
}

std::uint16_t Application::port() const {
    return parts_->server->port();
}
std::uint16_t Application::metrics_port() const {
    return parts_->metrics_server->port();
}

}  // namespace miroir::app
