#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "miroir/base/metrics.hpp"
#include "miroir/cluster/topology.hpp"
#include "miroir/http/client.hpp"
#include "miroir/nodes/circuit_breaker.hpp"
#include "miroir/nodes/node_client.hpp"

namespace miroir::nodes {

struct NodeClientOptions {
    std::string node_key;  // the nodes' master key; empty: they have none
    http::ClientOptions http;
    BreakerLimits breaker;
};

// The fleet over HTTP. A node whose breaker opens stays out until admit() is called for it: whoever watches
// the fleet inspects it first (its disk may be another one). So does a node that gives a change a task uid
// not above one that it had given before the change was sent: that is another disk, and no answer.
class HttpNodeClient : public NodeClient {
public:
    HttpNodeClient(NodeClientOptions options, const Clock& clock, Metrics& metrics);
    ~HttpNodeClient() override;

    // Knows the nodes of `topology` from now on; keeps what it has of those that stay.
    void set_topology(const cluster::Topology& topology);

    Async<NodeReply> send(NodeId node, NodeRequest request, Deadline deadline) override;
    bool usable(const NodeId& node) const override;

    // Goes past the breaker and does not count: for probes and inspection.
    Async<NodeReply> probe(NodeId node, NodeRequest request, Deadline deadline);
    // Takes the node out of service until admit().
    void exclude(const NodeId& node);
    void admit(const NodeId& node);
    // The highest task uid that the node has given to a change since forget_tasks(); -1 before the first.
    std::int64_t newest_task(const NodeId& node) const;
    // A change got a uid that is not above what was known before it was sent.
    bool went_backwards(const NodeId& node) const;
    // The node's disk is another one: its task uids begin anew.
    void forget_tasks(const NodeId& node);

private:
    struct Peer;
    std::shared_ptr<Peer> find(const NodeId& node) const;
    static bool goes_backwards(Peer& peer, std::int64_t known, const NodeReply& reply);
    Async<NodeReply> exchange(std::shared_ptr<Peer> peer, NodeRequest request, Deadline deadline);

    const NodeClientOptions options_;
    const Clock& clock_;
    Metrics& metrics_;
    struct Peers;
    std::unique_ptr<Peers> peers_;
};

}  // namespace miroir::nodes
