"""Several replicas of one miroir, and a client that is balanced over them."""

import copy
import itertools
import time

from .client import Client
from .fleet import MASTER_KEY, ClusterTest
from .processes import Miroir, free_port, until

REPLICAS = 3


class Balanced(Client):
    """Each call goes to the next replica; one that cannot be connected to is passed over, as nginx does."""

    def __init__(self, replicas, key):
        super().__init__(None, key)
        self.replicas = replicas
        self.turn = itertools.count()

    def call(self, method, path, body=None, headers=None, timeout=60):
        for _ in range(20 * len(self.replicas)):
            replica = self.replicas[next(self.turn) % len(self.replicas)]
            try:
                return Client(replica.port, self.key).call(method, path, body, headers, timeout)
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise ConnectionRefusedError("no replica answers")


class ReplicasTest(ClusterTest):
    def options(self, **others):
        """Of a cluster that is to be replicated."""
        return {"config": {"max_replicas": REPLICAS,
                           "coordination": {"heartbeat_ms": 300, "peer_ttl_ms": 1500, "poll_ms": 100}}, **others}

    def replicated(self, **options):
        """A cluster with three replicas; its client is balanced over them."""
        fleet = self.cluster(**options)
        fleet.replicas = [fleet.miroir]
        for number in range(1, REPLICAS):
            config = copy.deepcopy(fleet.miroir.config)
            config["server"]["port"] = free_port()
            config["metrics"]["port"] = free_port()
            replica = Miroir(f"{fleet.folder}/replica-{number}", config)
            self.watch(replica)
            replica.start()
            fleet.replicas.append(replica)
        fleet.client = Balanced(fleet.replicas, MASTER_KEY)
        until("the replicas to know each other",
              lambda: all(replica.metric("miroir_peers") == REPLICAS for replica in fleet.replicas))
        return fleet
