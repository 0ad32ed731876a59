"""SIGTERM: no longer ready, requests in flight end, then the process ends with status 0."""

import re
import threading
import time

from cluster import copies
from cluster.client import Client
from cluster.fleet import ClusterTest, main
from cluster.processes import until


class Drain(ClusterTest):
    def setUp(self):
        self.fleet, self.gates = self.gated_cluster()
        self.client = self.fleet.client
        self.client.done("POST", "/indexes/books/documents",
                         [{"id": i, "title": f"book {i}"} for i in range(40)])
        self.fleet.wait_quiet()
        self.answers = []

    def slowly(self, method, path, body):
        """Begins a request that its nodes let wait."""
        def call():
            try:
                self.answers.append(self.client.call(method, path, body))
            except OSError as error:
                self.answers.append(error)
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        return thread

    def test_requests_in_flight_end(self):
        for gate in self.gates:
            gate.delay(r"/search|/documents", 1.5)
            gate.requests.clear()
        threads = [self.slowly("POST", "/indexes/books/search", {"q": "book", "limit": 40}),
                   self.slowly("POST", "/indexes/books/documents", [{"id": 100, "title": "the last one"}])]
        until("both to reach the nodes",
              lambda: {re.split(r"[/?]", path)[3] for gate in self.gates for method, path in gate.requests
                       if method == "POST" and path.startswith("/indexes/")} >= {"search", "documents"})
        status = self.fleet.miroir.terminate()
        for thread in threads:
            thread.join(10)
        self.assertEqual(status, 0)
        self.assertEqual(sorted(answer.status for answer in self.answers), [200, 202], self.answers)
        (found,) = [answer for answer in self.answers if answer.status == 200]
        self.assertEqual(len(found.json["hits"]), 40)
        for gate in self.gates:
            gate.heal()
        self.fleet.miroir.start()
        self.fleet.wait_quiet()
        self.assertEqual(len(copies.stored(self.fleet, "books")), 41)

    def test_turns_unready_first(self):
        for gate in self.gates:
            gate.delay(r"/search", 3)
        waiting = self.slowly("POST", "/indexes/books/search", {"q": "book"})
        until("the search to reach a node",
              lambda: any(path.endswith("/search") for gate in self.gates for _, path in gate.requests))
        seen = set()

        def look():
            while not ended.is_set():
                try:
                    seen.add(Client(self.fleet.miroir.port).call("GET", "/_miroir/ready", timeout=2).status)
                except OSError:
                    seen.add("closed")
                time.sleep(0.01)
        ended = threading.Event()
        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        until("the first look", lambda: 200 in seen)
        status = self.fleet.miroir.terminate()
        ended.set()
        looking.join(5)
        waiting.join(5)
        self.assertEqual(status, 0)
        self.assertEqual([answer.status for answer in self.answers], [200])
        self.assertIn(503, seen)

    def test_an_idle_process_ends_at_once(self):
        begun = time.monotonic()
        self.assertEqual(self.fleet.miroir.terminate(), 0)
        self.assertLess(time.monotonic() - begun, 10)
        for node in self.fleet.nodes:
            self.assertEqual(node.terminate(), 0)


if __name__ == "__main__":
    main()
