"""A node takes a write and its answer is lost: the write is found among the node's tasks."""

import re

from cluster import copies
from cluster.fleet import ClusterTest, main
from cluster.processes import until

INDEX = "books"
DOCUMENTS = [{"id": i, "title": f"book {i}"} for i in range(60)]


class LostAnswer(ClusterTest):
    def write(self, **more):
        return self.client.call("POST", f"/indexes/{INDEX}/documents", [{**one, **more} for one in DOCUMENTS])

    def parts(self, uid):
        return {part["node"]: part for part in self.fleet.admin.get(f"/_miroir/tasks/{uid}")["nodes"]}

    def lookups(self, result):
        line = rf'^miroir_write_lookups_total{{result="{result}"}} (\S+)$'
        return int(re.search(line, self.fleet.miroir.metrics_text(), re.MULTILINE)[1])

    def start(self, **options):
        self.fleet, self.gates = self.gated_cluster(**options)
        self.client = self.fleet.client
        self.assertEqual(self.write().status, 202)
        self.fleet.wait_quiet()

    def check_stored(self, **more):
        for gate in self.gates:
            gate.heal()
        self.fleet.wait_quiet()
        stored = copies.stored(self.fleet, INDEX)
        self.assertEqual([stored[i] for i in range(60)], [{**one, **more} for one in DOCUMENTS])

    def test_is_found_among_the_nodes_tasks(self):
        self.start()
        self.gates[0].spoil(r"/documents\?", "an answer that is lost", "POST")
        answer = self.write(again=True)
        self.assertEqual(answer.status, 202, answer)
        self.assertIn("node-0", answer.degraded)
        uid = answer.json["taskUid"]
        until("the look-up", lambda: self.parts(uid)["node-0"]["result"] == "acked")
        found = self.parts(uid)["node-0"]
        self.assertEqual(len(found["nodeTasks"]), 1)
        self.assertEqual(self.client.finished(uid)["status"], "succeeded")
        task = self.fleet.nodes[0].client.get(f"/tasks/{found['nodeTasks'][0]}")
        self.assertRegex(task["customMetadata"], f"^miroir:{uid}:")
        until("the node's part to end", lambda: self.parts(uid)["node-0"]["status"] == "succeeded")
        self.assertEqual(self.lookups("found"), 1)
        self.check_stored(again=True)

    def test_of_a_write_without_any_answer_the_reference_is_found(self):
        self.start(nodes=2)
        for gate in self.gates:
            gate.spoil(r"/documents\?", "an answer that is lost", "POST")
        answer = self.write(again=True)
        self.assertEqual((answer.status, answer.json["code"]), (503, "miroir_no_quorum"))
        uid = self.client.get("/tasks?limit=1")["results"][0]["uid"]
        until("the look-up", lambda: self.lookups("found") == 1)
        results = sorted(part["result"] for part in self.parts(uid).values())
        self.assertEqual(results, ["acked", "unknown"])
        self.check_stored(again=True)

    def test_what_never_arrived_is_sought_for_some_seconds_only(self):
        self.start()
        self.gates[0].spoil(r"/documents\?", "cut before an answer", "POST")
        answer = self.write(again=True)
        self.assertEqual(answer.status, 202, answer)
        uid = answer.json["taskUid"]
        self.assertEqual(self.client.finished(uid)["status"], "succeeded")
        self.assertEqual(self.lookups("not_found"), 0)
        until("the look-up to end", lambda: self.lookups("not_found") == 1)
        self.assertEqual(self.parts(uid)["node-0"]["result"], "unknown")
        self.gates[0].requests.clear()
        self.check_stored(again=True)
        self.assertNotIn(("GET", "/tasks?limit=1000"), self.gates[0].requests)


if __name__ == "__main__":
    main()
