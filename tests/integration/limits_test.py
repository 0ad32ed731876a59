"""What is bounded stays bounded, says so, and leaves everybody else alone."""

import json
import socket
import threading

from cluster.client import http_answer
from cluster.fleet import MASTER_KEY, ClusterTest, main
from cluster.processes import until

MEGABYTE = 1_000_000
DOCUMENTS = "/indexes/books/documents"


class Upload:
    """An upload in chunks that is never finished unless the test wants it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.sendall(f"POST {DOCUMENTS} HTTP/1.1\r\nHost: localhost\r\n"
                            f"Authorization: Bearer {MASTER_KEY}\r\nContent-Type: application/json\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n".encode())

    def send(self, data):
        try:
            self.socket.sendall(b"%x\r\n" % len(data) + data + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish(self):
        self.socket.sendall(b"0\r\n\r\n")
        return self.answer()

    @property
    def refused(self):
        self.socket.settimeout(0)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b"H"
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(60)

    def answer(self):
        return http_answer(self.socket)


class Uploads(ClusterTest):
    def test_half_read_uploads_share_the_memory(self):
        fleet = self.cluster(config={"ingest": {"memory_bytes": 20 * MEGABYTE},
                                     "server": {"max_body_bytes": 10 * MEGABYTE}})
        fleet.client.done("POST", DOCUMENTS, [{"id": 1}])
        tasks = [node.task_count() for node in fleet.nodes]
        body = json.dumps([{"id": 2, "text": "x" * 6 * MEGABYTE}]).encode()
        uploads = [Upload(fleet.miroir.port) for _ in range(12)]
        for upload in uploads:
            self.addCleanup(upload.socket.close)
            upload.send(body[:5 * MEGABYTE])
        until("refusals", lambda: sum(upload.refused for upload in uploads) >= 9)
        self.assertLessEqual(fleet.miroir.metric("miroir_ingest_memory_bytes"), 20 * MEGABYTE)
        self.assertGreaterEqual(fleet.miroir.metric("miroir_http_rejected_total", 'reason="memory"'), 9)
        self.assertEqual(fleet.client.call("POST", "/indexes/books/search", {"q": "x" * 9000}).status, 200)
        self.assertEqual([node.task_count() for node in fleet.nodes], tasks)

        refused = [upload for upload in uploads if upload.refused]
        held = [upload for upload in uploads if not upload.refused]
        for upload in refused:
            answer = upload.answer()
            self.assertEqual((answer.status, answer.json["code"]), (503, "miroir_overloaded"), answer)
            self.assertEqual(answer.headers["Retry-After"], "10")
            self.assertEqual(answer.headers["Connection"], "close")
        self.assertGreater(len(held), 0)
        held[0].send(body[5 * MEGABYTE:])
        answer = held[0].finish()
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(fleet.client.finished(answer.json["taskUid"])["status"], "succeeded")
        for upload in held:
            upload.socket.close()
        until("the memory to be free", lambda: fleet.miroir.metric("miroir_ingest_memory_bytes") == 0)


class ConvertedUploads(ClusterTest):
    """CSV repeats its header's names in every document: what it becomes counts too."""

    def test_what_a_csv_becomes_is_bounded(self):
        fleet = self.cluster(config={"ingest": {"memory_bytes": 20 * MEGABYTE},
                                     "server": {"max_body_bytes": 10 * MEGABYTE}})
        fleet.client.done("POST", DOCUMENTS, [{"id": 1}])
        tasks = [node.task_count() for node in fleet.nodes]
        head = "id," + ",".join(f"a_column_with_a_name_{i}" for i in range(100))
        csv = {"Content-Type": "text/csv"}
        many = "\n".join([head, *(f"{i}{',' * 100}" for i in range(10_000))]).encode()
        self.assertLess(len(many), 2 * MEGABYTE)
        answer = fleet.client.call("POST", DOCUMENTS, many, csv)
        self.assertEqual((answer.status, answer.json["code"]), (413, "payload_too_large"), answer)
        self.assertGreaterEqual(fleet.miroir.metric("miroir_http_rejected_total", 'reason="memory"'), 1)
        self.assertEqual([node.task_count() for node in fleet.nodes], tasks)

        upload = Upload(fleet.miroir.port)
        self.addCleanup(upload.socket.close)
        upload.send(b" " * 9 * MEGABYTE)
        until("it to be held",
              lambda: fleet.miroir.metric("miroir_ingest_memory_bytes") > 9 * MEGABYTE)
        some = "\n".join([head, *(f"{i}{',' * 100}" for i in range(4_000))]).encode()
        answer = fleet.client.call("POST", DOCUMENTS, some, csv)
        self.assertEqual((answer.status, answer.json["code"]), (503, "miroir_overloaded"), answer)
        upload.socket.close()
        until("the memory to be free", lambda: fleet.miroir.metric("miroir_ingest_memory_bytes") == 0)
        few = "\n".join([head, *(f"{i}{',' * 100}" for i in range(100))]).encode()
        answer = fleet.client.call("POST", DOCUMENTS, few, csv)
        self.assertEqual(fleet.client.finished(answer.json["taskUid"])["status"], "succeeded")
        until("the memory to be free", lambda: fleet.miroir.metric("miroir_ingest_memory_bytes") == 0)


