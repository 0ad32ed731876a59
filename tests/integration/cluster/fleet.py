"""A cluster of nodes and one miroir for the length of a test."""

import os
import shutil
import sys
import tempfile
import unittest

from . import processes
from .client import Client
from .gate import Gate
from .processes import Miroir, Node, free_port, until
from .stores import new_store

MASTER_KEY = "clients-master-key-61c8"
ADMIN_KEY = "operators-admin-key-9d02"
NODE_KEY = "nodes-master-key-f37b"


def merged(base, changes):
    """Nested dictionaries, the second one's values winning."""
    result = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


class Cluster:
    """`config`: what differs from the configuration below."""

    def __init__(self, folder, nodes=3, replication_factor=2, shards=16, task_delay_ms=0, config=None):
        self.folder = folder
        self.nodes = [Node(f"node-{i}", folder, NODE_KEY, task_delay_ms) for i in range(nodes)]
        self.replication_factor = replication_factor
        self.miroir = Miroir(folder, merged({
            "master_key": MASTER_KEY, "admin_key": ADMIN_KEY, "node_master_key": NODE_KEY,
            "server": {"port": free_port()}, "metrics": {"port": free_port()},
            "nodes": [{"id": node.name, "url": f"http://127.0.0.1:{node.port}"} for node in self.nodes],
            "placement": {"replication_factor": replication_factor, "shards": shards},
            "coordination": {"url": new_store(folder)},
            "health": {"interval_ms": 300, "timeout_ms": 2000},
            "breaker": {"open_ms": 500},
            "tasks": {"poll_ms": 20},
        }, config or {}))
        self.client = Client(self.miroir.port, MASTER_KEY)
        self.admin = Client(self.miroir.port, ADMIN_KEY)

    @property
    def processes(self):
        return [self.miroir, *self.nodes]

    def start(self):
        for node in self.nodes:
            node.start()
        self.miroir.start()
        until("all nodes to be in service", self.all_up)

    def node(self, name):
        return next(node for node in self.nodes if node.name == name)

    def topology(self):
        return self.admin.get("/_miroir/topology")["nodes"]

    def all_up(self):
        return all(node["up"] for node in self.topology())

    def dirty_copies(self):
        return sum(node["dirtyCopies"] + node["staleIndexes"] for node in self.topology())

    def unfinished_tasks(self):
        return self.client.get("/tasks?statuses=enqueued,processing&limit=1")["total"]

    def is_quiet(self):
        """Everything up, nothing to do, nothing to repair."""
        return self.all_up() and self.unfinished_tasks() == 0 and self.dirty_copies() == 0

    def wait_quiet(self, seconds=60):
        # Twice: a task that has just ended may have left a copy dirty, and a repair writes.
        for _ in range(2):
            until("the cluster to be quiet", self.is_quiet, seconds)


class ClusterTest(unittest.TestCase):
    """Ends every process after the test, shows their logs when it failed, and fails when one has crashed."""

    def folder(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        path = tempfile.mkdtemp(prefix="miroir-test-", dir=base)
        if not os.environ.get("MIROIR_TEST_KEEP"):
            self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def watch(self, process):
        """Hands a process over to the end of the test."""
        self.watched = getattr(self, "watched", [])
        if not self.watched:
            self.addCleanup(self.check_processes)
        self.watched.append(process)
        self.addCleanup(process.kill)

    def cluster(self, **options):
        cluster = Cluster(self.folder(), **options)
        for process in cluster.processes:
            self.watch(process)
        cluster.start()
        return cluster

    def gated_cluster(self, **options):
        """A cluster whose miroir reaches its nodes through gates, and the gates in the order of the nodes."""
        cluster = Cluster(self.folder(), **options)
        gates = [Gate(node) for node in cluster.nodes]
        for gate, entry in zip(gates, cluster.miroir.config["nodes"]):
            entry["url"] = gate.url
            self.addCleanup(gate.close)
        for process in cluster.processes:
            self.watch(process)
        cluster.start()
        return cluster, gates

    def check_processes(self):
        faults = [process.fault() for process in self.watched]
        self.assertFalse(any(faults), "\n".join(fault for fault in faults if fault))

    def logs(self):
        return "\n".join(f"--- end of {process.log}\n{process.log_end()}"
                         for process in getattr(self, "watched", []))


class LogShowingResult(unittest.TextTestResult):
    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.show_logs(test)

    def addError(self, test, err):
        super().addError(test, err)
        self.show_logs(test)

    def show_logs(self, test):
        if isinstance(test, ClusterTest):
            print(f"{test.id()}\n{test.logs()}", file=sys.stderr)


def main():
    """Runs the tests of the calling file. 77 tells CTest that they were skipped."""
    if processes.real_nodes() and not processes.meilisearch():
        print("Skipped: no meilisearch on the PATH, and MEILISEARCH_BIN is not set.")
        sys.exit(77)
    if not os.path.exists(processes.MIROIR):
        sys.exit(f"There is no {processes.MIROIR}; MIROIR_BIN names the binary to test.")
    runner = unittest.TextTestRunner(verbosity=2, resultclass=LogShowingResult)
    unittest.main(testRunner=runner)
