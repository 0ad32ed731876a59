"""Several replicas on one store behind a balancer that is not sticky: any request on any of them."""

import time

from cluster import copies, stores
from cluster.client import Client
from cluster.fleet import MASTER_KEY, main
from cluster.model import Model
from cluster.processes import until
from cluster.replicas import REPLICAS, Balanced, ReplicasTest
from ingestion_test import INDEX, Writer, last_of_each, write_contended


class Replicas(ReplicasTest):
    def test_what_a_task_did_is_seen_on_every_replica(self):
        fleet = self.replicated(**self.options())
        client = fleet.client
        for round_number in range(5):
            index = f"books-{round_number}"
            client.done("POST", "/indexes", {"uid": index, "primaryKey": "id"})
            for replica in fleet.replicas:
                self.assertEqual(Client(replica.port, MASTER_KEY).get(f"/indexes/{index}")["uid"], index)
            client.done("PATCH", f"/indexes/{index}/settings", {"filterableAttributes": ["year"]})
            for replica in fleet.replicas:
                seen = Client(replica.port, MASTER_KEY).get(f"/indexes/{index}/settings/filterable-attributes")
                self.assertEqual(seen, ["year"])
            client.done("POST", f"/indexes/{index}/documents", [{"id": i, "year": i} for i in range(20)])
            for replica in fleet.replicas:
                found = Client(replica.port, MASTER_KEY).ok(
                    "POST", f"/indexes/{index}/search", {"filter": "year < 7"})
                self.assertEqual(len(found["hits"]), 7)
            client.done("DELETE", f"/indexes/{index}")
            for replica in fleet.replicas:
                answer = Client(replica.port, MASTER_KEY).call("GET", f"/indexes/{index}")
                self.assertEqual(answer.status, 404)
        made = client.done("POST", "/indexes/made-by-a-write/documents", [{"isbn_id": 1}])
        self.assertEqual(made["status"], "succeeded")
        for replica in fleet.replicas:
            index = Client(replica.port, MASTER_KEY).get("/indexes/made-by-a-write")
            self.assertEqual(index["primaryKey"], "isbn_id")

    def test_what_is_written_after_a_swap_or_a_renaming_on_another_replica_finds_the_new_names(self):
        fleet = self.replicated(**self.options())
        first, second = (Client(replica.port, MASTER_KEY) for replica in fleet.replicas[:2])
        expected = {"left": {"l"}, "right": {"r"}}
        for index, identifiers in expected.items():
            first.done("POST", f"/indexes/{index}/documents?primaryKey=id", [{"id": i} for i in identifiers])
        for turn in range(4):
            swap = first.ok("POST", "/swap-indexes", [{"indexes": ["left", "right"]}])["taskUid"]
            written = second.ok("POST", "/indexes/right/documents", [{"id": f"w{turn}"}])["taskUid"]
            for uid in (swap, written):
                self.assertEqual(first.finished(uid)["status"], "succeeded")
            expected = {"left": expected["right"], "right": expected["left"] | {f"w{turn}"}}
            for index, identifiers in expected.items():
                for client in (first, second):
                    self.assertEqual(set(copies.listed(client, index)), identifiers)
        renamed = first.ok("PATCH", "/indexes/right", {"uid": "renamed"})["taskUid"]
        written = second.ok("POST", "/indexes/renamed/documents", [{"id": "after"}])["taskUid"]
        for uid in (renamed, written):
            self.assertEqual(first.finished(uid)["status"], "succeeded")
        self.assertEqual(set(copies.listed(second, "renamed")), expected["right"] | {"after"})

    def test_a_key_is_in_force_and_out_of_force_on_every_replica_when_its_request_is_answered(self):
        fleet = self.replicated(**self.options())
        fleet.client.done("POST", "/indexes/books/documents", [{"id": 1}])
        for turn in range(6):
            made = fleet.client.ok("POST", "/keys", {"actions": ["search"], "indexes": ["books"], "expiresAt": None})
            for replica in fleet.replicas:
                answer = Client(replica.port, made["key"]).call("POST", "/indexes/books/search", {})
                self.assertEqual(answer.status, 200)
            if turn % 2:
                fleet.replicas[turn // 2].kill()
                fleet.client.ok("DELETE", f"/keys/{made['uid']}")
                fleet.replicas[turn // 2].start()
            else:
                fleet.client.ok("DELETE", f"/keys/{made['uid']}")
            for replica in fleet.replicas:
                answer = Client(replica.port, made["key"]).call("POST", "/indexes/books/search", {})
                self.assertEqual((answer.status, answer.json["code"]), (403, "invalid_api_key"))
        listed = [fleet.client.get("/keys")["results"] for _ in fleet.replicas]
        self.assertEqual(len(listed[0]), 4)
        self.assertEqual(listed.count(listed[0]), len(listed))

    def test_a_write_that_is_sent_again_to_another_replica_happens_once(self):
        fleet = self.replicated(**self.options())
        fleet.client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        for turn in range(8):
            headers = {"Idempotency-Key": f"key {turn}"}
            documents = [{"id": f"{turn}-{i}"} for i in range(5)]
            answers = [fleet.client.call("POST", f"/indexes/{INDEX}/documents", documents, headers)
                       for _ in fleet.replicas]
            self.assertEqual({(answer.status, answer.json["taskUid"]) for answer in answers},
                             {(202, answers[0].json["taskUid"])})
        self.assertEqual(fleet.client.get("/tasks?types=documentAdditionOrUpdate")["total"], 8)

    def test_a_cancelation_on_one_replica_ends_the_change_that_waits_on_another(self):
        fleet = self.replicated(**self.options())
        first, second = (Client(replica.port, MASTER_KEY) for replica in fleet.replicas[:2])
        first.done("POST", "/indexes", {"uid": "books", "primaryKey": "id"})
        for node in fleet.nodes:
            node.pause()
        try:
            running = first.ok("PATCH", "/indexes/books/settings", {"stopWords": ["le"]})["taskUid"]
            waiting = first.ok("PATCH", "/indexes/books/settings", {"stopWords": ["la"]})["taskUid"]
            asked = second.ok("POST", f"/tasks/cancel?uids={waiting}")["taskUid"]
            ended = second.finished(waiting)
        finally:
            for node in fleet.nodes:
                node.go_on()
        self.assertEqual((ended["status"], ended["canceledBy"]), ("canceled", asked))
        self.assertEqual(second.finished(running)["status"], "succeeded")
        cancelation = second.finished(asked)
        self.assertEqual(cancelation["details"]["canceledTasks"], 1)

    def test_contended_writes_on_all_replicas_leave_equal_copies_without_repair(self):
        fleet = self.replicated(**self.options(replication_factor=3))
        fleet.client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        writes, refused = write_contended(fleet.client, 20)
        self.assertEqual(refused, [])
        self.assertEqual(len(writes), 160)
        fleet.wait_quiet(90)
        self.assertEqual(copies.stored(fleet, INDEX), last_of_each(writes))
        self.assertEqual(sum(replica.metric("miroir_repair_copies_total") for replica in fleet.replicas), 0)

    def test_killed_replicas_lose_nothing_that_was_acknowledged(self):
        fleet = self.replicated(**self.options())
        fleet.client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        model = Model()
        writers = [Writer(number, fleet.client, model) for number in range(4)]
        for writer in writers:
            self.addCleanup(writer.stopping.set)
            writer.start()
        for turn in range(6):
            time.sleep(1)
            victim = fleet.replicas[turn % REPLICAS]
            victim.kill()
            time.sleep(0.5)
            victim.start(ready=False)
        # One that does not come back: the others end what it has begun.
        time.sleep(0.5)
        fleet.replicas[2].kill()
        time.sleep(2)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(60)
            self.assertFalse(writer.is_alive())
            if writer.fault:
                raise writer.fault
            self.assertEqual(writer.refused, [])
        fleet.wait_quiet(90)
        stored = copies.stored(fleet, INDEX)
        self.assertEqual(model.faults(stored), [])
        tasks = {task["uid"]: task for task in fleet.client.all_tasks()}
        self.assertEqual(sorted(tasks), list(range(len(tasks))))
        acknowledged = [uid for writer in writers for uid in writer.acknowledged]
        self.assertEqual([tasks[uid] for uid in acknowledged if tasks[uid]["status"] != "succeeded"], [])
        self.assertGreater(len(acknowledged), 20)

    def test_a_replica_that_was_stopped_in_the_middle_of_a_change_gives_it_up(self):
        fleet = self.replicated(**self.options())
        first = Client(fleet.replicas[1].port, MASTER_KEY)
        first.done("POST", "/indexes", {"uid": "books", "primaryKey": "id"})
        for node in fleet.nodes:
            node.pause()
        try:
            change = first.ok("PATCH", "/indexes/books/settings", {"stopWords": ["le"]})["taskUid"]
            fleet.replicas[1].pause()
        finally:
            for node in fleet.nodes:
                node.go_on()
        try:
            others = Balanced([fleet.replicas[0], fleet.replicas[2]], MASTER_KEY)
            self.assertEqual(others.finished(change)["status"], "succeeded")
            others.done("POST", "/indexes/books/documents", [{"id": 1}])
        finally:
            fleet.replicas[1].go_on()
        until("the replicas to know each other again",
              lambda: all(replica.metric("miroir_peers") == REPLICAS for replica in fleet.replicas))
        self.assertEqual(first.get("/indexes/books/settings/stop-words"), ["le"])
        first.done("POST", "/indexes/books/documents", [{"id": 2}])
        self.assertEqual(sorted(copies.stored(fleet, "books")), [1, 2])


if __name__ == "__main__":
    if stores.STORE == "sqlite":
        raise SystemExit(stores.SKIPPED)
    main()
