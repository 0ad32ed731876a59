"""Logs, metrics and request ids; none of them tells a secret, a query or a document."""

import json
import re

from cluster.client import Client
from cluster.fleet import ADMIN_KEY, MASTER_KEY, NODE_KEY, ClusterTest, main
from cluster.processes import Miroir, free_port, until

PRIVATE_WORDS = ("zanzibarian", "quetzalcoatl")


class Observability(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster()
        self.client = self.fleet.client
        self.client.done("POST", "/indexes/books/documents", [{"id": 1, "title": PRIVATE_WORDS[0]}])

    def request_lines(self):
        return [line for line in self.fleet.miroir.log_lines() if line["message"] == "request"]

    def test_each_request_gives_one_line(self):
        before = len(self.request_lines())
        sent = {}
        for number, (method, path, status) in enumerate((
                ("GET", "/health", 200), ("POST", "/indexes/books/search", 200), ("GET", "/nowhere", 404),
                ("GET", "/indexes/nothing", 404), ("PUT", "/health", 405), ("GET", "/indexes?limit=x", 400))):
            request_id = f"test-{number}"
            body = {} if method == "POST" else None
            answer = self.client.call(method, path, body, {"X-Request-Id": request_id})
            self.assertEqual(answer.status, status)
            sent[request_id] = (method, status)
        self.client.call("GET", "/health", headers={"X-Request-Id": "last"})
        until("the last line", lambda: any(line["request_id"] == "last" for line in self.request_lines()))
        lines = [line for line in self.request_lines()[before:] if line["request_id"] in sent]
        self.assertEqual({line["request_id"]: (line["method"], line["status"]) for line in lines}, sent)
        self.assertEqual(len(lines), len(sent))
        for line in self.fleet.miroir.log_lines():
            self.assertRegex(line["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
            self.assertIn(line["level"], ("debug", "info", "warn", "error"))

    def test_request_ids_come_back(self):
        for given in ("abc", "x" * 128, "with space and / ~"):
            answer = self.client.call("GET", "/health", headers={"X-Request-Id": given})
            self.assertEqual(answer.headers["X-Request-Id"], given)
        for given in (None, "", "y" * 129, "tab\there"):
            answer = self.client.call("GET", "/health", headers={"X-Request-Id": given})
            self.assertRegex(answer.headers["X-Request-Id"], r"^[0-9a-f]{8}$")
        made = {self.client.call("GET", "/nowhere").headers["X-Request-Id"] for _ in range(20)}
        self.assertEqual(len(made), 20)

    def test_secrets_and_contents_stay_inside(self):
        answers = []
        for key in (MASTER_KEY, ADMIN_KEY, NODE_KEY, "wrong-key-of-a-client", None):
            client = Client(self.fleet.miroir.port, key)
            for method, path, body in (
                    ("GET", "/indexes", None), ("GET", "/_miroir/topology", None),
                    ("GET", "/_miroir/shards", None),
                    ("POST", "/indexes/books/search", {"q": PRIVATE_WORDS[1]}), ("GET", "/keys", None),
                    ("POST", "/indexes/books/documents", [{"title": PRIVATE_WORDS[1]}]),
                    ("GET", "/tasks", None),
                    ("POST", "/indexes/books/search", {"filter": f"x = {PRIVATE_WORDS[1]}"})):
                answers.append(client.call(method, path, body))
        self.fleet.nodes[0].kill()
        for i in range(5):
            self.client.call("POST", "/indexes/books/documents", [{"id": i, "title": PRIVATE_WORDS[1]}])
            self.client.call("GET", f"/indexes/books/search?q={PRIVATE_WORDS[1]}")
        places = {"an answer": "\n".join(f"{answer.headers}{answer.body}" for answer in answers),
                  "the log": self.fleet.miroir.log_text(), "the metrics": self.fleet.miroir.metrics_text()}
        for place, text in places.items():
            for secret in (MASTER_KEY, ADMIN_KEY, NODE_KEY, "wrong-key-of-a-client"):
                self.assertNotIn(secret, text, place)
            if place != "an answer":
                for word in PRIVATE_WORDS:
                    self.assertNotIn(word, text, place)

    def test_what_is_refused_before_its_route_is_known_gives_a_line_too(self):
        answer = self.client.call("POST", "/indexes/books/documents", b"[]", {"X-Request-Id": "refused-one",
                                                                              "X-Long": "x" * 70_000})
        self.assertEqual(answer.status, 431)
        line = until("its line", lambda: [line for line in self.request_lines() if line["route"] == "refused"])[0]
        self.assertEqual(line["status"], 431)
        self.assertEqual(self.fleet.miroir.metric("miroir_request_total", 'route="refused".*'), 1)

    def test_metrics_are_well_formed_and_count(self):
        miroir = self.fleet.miroir
        before = miroir.metric("miroir_request_total")
        for _ in range(7):
            self.client.call("POST", "/indexes/books/search", {"q": "x"})
        self.assertGreaterEqual(miroir.metric("miroir_request_total") - before, 7)
        self.assertEqual(miroir.metric("miroir_node_up"), 3)
        self.assertEqual(miroir.metric("miroir_dirty_shards"), 0)
        self.assertGreater(miroir.metric("miroir_node_requests_total"), 0)
        self.assertGreater(miroir.metric("process_resident_memory_bytes"), 0)
        for line in miroir.metrics_text().splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .*|\w+(\{(\w+="[^"]*",?)*\})? (\S+))$')
        self.assertNotRegex(miroir.metrics_text(), r"mir[0-9a-f]{24}")
        self.assertEqual(Client(miroir.metrics_port).call("GET", "/nowhere").status, 404)

    def test_only_paths_of_routes_become_labels(self):
        for i in range(30):
            self.client.call("GET", f"/indexes/made-up-{i}/documents/{i}")
            self.client.call("GET", f"/made-up-{i}")
        self.assertNotIn("made-up", self.fleet.miroir.metrics_text())
        self.assertNotIn("made-up", "\n".join(json.dumps(line) for line in self.request_lines()))

    def test_admin_routes_need_the_admin_key(self):
        for key, status in ((ADMIN_KEY, 200), ("wrong", 401), (None, 401)):
            client = Client(self.fleet.miroir.port, key)
            self.assertEqual(client.call("GET", "/_miroir/topology").status, status)
        answer = Client(self.fleet.miroir.port).call("GET", "/_miroir/topology",
                                                     headers={"X-Admin-Key": ADMIN_KEY})
        self.assertEqual(answer.status, 200)


class Configuration(ClusterTest):
    def test_an_unknown_key_is_refused_with_a_suggestion(self):
        miroir = Miroir(self.folder(), {"server": {"prot": free_port()}, "metrics": {"port": 0}})
        self.addCleanup(miroir.kill)
        with self.assertRaises(AssertionError):
            miroir.start()
        self.assertRegex(miroir.log_text() + miroir.out.read_text(),
                         re.compile(r"server\.prot.*server\.port", re.S))


if __name__ == "__main__":
    main()
