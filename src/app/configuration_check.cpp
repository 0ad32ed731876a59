#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "config_schema.hpp"
#include "config_values.hpp"
#include "configuration.hpp"

namespace miroir::app {
namespace {

constexpr std::size_t key_bytes_min = 16;

class Checker {
public:
    explicit Checker(const Configuration& configuration) : configuration_(configuration) {}

    Findings run() {
        check_keys();
        check_coordination();
        check_nodes();
        check_copies();
        check_limits();
        return std::move(findings_);
    }

private:
    void error(std::string what) { findings_.errors.push_back(std::move(what)); }
    void warn(std::string what) { findings_.warnings.push_back(std::move(what)); }
    // What only production must not do.
    void danger(std::string what) {
        configuration_.environment == Environment::prod ? error(std::move(what)) : warn(std::move(what));
    }

    void check_key(const std::string& key, const std::string& variable, const std::string& consequence) {
        if (key.size() >= key_bytes_min) return;
        danger(variable + (key.empty() ? " is not set: " : " is shorter than 16 bytes: ") + consequence +
               " Set it to a random text, such as `openssl rand -hex 16` prints.");
    }

    void check_keys() {
        check_key(configuration_.master_key, "MIROIR_MASTER_KEY", "anyone may read and change every index.");
        check_key(configuration_.admin_key, "MIROIR_ADMIN_KEY", "the admin API has no safe key.");
        check_key(configuration_.node_master_key, "MIROIR_NODE_MASTER_KEY",
                  "anyone who reaches a node may change its data.");
        if (configuration_.environment == Environment::prod && configuration_.seal_key.empty()) {
            error(
                "MIROIR_SEAL_KEY is not set: the secrets in the coordination store would lie beside the key "
                "that opens them. Set it to what `openssl rand -base64 32` prints, and keep it.");
        }
        if (!configuration_.admin_key.empty() && configuration_.admin_key == configuration_.master_key) {
            danger(
                "MIROIR_ADMIN_KEY equals MIROIR_MASTER_KEY: every client that holds the master key is an "
                "administrator of the fleet. Use two keys.");
        }
    }

    void check_coordination() {
        const auto& url = configuration_.coordination.url;
        if (configuration_.coordination.peer_ttl < 3 * configuration_.coordination.heartbeat) {
            error(
                "coordination.peer_ttl_ms is less than three times coordination.heartbeat_ms: a replica "
                "whose "
                "heartbeat comes a little late would be taken for dead.");
        }
        if (url.starts_with("sqlite:") && configuration_.max_replicas > 1) {
            danger("MIROIR_MAX_REPLICAS is " + std::to_string(configuration_.max_replicas) +
                   ", but a store in SQLite serves one process: the second will not start. Set it to 1.");
        }
    }

    void check_nodes() {
        static const std::regex node_url("http://(\\[[0-9A-Fa-f:.]+\\]|[^/@?#:\\[\\]\\s]+)(:([0-9]{1,5}))?");
        static const std::regex node_id("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
        if (configuration_.nodes.empty()) {
            warn("nodes: none are listed. Only the nodes that the store knows from earlier starts are used.");
        }
        std::set<std::string> ids;
        std::set<std::string> urls;
        for (const auto& node : configuration_.nodes) {
            const auto name = "nodes: `" + node.id + "`";
            if (!std::regex_match(node.id, node_id))
                error(name + " is not an id of letters, digits, `.`, `_`, `-`.");
            std::smatch parts;
            const bool fits = std::regex_match(node.url, parts, node_url);
            if (!fits || (parts[3].matched && std::stoul(parts[3]) > 65'535))
                error(name + " has a url that is not http://host:port.");
            if (!ids.insert(node.id).second) error(name + " is listed twice.");
            if (!urls.insert(node.url).second) error(name + " has the url of another node.");
        }
    }

    void check_copies() {
        const auto factor = configuration_.placement.replication_factor;
        std::map<std::uint32_t, std::uint32_t> nodes_by_group;
        for (const auto& node : configuration_.nodes) ++nodes_by_group[node.group];
        for (const auto& [group, count] : nodes_by_group) {
            if (count >= factor) continue;
            warn("placement.replication_factor is " + std::to_string(factor) + ", but group " +
                 std::to_string(group) + " has " + std::to_string(count) +
                 " nodes: its shards have that many copies.");
        }
        const auto wanted = parse_whole_number(configuration_.writes.wait_for_copies);
        const auto groups = std::max<std::uint64_t>(1, nodes_by_group.size());
        if (wanted && *wanted > factor * groups) {
            error("writes.wait_for_copies is " + configuration_.writes.wait_for_copies +
                  ", but a shard has only " + std::to_string(factor * groups) +
                  " copies: no write would ever be accepted.");
        }
    }

    void check_limits() {
        const auto& server = configuration_.server;
        const auto& metrics = configuration_.metrics;
        if (server.port != 0 && server.port == metrics.port)
            error("metrics.port is the same as server.port.");
        if (configuration_.ingest.memory_bytes < server.max_body_bytes + (1ULL << 20U)) {
            error(
                "ingest.memory_bytes is not 1 MiB more than server.max_body_bytes: the largest upload could "
                "never be admitted.");
        }
    }

    const Configuration& configuration_;
    Findings findings_;
};

// "postgres://user:secret@host/db" without the password.
std::string without_password(const std::string& url) {
    // As far as the last '@': a password that was not encoded may hold one.
    static const std::regex of_user("(://[^:/@]*):.*@");
    static const std::regex parameter("([?&](?:ssl)?password=)[^&]*");
    return std::regex_replace(std::regex_replace(url, of_user, "$1:********@"), parameter, "$1********");
}

}  // namespace

Findings check(const Configuration& configuration) {
    return Checker(configuration).run();
}

std::vector<std::pair<std::string, std::string>> effective_values(const Configuration& configuration) {
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto& key : config_schema()) {
        const auto value = key.print(configuration);
        const bool hidden = key.secret && !value.empty();
        values.emplace_back(key.path, hidden ? "********" : without_password(value));
    }
    return values;
}

}  // namespace miroir::app
