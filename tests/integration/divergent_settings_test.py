"""A node that keeps saying other settings than were set: writes to the index freeze until it agrees."""

from cluster.fleet import ClusterTest, main
from cluster.processes import until

VERSION = "X-Miroir-Settings-Version"
INCONSISTENT = "X-Miroir-Settings-Inconsistent"
FLOOR = "X-Miroir-Min-Settings-Version"


class DivergentSettings(ClusterTest):
    def setUp(self):
        self.fleet, self.gates = self.gated_cluster(config={"settings": {"max_repair_retries": 1}})
        self.client = self.fleet.client
        self.client.done("POST", "/indexes/books/documents", [{"id": i, "n": i} for i in range(20)])
        self.fleet.wait_quiet()

    def write(self):
        return self.client.call("POST", "/indexes/books/documents", [{"id": 100, "n": 100}])

    def search(self, floor=None):
        return self.client.call("POST", "/indexes/books/search", {"limit": 50}, {FLOOR: floor})

    def frozen(self):
        answer = self.write()
        return answer.status == 503 and answer.json["code"] == "miroir_settings_divergent"

    def test_writes_wait_until_the_node_agrees_also_over_a_restart(self):
        self.assertEqual((self.search().headers[VERSION], self.search().headers[INCONSISTENT]), ("1", None))
        self.gates[1].spoil("/settings$", "an empty object", "GET")
        task = self.client.ok("PATCH", "/indexes/books/settings", {"sortableAttributes": ["n"]})["taskUid"]
        until("writes to be refused", self.frozen)
        self.assertEqual(self.fleet.miroir.metric("miroir_settings_divergent_indexes"), 1)
        found = self.search()
        self.assertEqual((found.status, found.headers[VERSION], found.headers[INCONSISTENT]), (200, None, "true"))
        self.client.done("POST", "/indexes/others/documents", [{"id": 1}])
        self.assertEqual(self.client.task(task)["status"], "enqueued")
        self.fleet.miroir.kill()
        self.fleet.miroir.start()
        self.assertTrue(self.frozen())
        self.gates[1].heal()
        self.assertEqual(self.client.finished(task)["status"], "succeeded")
        until("writes to go on", lambda: self.write().status == 202)
        self.assertEqual(self.fleet.miroir.metric("miroir_settings_divergent_indexes"), 0)
        self.fleet.wait_quiet()
        self.assertEqual(self.search().headers[VERSION], "2")
        self.assertEqual(self.search(floor="2").status, 200)
        stale = self.search(floor="3")
        self.assertEqual((stale.status, stale.json["code"]), (503, "miroir_settings_version_stale"))

    def test_a_node_that_goes_away_blocks_nothing(self):
        self.gates[1].spoil("/settings$", "an empty object", "GET")
        task = self.client.ok("PATCH", "/indexes/books/settings", {"sortableAttributes": ["n"]})["taskUid"]
        until("writes to be refused", self.frozen)
        self.fleet.nodes[1].kill()
        self.assertEqual(self.client.finished(task)["status"], "succeeded")
        self.assertEqual(self.write().status, 202)


if __name__ == "__main__":
    main()
