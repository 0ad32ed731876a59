"""Writes that are sent again with their Idempotency-Key happen once."""

import threading

from cluster import copies
from cluster.client import Client
from cluster.fleet import ClusterTest, main


class Idempotency(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster()
        self.client = self.fleet.client
        self.client.done("POST", "/indexes", {"uid": "books", "primaryKey": "id"})

    def write(self, key, body, path="/indexes/books/documents", method="POST", client=None):
        return (client or self.client).call(method, path, body, {"Idempotency-Key": key})

    def test_the_first_answer_is_given_again(self):
        first = self.write("k", [{"id": 1, "n": 1}])
        self.assertEqual(first.status, 202)
        self.client.finished(first.json["taskUid"])
        self.client.done("POST", "/indexes/books/documents", [{"id": 1, "n": 2}])
        again = self.write("k", [{"id": 1, "n": 1}])
        self.assertEqual((again.status, again.json), (first.status, first.json))
        self.assertEqual(self.client.get("/indexes/books/documents/1"), {"id": 1, "n": 2})
        other = self.write("k", [{"id": 1, "n": 3}])
        self.assertEqual((other.status, other.json["code"]), (409, "miroir_idempotency_key_reused"))
        self.assertEqual(self.fleet.miroir.metric("miroir_idempotency_repeated_total"), 1)

    def test_every_kind_of_write_takes_a_key(self):
        self.client.done("PUT", "/indexes/books/settings/filterable-attributes", ["n"])
        self.client.done("POST", "/indexes/books/documents", [{"id": i, "n": i} for i in range(9)])
        writes = [
            ("PUT", "/indexes/books/documents", [{"id": 1, "m": 1}]),
            ("DELETE", "/indexes/books/documents/2", None),
            ("POST", "/indexes/books/documents/delete-batch", [3]),
            ("POST", "/indexes/books/documents/delete", {"filter": "n = 4"}),
            ("PATCH", "/indexes/books/settings", {"stopWords": ["the"]}),
            ("PUT", "/indexes/books/settings/stop-words", ["le"]),
            ("DELETE", "/indexes/books/settings/stop-words", None),
            ("DELETE", "/indexes/books/documents", None),
            ("POST", "/indexes", {"uid": "films"}),
            ("PATCH", "/indexes/films", {"primaryKey": "id"}),
            ("POST", "/swap-indexes", [{"indexes": ["books", "films"]}]),
            ("DELETE", "/indexes/films", None),
        ]
        for method, path, body in writes:
            answers = [self.write("one key", body, path, method) for _ in range(2)]
            self.assertEqual(answers[0].status, 202, f"{method} {path}")
            self.assertEqual(answers[0].json, answers[1].json, f"{method} {path}")
            self.assertEqual(self.client.finished(answers[0].json["taskUid"])["status"], "succeeded")

    def test_of_many_at_once_one_happens_and_all_get_its_answer(self):
        answers = []

        def send():
            answers.append(self.write("race", [{"id": i} for i in range(50)]))

        threads = [threading.Thread(target=send) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({(answer.status, answer.json["taskUid"]) for answer in answers},
                         {(202, answers[0].json["taskUid"])})
        self.fleet.wait_quiet()
        self.assertEqual(len(copies.stored(self.fleet, "books")), 50)

    def test_a_write_that_was_not_accepted_is_made_again(self):
        for node in self.fleet.nodes:
            node.kill()
        refused = self.write("k", [{"id": 1}])
        self.assertEqual(refused.status, 503)
        for node in self.fleet.nodes:
            node.start()
        self.fleet.wait_quiet()
        accepted = self.write("k", [{"id": 1}])
        self.assertEqual(accepted.status, 202)
        self.assertEqual(self.write("k", [{"id": 1}]).json, accepted.json)
        self.assertEqual(self.client.finished(accepted.json["taskUid"])["status"], "succeeded")

    def test_keys_are_their_owners_and_survive_a_restart(self):
        body = {"actions": ["documents.add"], "indexes": ["*"], "expiresAt": None}
        owners = [Client(self.client.port, self.client.ok("POST", "/keys", body)["key"]) for _ in range(2)]
        answers = [self.write("k", [{"id": 1}], client=owner).json["taskUid"] for owner in [*owners, self.client]]
        self.assertEqual(len(set(answers)), 3)
        self.fleet.miroir.kill()
        self.fleet.miroir.start()
        again = [self.write("k", [{"id": 1}], client=owner).json["taskUid"] for owner in [*owners, self.client]]
        self.assertEqual(again, answers)

    def test_malformed_keys_are_refused(self):
        for key in ("", "k" * 256, "tab\there"):
            answer = self.write(key, [{"id": 1}])
            self.assertEqual((answer.status, answer.json["code"]), (400, "miroir_invalid_header"))
        self.assertEqual(self.client.get("/tasks?types=documentAdditionOrUpdate")["total"], 0)


if __name__ == "__main__":
    main()