class Departures(ClusterTest):
    def setUp(self):
        # A node that hangs is not given up for another copy while the test runs.
        self.fleet, self.gates = self.gated_cluster(config={"scatter": {"attempt_timeout_ms": 30_000}})
        self.fleet.client.done("POST", DOCUMENTS, [{"id": i} for i in range(20)])
        self.fleet.wait_quiet()
        for gate in self.gates:
            self.addCleanup(gate.heal)

    def send(self, path, body):
        data = json.dumps(body).encode()
        connection = socket.create_connection(("127.0.0.1", self.fleet.miroir.port), timeout=60)
        self.addCleanup(connection.close)
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {MASTER_KEY}"
                           f"\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
                           .encode() + data)
        return connection

    def noted(self, notes):
        return [path for gate in self.gates for path in getattr(gate, notes)]

    def test_the_node_requests_of_a_search_end_when_its_client_leaves(self):
        for gate in self.gates:
            gate.hang("/search$")
        stays = self.send("/indexes/books/search", {"q": ""})
        asked = until("the nodes to be asked", lambda: self.noted("hanging"))
        leaves = self.send("/indexes/books/search", {"q": ""})
        until("the nodes to be asked again", lambda: len(self.noted("hanging")) == 2 * len(asked))
        leaves.close()
        until("the nodes to be left", lambda: len(self.noted("abandoned")) == len(asked), 5)
        self.assertEqual(self.fleet.miroir.metric("miroir_requests_abandoned_total"), 1)
        for gate in self.gates:
            gate.heal()
        self.assertEqual(http_answer(stays).json["estimatedTotalHits"], 20)
        self.assertEqual(len(self.noted("abandoned")), len(asked))
        self.assertEqual(self.fleet.miroir.metric("miroir_node_failures_total"), 0)
        self.assertTrue(self.fleet.all_up())

    def test_a_write_goes_on_when_its_client_leaves(self):
        for gate in self.gates:
            gate.hang("/(documents|search)")
        writes = self.send(DOCUMENTS, [{"id": "late"}])
        asked = until("the nodes to be asked", lambda: self.noted("hanging"))
        writes.close()
        # A search that is sent later and left later: what is noticed of it is noticed of the write, too.
        search = self.send("/indexes/books/search", {"q": ""})
        until("the nodes to be searched", lambda: len(self.noted("hanging")) > len(asked))
        search.close()
        until("the search to be left", lambda: self.noted("abandoned"), 5)
        for gate in self.gates:
            gate.heal()
        self.fleet.wait_quiet()
        self.assertEqual({path.rpartition("/")[2] for path in self.noted("abandoned")}, {"search"})
        self.assertEqual(self.fleet.client.get(DOCUMENTS + "/late"), {"id": "late"})


class WriteLimits(ClusterTest):
    def test_writes_under_way_are_counted_and_bounded(self):
        fleet, gates = self.gated_cluster(config={"limits": {"open_entries_max": 2, "dirty_ids_max": 4}})
        client, metric = fleet.client, fleet.miroir.metric
        client.done("POST", DOCUMENTS, [{"id": 0}])
        for gate in gates:
            self.addCleanup(gate.heal)
            gate.hang("/documents")
        writes = []
        for i in range(2):
            thread = threading.Thread(target=lambda i=i: writes.append(
                client.call("POST", DOCUMENTS, [{"id": 10 * i + j} for j in range(3)])))
            thread.start()
            self.addCleanup(thread.join)
            until("the entry", lambda: metric("miroir_journal_open_entries") == i + 1)
        self.assertEqual(metric("miroir_remembered_ids"), 3)
        self.assertEqual(metric("miroir_writes_not_remembered_total"), 1)
        refused = client.call("POST", DOCUMENTS, [{"id": 30}])
        self.assertEqual((refused.status, refused.json["code"]), (429, "miroir_overloaded"), refused)
        self.assertEqual(metric("miroir_writes_refused_total", 'reason="journal_full"'), 1)
        for gate in gates:
            gate.heal()
        until("the writes to be taken", lambda: len(writes) == 2)
        self.assertEqual([answer.status for answer in writes], [202, 202])
        for answer in writes:
            client.finished(answer.json["taskUid"])
        fleet.wait_quiet()
        self.assertEqual(metric("miroir_journal_open_entries"), 0)
        until("the ids to be forgotten", lambda: metric("miroir_remembered_ids") == 0, 10)
        until("the backlog to end", lambda: metric("miroir_node_backlog") == 0, 10)
        self.assertEqual(client.call("POST", DOCUMENTS, [{"id": 30}]).status, 202)


if __name__ == "__main__":
    main()
