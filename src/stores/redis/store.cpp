#include "miroir/stores/redis/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <stdexcept>

#include "dirty_ledger.hpp"
#include "index_catalog.hpp"
#include "key_store.hpp"
#include "miroir/base/hash.hpp"
#include "session.hpp"
#include "small_stores.hpp"
#include "task_registry.hpp"
#include "write_journal.hpp"

namespace miroir::stores {

namespace {

// Of what this program keeps in the server, and reads.
constexpr int schema_version = 1;

class RedisStore final : public coordination::Store {
public:
    RedisStore(RedisAddress address, RedisStoreOptions options)
        : session_(std::move(address), std::move(options)) {}

    // The server and what it holds are fit for use; throws std::runtime_error.
    Async<void> begin() {
        co_await check_version();
        co_await check_durability();
        std::vector<std::string> step = {"begin", std::to_string(schema_version), random_hex(16)};
        const auto reply = co_await session_.step(RedisScript::small, std::move(step));
        if (reply.number() > schema_version) {
            throw std::runtime_error("it has schema version " + reply.text() + ", this program knows " +
                                     std::to_string(schema_version) + ": use a newer miroir");
        }
    }

    coordination::TopologyStore& topology() override { return topology_; }
    coordination::IndexCatalog& catalog() override { return catalog_; }
    coordination::WriteJournal& journal() override { return journal_; }
    coordination::TaskRegistry& tasks() override { return tasks_; }
    coordination::DirtyLedger& ledger() override { return ledger_; }
    coordination::SettingsVersions& settings_versions() override { return settings_versions_; }
    coordination::LeaseElector& leases() override { return leases_; }
    coordination::NodeMemory& node_memory() override { return node_memory_; }
    coordination::SecretStore& secrets() override { return secrets_; }
    coordination::PeerRegistry& peers() override { return peers_; }
    coordination::KeyStore& keys() override { return keys_; }

    Async<std::uint64_t> view_version() override {
        const auto reply = co_await session_.step(RedisScript::small, "view_version");
        co_return static_cast<std::uint64_t>(reply.number());
    }
    Async<std::string> incarnation() override {
        const auto reply = co_await session_.step(RedisScript::small, "incarnation");
        co_return reply.text();
    }
    std::string backend() const override { return "redis"; }
    std::string mode() const override { return "shared"; }

    const RedisSession& session() const { return session_; }

private:
    Async<void> check_version() {
        std::vector<std::string> command = {"INFO", "server"};
        const auto reply = co_await session_.command(std::move(command));
        const std::string name = "redis_version:";
        const auto at = reply.text().find(name);
        const auto version = at == std::string::npos ? "" : reply.text().substr(at + name.size(), 16);
        int major = 0;
        int minor = 0;
        if (std::sscanf(version.c_str(), "%d.%d", &major, &minor) != 2 || major < 6 ||
            (major == 6 && minor < 2)) {
            throw std::runtime_error("its server is older than Redis 6.2");
        }
    }

    // What makes the server keep what it has acknowledged.
    Async<void> check_durability() {
        const std::map<std::string, std::string> wanted = {
            {"appendonly", "yes"}, {"appendfsync", "always"}, {"maxmemory-policy", "noeviction"}};
        std::string faults;
        for (const auto& [name, value] : wanted) {
            std::vector<std::string> command = {"CONFIG", "GET", name};
            std::string found = "unknown";
            try {
                const auto reply = co_await session_.command(std::move(command));
                found = reply.at(1).text();
            } catch (const std::exception&) {
                // A managed server does not tell.
            }
            if (found != value) {
                faults += (faults.empty() ? "" : ", ") + name + " is " + found + " and must be " + value;
            }
        }
        if (faults.empty()) co_return;
        const auto message = "its server may forget writes that were acknowledged: " + faults;
        if (session_.options().require_durable) throw std::runtime_error(message);
        if (session_.options().warn) session_.options().warn("the coordination store: " + message);
    }

    RedisSession session_;
    RedisTopologyStore topology_{session_};
    RedisIndexCatalog catalog_{session_};
    RedisWriteJournal journal_{session_};
    RedisTaskRegistry tasks_{session_};
    RedisDirtyLedger ledger_{session_};
    RedisSettingsVersions settings_versions_{session_};
    RedisLeaseElector leases_{session_};
    RedisNodeMemory node_memory_{session_};
    RedisSecretStore secrets_{session_};
    RedisPeerRegistry peers_{session_};
    RedisKeyStore keys_{session_};
};

}  // namespace

std::unique_ptr<coordination::Store> open_redis_store(const std::string& url, RedisStoreOptions options) {
    auto store = std::make_unique<RedisStore>(parse_redis_url(url), std::move(options));
    try {
        asio::co_spawn(store->session().executor(), store->begin(), asio::use_future).get();
    } catch (const std::exception& fault) {
        throw std::runtime_error(std::string("cannot use the coordination store: ") + fault.what());
    }
    return store;
}

}  // namespace miroir::stores
