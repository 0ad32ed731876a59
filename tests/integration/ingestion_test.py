"""Writes go on while nodes and miroir are killed: what was acknowledged is on every copy, once."""

import random
import threading
import time

from cluster import copies
from cluster.fleet import ClusterTest, main
from cluster.model import Model
from cluster.processes import until

INDEX = "orders"


class Writer(threading.Thread):
    """Writes its own ids, batch after batch, and keeps count of what must be there."""

    def __init__(self, number, client, model):
        super().__init__(daemon=True)
        self.client = client
        self.model = model
        self.random = random.Random(number)
        self.ids = [f"w{number}-{i}" for i in range(120)]
        self.stopping = threading.Event()
        self.acknowledged = []
        self.unanswered = 0
        self.degraded = 0
        self.refused = []
        self.fault = None
        self.step = 0

    def run(self):
        try:
            while not self.stopping.wait(0.03):
                self.step += 1
                self.write_once()
        except Exception as error:  # pylint: disable=broad-except
            self.fault = error

    def write_once(self):
        identifiers = self.random.sample(self.ids, self.random.randint(1, 12))
        kind = self.random.choices(["replace", "update", "delete"], [5, 3, 2])[0]
        content = {"step": self.step, "text": f"order \u00e9 {self.random.random()}", "price": self.step / 8}
        path = f"/indexes/{INDEX}/documents"
        if kind == "replace":
            self.send("POST", path, [{"id": i, **content} for i in identifiers], identifiers,
                      lambda i, old: {"id": i, **content})
        elif kind == "update":
            extra = {f"extra{self.step % 3}": self.step}
            self.send("PUT", path, [{"id": i, **extra} for i in identifiers], identifiers,
                      lambda i, old: {**(old or {"id": i}), **extra})
        else:
            self.send("POST", path + "/delete-batch", identifiers, identifiers, lambda i, old: None)

    def send(self, method, path, body, identifiers, change):
        try:
            answer = self.client.call(method, path, body, timeout=30)
        except OSError:
            self.unanswered += 1
            self.model.apply(change, identifiers, False, f"{method} {path[-6:]}, no answer")
            return
        if answer.status == 202:
            self.acknowledged.append(answer.json["taskUid"])
            self.degraded += answer.degraded is not None
        elif answer.status == 503:
            self.unanswered += 1
        else:
            self.refused.append((method, path, repr(answer)))
        outcome = f"task {answer.json.get('taskUid')}" if answer.status == 202 else answer.json["code"]
        self.model.apply(change, identifiers, answer.status == 202,
                         f"{method} {path[-6:]}, {outcome}, degraded: {answer.degraded}")


