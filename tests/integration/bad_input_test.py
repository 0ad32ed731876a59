"""What is malformed gets a clear error, changes nothing, and reaches no node."""

import gzip
import json
import socket

from cluster import copies
from cluster.client import cut_off, exchange
from cluster.fleet import MASTER_KEY, ClusterTest, main
from cluster.processes import until

DOCUMENTS = "/indexes/books/documents"
SEARCH = "/indexes/books/search"
NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
GZIP = {"Content-Encoding": "gzip"}
BODY_BYTES_MAX = 200_000


def head(method, path, *lines):
    """The head of a request as bytes; the lines replace nothing, they are added."""
    fixed = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {MASTER_KEY}"]
    return "\r\n".join([*fixed, *lines, "", ""]).encode("latin-1")


def status_of(received):
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else None


class BadInput(ClusterTest):
    def setUp(self):
        limits = {"max_body_bytes": BODY_BYTES_MAX, "max_header_bytes": 8192}
        self.fleet = self.cluster(config={"server": limits})
        self.client = self.fleet.client
        self.port = self.fleet.miroir.port
        self.client.done("PATCH", "/indexes/books/settings",
                         {"filterableAttributes": ["year"], "sortableAttributes": ["year"]})
        self.client.done("POST", DOCUMENTS, [{"id": i, "year": 1900 + i} for i in range(20)])
        self.fleet.wait_quiet()
        self.before = self.state()

    def state(self):
        """What must not change: the nodes' tasks and documents, the indexes and the settings."""
        return ([node.task_count() for node in self.fleet.nodes], copies.stored(self.fleet, "books"),
                self.client.get("/indexes")["results"], self.client.get("/indexes/books/settings"),
                self.fleet.dirty_copies())

    def unchanged(self):
        self.assertTrue(self.fleet.miroir.running)
        self.assertEqual(self.state(), self.before)

    def refused(self, status, code, method, path, body=None, headers=None):
        answer = self.client.call(method, path, body, headers)
        with self.subTest(f"{method} {path} {str(body)[:60]} {headers or ''}"):
            self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)
            self.assertEqual(list(answer.json), ["message", "code", "type", "link"])
            self.assertNotIn("_miroir_", answer.json["message"].replace("`_miroir_", ""))

    def test_malformed_documents(self):
        for body in (b"{", b'[{"id": 1}', b'[{"id": 1},]', b'"text"', b'[{"id": 1e}]', b'{"id": 1} x',
                     b'[{"id": "\xff"}]', b"\xef\xbb\xbf\xff", b"[" * 5000):
            self.refused(400, "malformed_payload", "POST", DOCUMENTS, body)
        self.refused(400, "malformed_payload", "PUT", DOCUMENTS, b'{"id": 1}\n{"id"', NDJSON)
        self.refused(400, "malformed_payload", "POST", DOCUMENTS, b'id,year:number\n1,x', CSV)
        self.refused(400, "malformed_payload", "POST", DOCUMENTS, b'id,year\n1,2,3', CSV)
        self.refused(400, "missing_payload", "POST", DOCUMENTS, b"")
        self.refused(415, "missing_content_type", "POST", DOCUMENTS, b"[]", {"Content-Type": None})
        self.refused(415, "invalid_content_type", "POST", DOCUMENTS, b"[]", {"Content-Type": "text/plain"})
        self.unchanged()

    def test_documents_that_the_engine_itself_stumbles_over(self):
        """As the engine: what is no object is an internal error, half a surrogate fails the task."""
        self.refused(500, "internal", "POST", DOCUMENTS, b"[1]")
        task = self.client.ok("POST", DOCUMENTS, b'[{"id": 1, "a": "\\ud800"}]')
        task = self.client.finished(task["taskUid"])
        self.assertEqual(task["status"], "failed")
        self.assertEqual(task["details"]["indexedDocuments"], 0)
        self.unchanged()

    def test_broken_compression(self):
        packed = gzip.compress(json.dumps([{"id": i, "text": "x" * 50} for i in range(100)]).encode())
        for body in (packed[:-20], packed[:len(packed) // 2], b"no gzip at all", packed[:8], b""):
            answer = self.client.call("POST", DOCUMENTS, body, GZIP)
            self.assertEqual(answer.status, 400, answer)
        bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
        self.assertLess(len(bomb), BODY_BYTES_MAX)
        self.refused(413, "payload_too_large", "POST", DOCUMENTS, bomb, GZIP)
        self.unchanged()

    def test_too_large(self):
        large = json.dumps([{"id": i, "text": "x" * 1000} for i in range(250)]).encode()
        self.refused(413, "payload_too_large", "POST", DOCUMENTS, large)
        self.refused(413, "payload_too_large", "PATCH", "/indexes/books/settings", large)
        self.refused(413, "payload_too_large", "POST", SEARCH, large)
        received = exchange(self.port, head("POST", DOCUMENTS, "Content-Type: application/json",
                                            "Transfer-Encoding: chunked")
                            + b"".join(b"2710\r\n" + b" " * 10000 + b"\r\n" for _ in range(25)), timeout=5)
        self.assertEqual(status_of(received), 413, received)
        received = exchange(self.port, head("GET", "/indexes", "X-Long: " + "y" * 20000), timeout=5)
        self.assertEqual(status_of(received), 431, received[:200])
        self.assertIn(b'"code":"miroir_headers_too_large"', received)
        received = exchange(self.port, head("GET", "/indexes?limit=1&x=" + "y" * 20000), timeout=5)
        self.assertEqual(status_of(received), 431, received[:200])
        self.unchanged()

    def test_no_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100,
                     head("POST", DOCUMENTS, "Content-Length: abc"),
                     head("POST", DOCUMENTS, "Content-Length: -1"),
                     head("GET", "/indexes", "No colon here"), head("POST", DOCUMENTS, "Content-Length: 5",
                                                                    "Transfer-Encoding: chunked"),
                     head("POST", DOCUMENTS, "Transfer-Encoding: chunked") + b"zz\r\n"):
            received = exchange(self.port, data, timeout=3, half_close=True)
            self.assertIn(status_of(received), (None, 400, 501, 505), (data, received))
        self.unchanged()

    def test_uploads_that_are_cut(self):
        body = json.dumps([{"id": i, "title": "never"} for i in range(50)]).encode()
        as_json = "Content-Type: application/json"
        sized = head("POST", DOCUMENTS, as_json, f"Content-Length: {len(body) + 10}") + body
        chunked = (head("POST", DOCUMENTS, as_json, "Transfer-Encoding: chunked")
                   + b"%x\r\n" % len(body) + body + b"\r\n")
        ndjson = (head("POST", DOCUMENTS, "Content-Type: application/x-ndjson", "Content-Length: 1000")
                  + b'{"id": 1}\n')
        for data in (sized, chunked, ndjson):
            cut_off(self.port, data)
            received = exchange(self.port, data, timeout=5, half_close=True)
            self.assertEqual(status_of(received), 400, received)
            self.assertIn(b'"message":"The provided payload is incomplete and cannot be parsed"', received)
        self.unchanged()

    def test_unknown_routes_and_methods(self):
        for method, path in (("GET", "/nowhere"), ("POST", "/indexes/books/nothing"),
                             ("GET", "/indexes//documents/x/y"),
                             ("GET", "/_miroir/nothing"), ("DELETE", "/indexes/books/search/more")):
            answer = self.client.call(method, path)
            self.assertEqual((answer.status, answer.body), (404, b""), (method, path))
        for method, path in (("PATCH", "/health"), ("DELETE", "/indexes"), ("PUT", SEARCH),
                             ("PATCH", DOCUMENTS),
                             ("POST", "/tasks")):
            answer = self.client.call(method, path)
            self.assertEqual((answer.status, answer.body), (405, b""), (method, path))
        self.unchanged()

    def test_bad_parameters(self):
        self.refused(400, "invalid_document_limit", "GET", DOCUMENTS + "?limit=x")
        self.refused(400, "bad_request", "GET", DOCUMENTS + "?nonsense=1")
        self.refused(400, "invalid_index_limit", "GET", "/indexes?limit=-1")
        self.refused(400, "invalid_index_uid", "GET", "/indexes/a%20b")
        self.refused(400, "invalid_index_uid", "POST", "/indexes", {"uid": "a/b"})
        self.refused(400, "invalid_search_limit", "POST", SEARCH, {"limit": -5})
        self.refused(400, "invalid_search_filter", "POST", SEARCH, {"filter": "year = "})
        self.refused(400, "malformed_payload", "POST", SEARCH, b'{"q": "\xc3\x28"}')
        self.refused(400, "bad_request", "POST", SEARCH, {"unknown": 1})
        self.refused(400, "invalid_task_uids", "GET", "/tasks?uids=x")
        self.refused(400, "missing_task_filters", "POST", "/tasks/cancel")
        self.refused(400, "invalid_settings_ranking_rules", "PATCH", "/indexes/books/settings",
                     {"rankingRules": [1]})
        for path in (DOCUMENTS + "?limit=1&limit=2", "/tasks?limit=1&limit=2", SEARCH + "?q=a&q=b",
                     DOCUMENTS + "?limit=%ff", "/indexes/%ff", SEARCH + "?q=%zz"):
            answer = self.client.call("GET", path)
            self.assertIn(answer.status, (200, 400, 404), (path, answer))
        self.unchanged()

    def test_reserved_names(self):
        for body in ([{"id": 50, "_miroir_shard": "x"}], [{"id": 51}, {"id": 52, "_miroir_": 1}],
                     {"_miroir_version": 1, "id": 53}):
            self.refused(400, "miroir_reserved_field", "POST", DOCUMENTS, body)
            self.refused(400, "miroir_reserved_field", "PUT", DOCUMENTS, body)
        self.refused(400, "miroir_reserved_field", "POST", DOCUMENTS, b"id,_miroir_shard\n54,1", CSV)
        for method, path, body in (("POST", "/indexes", {"uid": "new", "primaryKey": "_miroir_version"}),
                                   ("PATCH", "/indexes/books", {"primaryKey": "_miroir_shard"}),
                                   ("POST", "/indexes/new/documents?primaryKey=_miroir_shard", b"[]"),
                                   ("PUT", "/indexes/new/documents?primaryKey=_miroir_x", b'[{"id": 1}]')):
            self.refused(400, "miroir_reserved_field", method, path, body)
        for path in (SEARCH, "/indexes/books/documents/fetch"):
            answer = self.client.call("POST", path, {"filter": "_miroir_shard = x"})
            self.assertEqual((answer.status, answer.json["type"]), (400, "invalid_request"), answer)
        answer = self.client.call("POST", SEARCH, {"sort": ["_miroir_version:asc"]})
        self.assertEqual(answer.status, 400, answer)
        answer = self.client.call("POST", SEARCH, {"facets": ["_miroir_shard"]})
        self.assertEqual(answer.status, 400, answer)
        for change in ({"sortableAttributes": ["_miroir_version"]}, {"distinctAttribute": "_miroir_shard"},
                       {"filterableAttributes": [{"attributePatterns": ["_miroir_shard"]}]}):
            self.refused(400, "miroir_reserved_field", "PATCH", "/indexes/books/settings", change)
        self.unchanged()

    def test_wrong_keys(self):
        for key, code in (("wrong", "invalid_api_key"), (None, "missing_authorization_header")):
            headers = {"Authorization": f"Bearer {key}" if key else None}
            for method, path in (("GET", "/indexes"), ("POST", SEARCH), ("DELETE", DOCUMENTS),
                                 ("GET", "/tasks"),
                                 ("PATCH", "/indexes/books/settings"), ("DELETE", "/indexes/books")):
                self.refused(403 if key else 401, code, method, path, None, headers)
            for path in ("/_miroir/topology", "/_miroir/shards"):
                answer = self.client.call("GET", path, headers=headers)
                self.assertEqual((answer.status, answer.json["code"]), (401, code), answer)
        self.unchanged()

    def test_slow_and_idle_connections_do_not_block_others(self):
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(100)]
        for connection in idle[:50]:
            connection.sendall(b"POST /indexes/books/search HTTP/1.1\r\nHost: x\r\nContent-Le")
        self.assertEqual(until("an answer", lambda: self.client.call("POST", SEARCH, {}).status, 10), 200)
        for connection in idle:
            connection.close()
        self.unchanged()


if __name__ == "__main__":
    main()
