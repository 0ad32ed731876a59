"""Writes that come faster than the nodes work are told to slow down; when the nodes have caught up they go on."""

from cluster.fleet import ClusterTest, main
from cluster.processes import until

DOCUMENTS = "/indexes/books/documents"


class BackPressure(ClusterTest):
    def test_a_long_queue_of_a_node(self):
        fleet = self.cluster(task_delay_ms=300, config={"ingest": {"max_node_backlog": 4}})
        client = fleet.client
        client.done("POST", "/indexes", {"uid": "books", "primaryKey": "id"})
        accepted, refused = [], None
        for i in range(200):
            answer = client.call("POST", DOCUMENTS, [{"id": i}])
            if answer.status != 202:
                refused = answer
                break
            accepted.append(answer.json["taskUid"])
        self.assertIsNotNone(refused, "200 writes were taken at once")
        self.assertEqual((refused.status, refused.json["code"]), (429, "miroir_overloaded"), refused)
        self.assertGreater(int(refused.headers["retry-after"]), 0)
        for uid in accepted:
            self.assertEqual(client.finished(uid)["status"], "succeeded")
        until("writes to go on", lambda: client.call("POST", DOCUMENTS, [{"id": 1000}]).status == 202)
        fleet.wait_quiet()
        self.assertEqual(client.get(DOCUMENTS + "?limit=0")["total"], len(accepted) + 1)


if __name__ == "__main__":
    main()