class Ingestion(ClusterTest):
    replication_factor = 2

    def setUp(self):
        self.fleet = self.cluster(replication_factor=self.replication_factor)
        self.fleet.client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        self.model = Model()
        self.writers = [Writer(i, self.fleet.client, self.model) for i in range(4)]
        for writer in self.writers:
            self.addCleanup(writer.stopping.set)
            writer.start()

    def finish(self):
        for writer in self.writers:
            writer.stopping.set()
        for writer in self.writers:
            writer.join(60)
            self.assertFalse(writer.is_alive())
            if writer.fault:
                raise writer.fault
            self.assertEqual(writer.refused, [])
        self.fleet.wait_quiet(90)

    def check_documents(self):
        try:
            stored = copies.stored(self.fleet, INDEX)
        except copies.WrongCopies as wrong:
            for identifier, fault in wrong.faults[:8]:
                print(identifier, fault, *self.model.history[identifier][-6:], sep="\n    ")
            raise
        self.assertEqual(self.model.faults(stored), [])
        self.assertEqual(copies.listed(self.fleet.client, INDEX), stored)
        stats = self.fleet.client.get(f"/indexes/{INDEX}/stats")
        self.assertEqual(stats["numberOfDocuments"], len(stored))

    def check_tasks(self):
        tasks = {task["uid"]: task for task in self.fleet.client.all_tasks()}
        self.assertEqual(sorted(tasks), list(range(len(tasks))))
        acknowledged = [uid for writer in self.writers for uid in writer.acknowledged]
        self.assertEqual(len(acknowledged), len(set(acknowledged)))
        self.assertEqual([tasks[uid] for uid in acknowledged if tasks[uid]["status"] != "succeeded"], [])
        self.assertGreater(len(acknowledged), 20)

    def restart(self, process, seconds):
        process.kill()
        time.sleep(seconds)
        process.start()

    def test_killed_nodes_lose_nothing_that_was_acknowledged(self):
        for node in self.fleet.nodes:
            time.sleep(1)
            self.restart(node, 0.7)
        self.finish()
        self.check_documents()
        self.check_tasks()
        self.assertGreater(sum(writer.degraded for writer in self.writers), 0)

    def test_a_killed_miroir_loses_nothing_that_was_acknowledged(self):
        for pause in (0.2, 0.5, 1.0, 0.1, 0.6):
            time.sleep(0.9)
            self.restart(self.fleet.miroir, pause)
        self.finish()
        self.check_documents()
        self.check_tasks()

    def test_nodes_and_miroir_killed_together_lose_nothing_that_was_acknowledged(self):
        for node in self.fleet.nodes:
            time.sleep(1)
            node.kill()
            time.sleep(0.3)
            self.fleet.miroir.kill()
            time.sleep(0.3)
            node.start()
            self.fleet.miroir.start(ready=False)
        self.finish()
        self.check_documents()
        self.check_tasks()


class IngestionOnThreeCopies(Ingestion):
    """The same with a copy of everything on each node, of which two may be away at once."""
    replication_factor = 3

    def test_killed_nodes_lose_nothing_that_was_acknowledged(self):
        first, second, third = self.fleet.nodes
        for pair in ((first, second), (second, third)):
            time.sleep(0.5)
            for node in pair:
                node.kill()
            time.sleep(1)
            for node in pair:
                node.start()
            until("the copies to be repaired",
                  lambda: self.fleet.all_up() and self.fleet.dirty_copies() == 0)
        self.finish()
        self.check_documents()
        self.check_tasks()
        self.assertGreater(sum(writer.degraded for writer in self.writers), 0)

    def test_a_killed_miroir_loses_nothing_that_was_acknowledged(self):
        self.skipTest("does not depend on the number of copies")


def write_contended(client, steps):
    """Eight writers of the same hundred documents. What was accepted, by task uid, and the other answers."""
    writes = {}
    refused = []
    lock = threading.Lock()

    def write(number):
        choices = random.Random(number)
        for step in range(steps):
            identifiers = choices.sample(range(100), choices.randint(1, 20))
            documents = [{"id": i, "writer": number, "step": step} for i in identifiers]
            answer = client.call("POST", f"/indexes/{INDEX}/documents", documents)
            with lock:
                if answer.status == 202:
                    writes[answer.json["taskUid"]] = {document["id"]: document for document in documents}
                else:
                    refused.append(answer)

    threads = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return writes, refused


def last_of_each(writes):
    """The documents as the accepted writes leave them: by id."""
    documents = {}
    for uid in sorted(writes):
        documents.update(writes[uid])
    return documents


class ContendedIngestion(ClusterTest):
    def test_the_last_write_of_a_document_wins_on_every_copy(self):
        fleet = self.cluster(replication_factor=3)
        client = fleet.client
        client.done("POST", "/indexes", {"uid": INDEX, "primaryKey": "id"})
        writes, refused = write_contended(client, 40)
        self.assertEqual(refused, [])
        self.assertEqual(len(writes), 320)
        fleet.wait_quiet(90)
        self.assertEqual(copies.stored(fleet, INDEX), last_of_each(writes))
        self.assertEqual(fleet.miroir.metric("miroir_repair_copies_total"), 0)


if __name__ == "__main__":
    main()
