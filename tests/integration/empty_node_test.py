"""A node comes back with an empty disk: it is filled again, and until then it answers for nothing."""

import threading

from cluster import copies
from cluster.fleet import ClusterTest, main
from cluster.processes import until

INDEX = "books"
DOCUMENTS = 3000


class EmptyNode(ClusterTest):
    health_interval_ms = 300

    def setUp(self):
        self.fleet = self.cluster(config={"health": {"interval_ms": self.health_interval_ms}})
        self.client = self.fleet.client
        self.client.done("PATCH", f"/indexes/{INDEX}/settings",
                         {"filterableAttributes": ["n"], "rankingRules": ["words", "n:desc"]})
        self.client.done("POST", f"/indexes/{INDEX}/documents",
                         [{"id": i, "n": i, "title": f"volume {i}"} for i in range(DOCUMENTS)])
        self.faults = []
        self.searches = 0
        self.stopping = threading.Event()
        self.addCleanup(self.stopping.set)

    def search_on(self):
        while not self.stopping.is_set():
            limit = 3 + self.searches % 7
            answer = self.client.call("POST", f"/indexes/{INDEX}/search", {"q": "volume", "limit": limit})
            listed = self.client.call("GET", f"/indexes/{INDEX}/documents?limit=1")
            self.searches += 1
            if answer.status != 200 or listed.status != 200:
                self.faults.append((answer, listed))
            elif answer.degraded or listed.degraded:
                self.faults.append((answer.degraded, listed.degraded))
            elif ([hit["n"] for hit in answer.json["hits"]] != [DOCUMENTS - 1 - i for i in range(limit)]
                  or listed.json["total"] != DOCUMENTS):
                self.faults.append((answer.json, listed.json["total"]))

    def come_back_empty(self, node):
        node.kill()
        node.wipe()
        node.start()
        until("the node to be trusted again",
              lambda: self.fleet.all_up() and self.fleet.dirty_copies() == 0, 90)

    def test_is_filled_again_and_never_answers_for_what_it_lost(self):
        searching = threading.Thread(target=self.search_on, daemon=True)
        searching.start()
        self.come_back_empty(self.fleet.nodes[1])
        self.stopping.set()
        searching.join(60)
        self.assertEqual(self.faults[:3], [])
        self.assertGreater(self.searches, 10)
        self.fleet.wait_quiet()
        self.assertEqual(len(copies.stored(self.fleet, INDEX)), DOCUMENTS)
        self.assertGreater(len(copies.node_documents(self.fleet.nodes[1])), DOCUMENTS // 3)

    def test_has_the_settings_of_the_others_afterwards(self):
        self.come_back_empty(self.fleet.nodes[0])
        until("its index", self.fleet.nodes[0].physical_indexes)
        self.fleet.wait_quiet()
        settings = []
        for node in self.fleet.nodes:
            (physical,) = node.physical_indexes()
            settings.append(node.client.get(f"/indexes/{physical}/settings"))
        self.assertEqual(settings[0], settings[1])
        self.assertEqual(settings[0], settings[2])

    def come_back_empty_at_once(self, node):
        """Faster than the health probes."""
        node.kill()
        node.wipe()
        node.start()

    def check_after(self, expected):
        self.fleet.wait_quiet(90)
        for i in range(8):
            answer = self.client.ok("POST", f"/indexes/{INDEX}/search", {"q": "volume", "limit": 20 + i})
            self.assertEqual(answer["estimatedTotalHits"], expected)
        self.assertEqual(len(copies.stored(self.fleet, INDEX)), expected)

    def test_is_noticed_by_the_first_write_of_documents(self):
        self.come_back_empty_at_once(self.fleet.nodes[0])
        documents = [{"id": DOCUMENTS + i, "n": 0, "title": "volume x"} for i in range(60)]
        answer = self.client.call("POST", f"/indexes/{INDEX}/documents", documents)
        self.assertEqual(answer.status, 202, answer)
        self.client.finished(answer.json["taskUid"])
        self.check_after(DOCUMENTS + 60)

    def test_is_noticed_by_the_first_change_of_settings(self):
        self.come_back_empty_at_once(self.fleet.nodes[2])
        self.client.done("PATCH", f"/indexes/{INDEX}/settings", {"stopWords": ["a"]})
        self.check_after(DOCUMENTS)

    def test_is_noticed_by_a_miroir_that_was_away_too(self):
        self.fleet.miroir.kill()
        self.fleet.nodes[2].kill()
        self.fleet.nodes[2].wipe()
        self.fleet.nodes[2].start()
        self.fleet.miroir.start()
        answer = self.client.call("POST", f"/indexes/{INDEX}/search",
                                  {"q": "volume", "page": 1, "hitsPerPage": 5})
        self.assertEqual((answer.status, answer.degraded, answer.json["totalHits"]), (200, None, DOCUMENTS))
        self.assertEqual(self.client.get(f"/indexes/{INDEX}/documents?limit=1")["total"], DOCUMENTS)
        self.fleet.wait_quiet(90)
        self.assertEqual(len(copies.stored(self.fleet, INDEX)), DOCUMENTS)


if __name__ == "__main__":
    main()
