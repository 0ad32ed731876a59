"""A node dies: no search and no write fails, and what it missed is all that is copied when it returns."""

import threading
import time

from cluster import copies, processes
from cluster.fleet import ClusterTest, main

INDEX = "books"
DOCUMENTS = 240


def document(i):
    word = ["salt", "glass", "iron", "winter"][i % 4]
    return {"id": i, "title": f"The {word} book {i}", "year": 1900 + i % 100}


class Repeated(threading.Thread):
    """Calls `step` again and again until it is stopped."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step = step
        self.stopping = threading.Event()
        self.count = 0
        self.faults = []

    def run(self):
        while not self.stopping.is_set():
            try:
                fault = self.step(self.count)
            except Exception as error:  # pylint: disable=broad-except
                fault = repr(error)
            self.count += 1
            if fault:
                self.faults.append(fault)


class NodeFailure(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster()
        self.client = self.fleet.client
        self.client.done("PATCH", f"/indexes/{INDEX}/settings",
                         {"filterableAttributes": ["year"], "sortableAttributes": ["year"]})
        self.client.done("POST", f"/indexes/{INDEX}/documents", [document(i) for i in range(DOCUMENTS)])
        self.degraded_writes = 0
        self.written = []

    def search(self, i):
        query = {"q": "salt", "limit": 5 + i % 20, "filter": "year < 2000", "facets": ["year"]}
        answer = self.client.call("POST", f"/indexes/{INDEX}/search", query)
        if answer.status != 200 or answer.degraded:
            return f"{answer} {answer.degraded}"
        total = answer.json["estimatedTotalHits"]
        return None if total == DOCUMENTS // 4 else f"{total} hits"

    def read(self, i):
        answer = self.client.call("GET", f"/indexes/{INDEX}/documents/{i % DOCUMENTS}")
        if answer.status != 200 or answer.json != document(i % DOCUMENTS):
            return repr(answer)
        return None

    def write(self, i):
        batch = [{"id": 1000 + 5 * i + k, "title": "a new one", "year": 2020} for k in range(5)]
        answer = self.client.call("POST", f"/indexes/{INDEX}/documents", batch)
        if answer.status != 202:
            return repr(answer)
        self.degraded_writes += answer.degraded is not None
        self.written += [one["id"] for one in batch]
        time.sleep(0.02)
        return None

    def test_a_node_that_hangs_delays_a_search_and_spoils_none(self):
        node = self.fleet.nodes[1]
        node.pause()
        self.addCleanup(node.go_on)
        for i in range(4):
            begun = time.monotonic()
            self.assertIsNone(self.search(i))
            # scatter.attempt_timeout_ms is 5 s, scatter.timeout_ms 30.
            self.assertLess(time.monotonic() - begun, 15)

    def test_costs_no_search_and_no_write(self):
        repeated = [Repeated(self.search), Repeated(self.search), Repeated(self.read), Repeated(self.write)]
        for thread in repeated:
            self.addCleanup(thread.stopping.set)
            thread.start()
        for node in self.fleet.nodes:
            time.sleep(0.7)
            before = self.degraded_writes
            node.kill()
            time.sleep(1.5)
            self.assertGreater(self.degraded_writes, before)
            node.start()
            # The next one may die only when this one's copies are whole again.
            processes.until("the repair", lambda: self.fleet.all_up() and self.fleet.dirty_copies() == 0)
        for thread in repeated:
            thread.stopping.set()
        for thread in repeated:
            thread.join(60)
        self.assertEqual([thread.faults[:5] for thread in repeated], [[], [], [], []])
        self.assertTrue(all(thread.count > 20 for thread in repeated), [thread.count for thread in repeated])
        self.fleet.wait_quiet()
        stored = copies.stored(self.fleet, INDEX)
        self.assertEqual(sorted(stored), list(range(DOCUMENTS)) + self.written)

    def test_the_headers_name_the_node_and_the_shards(self):
        dead, other = self.fleet.nodes[:2]
        dead.kill()
        answer = self.client.call("POST", f"/indexes/{INDEX}/documents", [document(i) for i in range(60)])
        self.assertEqual(answer.status, 202)
        self.assertIn(dead.name, answer.degraded)
        self.assertNotIn(other.name, answer.degraded)
        self.assertEqual(self.client.finished(answer.json["taskUid"])["status"], "succeeded")
        self.assertGreater(self.fleet.dirty_copies(), 0)
        other.kill()
        answer = self.client.call("POST", f"/indexes/{INDEX}/search", {"q": ""})
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.degraded, r"shards=\d+(,\d+)*")
        self.assertLess(answer.json["estimatedTotalHits"], DOCUMENTS)
        answer = self.client.call("POST", f"/indexes/{INDEX}/documents", [document(i) for i in range(60)])
        self.assertEqual((answer.status, answer.json["code"]), (503, "miroir_no_quorum"))
        self.assertIsNotNone(answer.headers["Retry-After"])
        dead.start()
        other.start()
        self.fleet.wait_quiet()
        self.assertEqual(len(copies.stored(self.fleet, INDEX)), DOCUMENTS)


class HangingNode(ClusterTest):
    """A node that neither answers nor refuses, and goes on later where it stopped."""

    def test_is_dirty_by_what_it_did_not_acknowledge(self):
        fleet = self.cluster(config={"writes": {"ack_timeout_s": 1}, "health": {"timeout_ms": 500}})
        client = fleet.client
        client.done("POST", f"/indexes/{INDEX}/documents", [document(i) for i in range(DOCUMENTS)])
        hanging = fleet.nodes[1]
        for round_number in range(3):
            hanging.pause()
            self.addCleanup(hanging.go_on)
            changed = [{**document(i), "round": round_number} for i in range(0, DOCUMENTS, 7)]
            answer = client.call("POST", f"/indexes/{INDEX}/documents", changed)
            self.assertEqual(answer.status, 202, answer)
            self.assertIn(hanging.name, answer.degraded)
            client.done("PUT", f"/indexes/{INDEX}/documents", [{"id": 3, "extra": round_number}])
            hanging.go_on()
            client.done("POST", f"/indexes/{INDEX}/documents", [{**document(5), "after": round_number}])
            fleet.wait_quiet()
            stored = copies.stored(fleet, INDEX)
            self.assertEqual(len(stored), DOCUMENTS)
            self.assertEqual({stored[one["id"]]["round"] for one in changed}, {round_number})
            self.assertEqual((stored[3]["extra"], stored[5]["after"]), (round_number, round_number))


class Repair(ClusterTest):
    def test_copies_what_was_missed_and_little_more(self):
        total, missed = (20_000, 200) if processes.sanitized() or processes.real_nodes() else (100_000, 1_000)
        fleet = self.cluster()
        client = fleet.client
        client.ok("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        uids = []
        for start in range(0, total, 5000):
            batch = [{"id": i, "n": i} for i in range(start, start + 5000)]
            uids.append(client.ok("POST", f"/indexes/{INDEX}/documents", batch)["taskUid"])
        for uid in uids:
            self.assertEqual(client.finished(uid, 120)["status"], "succeeded")
        fleet.wait_quiet()
        copied = fleet.miroir.metric("miroir_repair_copied_documents_total")

        fleet.nodes[0].kill()
        for start in range(0, missed, 50):
            identifiers = [(start + i) * 97 % total for i in range(50)]
            answer = client.call("POST", f"/indexes/{INDEX}/documents",
                                 [{"id": i, "n": i, "again": True} for i in identifiers])
            self.assertEqual(answer.status, 202)
        fleet.nodes[0].start()
        fleet.wait_quiet(120)

        held = {document["id"]: document for document in copies.node_documents(fleet.nodes[0])}
        rewritten = [held[i * 97 % total] for i in range(missed) if i * 97 % total in held]
        self.assertTrue(all(document.get("again") for document in rewritten))
        copied = fleet.miroir.metric("miroir_repair_copied_documents_total") - copied
        self.assertGreaterEqual(copied, len(rewritten))
        self.assertLessEqual(copied, 1.1 * missed)


if __name__ == "__main__":
    main()
