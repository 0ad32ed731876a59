"""The coordination store goes away and comes back: nothing that was acknowledged is lost, nobody is let in, searches go
on, and nothing has to be started again."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from cluster import copies, stores
from cluster.client import Client
from cluster.fleet import ADMIN_KEY, main
from cluster.model import Model
from cluster.processes import free_port, until
from cluster.replicas import ReplicasTest
from cluster.store_gate import StoreGate
from ingestion_test import INDEX, Writer

if stores.STORE == "sqlite":
    print("skipped: SQLite is no server")
    sys.exit(stores.SKIPPED)


class Searcher(threading.Thread):
    """Searches without end, by an API key."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.stopping = threading.Event()
        self.statuses = []

    def run(self):
        while not self.stopping.wait(0.02):
            self.statuses.append(self.client.call("POST", f"/indexes/{INDEX}/search", {"q": ""}).status)


class RedisServer:
    """A Redis that keeps what it acknowledged, to be killed."""

    def __init__(self, folder):
        self.folder = f"{folder}/redis"
        Path(self.folder).mkdir()
        self.port = free_port()
        self.url = f"redis://:secret@127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--requirepass", "secret", "--logfile", "redis.log"])
        until("Redis to answer", self.answers)

    def answers(self):
        command = ["redis-cli", "-p", str(self.port), "ping"]
        environment = {**os.environ, "REDISCLI_AUTH": "secret"}
        return b"PONG" in subprocess.run(command, env=environment, capture_output=True, check=False).stdout

    def kill(self):
        self.process.kill()
        self.process.wait()


class Outage(ReplicasTest):
    def begin(self, url):
        options = self.options()
        options["config"]["coordination"]["url"] = url
        self.fleet = self.replicated(**options)
        client = self.fleet.client
        client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        self.key = client.ok("POST", "/keys", {"actions": ["search"], "indexes": ["*"], "expiresAt": None})
        self.model = Model()
        self.writers = [Writer(number, client, self.model) for number in range(4)]
        self.searchers = [Searcher(Client(replica.port, self.key["key"])) for replica in self.fleet.replicas]
        for thread in self.writers + self.searchers:
            self.addCleanup(thread.stopping.set)
            thread.start()
        time.sleep(1)

    def acknowledged(self):
        return sum(len(writer.acknowledged) for writer in self.writers)

    def check_that_all_is_closed(self):
        """Every replica, once it has noticed: changes and what only the store knows are refused."""
        before = self.acknowledged()
        for replica in self.fleet.replicas:
            for method, path, body in (("POST", f"/indexes/{INDEX}/documents", [{"id": "x"}]), ("GET", "/keys", None),
                                       ("POST", "/indexes", {"uid": "other"}), ("GET", "/tasks", None),
                                       ("DELETE", f"/keys/{self.key['uid']}", None)):
                answer = Client(replica.port, self.fleet.client.key).call(method, path, body)
                self.assertEqual((answer.status, answer.json["code"]), (503, "miroir_coordination_unavailable"),
                                 f"{method} {path}")
            stranger = Client(replica.port, "nobody").call("POST", f"/indexes/{INDEX}/search", {})
            self.assertEqual(stranger.status, 403)
        self.assertEqual(self.acknowledged(), before)

    def check_that_it_goes_on(self):
        before = self.acknowledged()
        until("writes to be acknowledged again", lambda: self.acknowledged() > before + 20)

    def finish(self):
        for thread in self.writers + self.searchers:
            thread.stopping.set()
        for thread in self.writers + self.searchers:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        for writer in self.writers:
            if writer.fault:
                raise writer.fault
            self.assertEqual(writer.refused, [])
        for searcher in self.searchers:
            self.assertEqual(set(searcher.statuses), {200})
        self.fleet.wait_quiet(90)
        self.assertEqual(self.model.faults(copies.stored(self.fleet, INDEX)), [])
        tasks = {task["uid"]: task for task in self.fleet.client.all_tasks()}
        acknowledged = [uid for writer in self.writers for uid in writer.acknowledged]
        self.assertEqual([tasks[uid] for uid in acknowledged if tasks[uid]["status"] != "succeeded"], [])

    def test_a_store_that_cannot_be_reached(self):
        gate = StoreGate(stores.new_store(self.folder()))
        self.addCleanup(gate.shut)
        self.begin(gate.url)
        for seconds in (0.3, 3):
            gate.shut()
            self.check_that_all_is_closed()
            time.sleep(seconds)
            gate.open()
            self.check_that_it_goes_on()
        self.finish()

    def all_up(self, replica):
        topology = Client(replica.port, ADMIN_KEY).get("/_miroir/topology")
        return all(node["up"] for node in topology["nodes"])

    def test_a_node_that_returns_meanwhile_is_in_service_afterwards(self):
        gate = StoreGate(stores.new_store(self.folder()))
        self.addCleanup(gate.shut)
        self.begin(gate.url)
        self.fleet.nodes[1].kill()
        until("every replica to notice", lambda: not any(map(self.all_up, self.fleet.replicas)))
        gate.shut()
        self.fleet.nodes[1].start()
        time.sleep(2)
        gate.open()
        until("the node to be in service on every replica", lambda: all(map(self.all_up, self.fleet.replicas)))
        self.check_that_it_goes_on()
        self.finish()

    def test_a_store_that_is_killed(self):
        if stores.STORE != "redis" or not shutil.which("redis-server"):
            self.skipTest("needs a Redis of its own")
        server = RedisServer(self.folder())
        self.addCleanup(server.kill)
        self.begin(server.url)
        for seconds in (0, 2):
            server.kill()
            time.sleep(seconds)
            server.start()
            self.check_that_it_goes_on()
        self.finish()


if __name__ == "__main__":
    main()
