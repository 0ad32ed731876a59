"""A node that answers nonsense has failed: others answer in its place, and nothing it said counts."""

from cluster import copies
from cluster.fleet import NODE_KEY, ClusterTest, main
from cluster.gate import GARBAGE
from cluster.processes import until

INDEX = "books"
DOCUMENTS = [{"id": i, "title": f"book {i}", "year": 1900 + i % 10} for i in range(90)]


class GarbageNode(ClusterTest):
    def setUp(self):
        self.fleet, self.gates = self.gated_cluster()
        self.client = self.fleet.client
        self.client.done("PATCH", f"/indexes/{INDEX}/settings", {"filterableAttributes": ["year"]})
        self.client.done("POST", f"/indexes/{INDEX}/documents", DOCUMENTS)
        self.fleet.wait_quiet()

    def heal(self):
        for gate in self.gates:
            gate.heal()
        until("all nodes to be back", self.fleet.all_up)

    def whole_answers(self, rounds=6):
        """Reads of all kinds, all of which must be right."""
        base = f"/indexes/{INDEX}"
        for i in range(rounds):
            answer = self.client.call("POST", base + "/search", {"q": "book", "limit": 90, "offset": i % 2,
                                                                 "facets": ["year"], "cropLength": 10 + i})
            self.assertEqual((answer.status, answer.degraded), (200, None), answer)
            self.assertEqual(answer.json["estimatedTotalHits"], 90)
            self.assertEqual(len(answer.json["hits"]), 90 - i % 2)
            self.assertEqual(sum(answer.json["facetDistribution"]["year"].values()), 90)
            answer = self.client.call("POST", base + "/documents/fetch",
                                      {"limit": 100, "filter": f"year >= {1900 - i}"})
            self.assertEqual((answer.status, answer.degraded), (200, None), answer)
            self.assertEqual(sorted(one["id"] for one in answer.json["results"]), list(range(90)))
            answer = self.client.call("GET", f"{base}/documents/{i}")
            self.assertEqual((answer.status, answer.json), (200, DOCUMENTS[i]), answer)
            answer = self.client.call("POST", "/multi-search", {"queries": [{"indexUid": INDEX, "limit": 1}]})
            self.assertEqual(answer.json["results"][0]["estimatedTotalHits"], 90, answer)

    def test_reads_are_answered_by_the_others(self):
        for kind in GARBAGE:
            for gate in self.gates[:2]:
                with self.subTest(kind):
                    gate.spoil(r"/search|/documents", kind)
                    self.whole_answers(rounds=3)
                    self.heal()

    def test_is_never_an_empty_result(self):
        for kind in GARBAGE:
            for gate in self.gates:
                gate.spoil(r"/search|/documents", kind)
            for method, path, body in (("POST", "/search", {}), ("GET", "/documents", None),
                                       ("GET", "/documents/1", None), ("POST", "/search", {"q": "book"})):
                answer = self.client.call(method, f"/indexes/{INDEX}{path}", body)
                with self.subTest(f"{kind}: {method} {path}"):
                    self.assertIn(answer.status, (200, 503), answer)
                    if answer.status == 200:
                        self.assertIn("shards=", answer.degraded)
            self.heal()
        self.whole_answers()

    def test_writes_that_it_answers_badly_are_repaired(self):
        for number, kind in enumerate(["broken JSON", "an empty object", "500", "401", "cut before an answer",
                                       "cut in the body", "no HTTP", "a redirect"]):
            gate = self.gates[number % 3]
            gate.spoil(r"/documents(\?|$)", kind)
            batch = [{**document, "round": number} for document in DOCUMENTS]
            answer = self.client.call("POST", f"/indexes/{INDEX}/documents", batch)
            with self.subTest(kind):
                self.assertEqual(answer.status, 202, answer)
                self.assertIn(f"node-{number % 3}", answer.degraded)
            self.heal()
            self.assertEqual(self.client.finished(answer.json["taskUid"])["status"], "succeeded")
            self.fleet.wait_quiet()
            stored = copies.stored(self.fleet, INDEX)
            self.assertEqual({one["round"] for one in stored.values()}, {number})
            self.assertEqual(len(stored), 90)

    def test_tasks_end_though_it_garbles_its_task_list(self):
        for kind in ("broken JSON", "an empty object", "members of other types", "500", "a list", "no HTTP"):
            self.gates[2].spoil(r"^/tasks", kind)
            with self.subTest(kind):
                self.client.done("POST", f"/indexes/{INDEX}/documents", DOCUMENTS)
            self.heal()
            self.fleet.wait_quiet()
            self.assertEqual(len(copies.stored(self.fleet, INDEX)), 90)

    def test_a_node_with_another_key_is_no_answer(self):
        node = self.fleet.nodes[0]
        node.kill()
        node.key = "another-key-entirely"
        node.client.key = node.key
        node.start()
        self.whole_answers()
        node.kill()
        node.key = NODE_KEY
        node.client.key = NODE_KEY
        node.start()
        until("all nodes to be back", self.fleet.all_up)
        self.whole_answers()


if __name__ == "__main__":
    main()
