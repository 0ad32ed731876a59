"""miroir is killed and started again: tasks, indexes and settings are as before, and what got 202 ends."""

from cluster.fleet import ClusterTest, main
from cluster.processes import until

SETTINGS = {"filterableAttributes": ["year"], "sortableAttributes": ["year"], "stopWords": ["the"],
            "searchableAttributes": ["title"], "distinctAttribute": "year", "pagination": {"maxTotalHits": 7}}


class Restart(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster(task_delay_ms=150)
        self.client = self.fleet.client

    def restart(self):
        self.fleet.miroir.kill()
        self.fleet.miroir.start()

    def test_keeps_tasks_indexes_and_settings(self):
        self.client.done("POST", "/indexes", {"uid": "empty", "primaryKey": "isbn"})
        self.client.done("PATCH", "/indexes/books/settings", SETTINGS)
        self.client.done("POST", "/indexes/books/documents", [{"id": 1, "title": "one", "year": 1}])
        failed = self.client.ok("POST", "/indexes/books/documents", [{"title": "no id"}])
        self.assertEqual(self.client.finished(failed["taskUid"])["status"], "failed")
        paths = ["/tasks", "/tasks/0", "/tasks/3", "/tasks?statuses=failed", "/indexes", "/indexes/books",
                 "/indexes/empty", "/indexes/books/settings", "/indexes/empty/settings",
                 "/indexes/books/documents"]
        before = [self.client.get(path) for path in paths]
        self.restart()
        self.assertEqual([self.client.get(path) for path in paths], before)

    def test_keeps_task_uids_dense(self):
        for i in range(4):
            if i:
                self.restart()
            for k in range(3):
                task = self.client.ok("POST", "/indexes/books/documents", [{"id": k, "round": i}])
                self.assertEqual(task["taskUid"], 3 * i + k)
        self.fleet.wait_quiet()
        self.assertEqual([task["uid"] for task in self.client.all_tasks()], list(range(12)))

    def test_completes_a_settings_change_that_got_202(self):
        self.client.done("POST", "/indexes/books/documents", [{"id": 1, "title": "one", "year": 1}])
        task = self.client.ok("PATCH", "/indexes/books/settings", SETTINGS)
        self.restart()
        self.assertEqual(self.client.finished(task["taskUid"])["status"], "succeeded")
        settings = self.client.get("/indexes/books/settings")
        self.assertEqual({key: settings[key] for key in SETTINGS}, SETTINGS)

    def test_completes_the_creation_of_an_index_that_got_202(self):
        task = self.client.ok("POST", "/indexes", {"uid": "films", "primaryKey": "imdb"})
        self.restart()
        self.assertEqual(self.client.finished(task["taskUid"])["status"], "succeeded")
        self.assertEqual(self.client.get("/indexes/films")["primaryKey"], "imdb")
        self.client.done("POST", "/indexes/films/documents", [{"imdb": "tt1"}])
        self.fleet.wait_quiet()
        self.assertTrue(all(len(node.physical_indexes()) == 1 for node in self.fleet.nodes))

    def test_completes_a_deletion_that_got_202(self):
        self.client.done("POST", "/indexes/books/documents", [{"id": 1}])
        task = self.client.ok("DELETE", "/indexes/books")
        self.restart()
        self.assertEqual(self.client.finished(task["taskUid"])["status"], "succeeded")
        self.assertEqual(self.client.call("GET", "/indexes/books").status, 404)
        until("the nodes to drop it", lambda: not any(node.physical_indexes() for node in self.fleet.nodes))

    def test_completes_several_changes_in_their_order(self):
        self.client.done("POST", "/indexes/books/documents", [{"id": 1, "title": "one", "year": 1}])
        uids = [self.client.ok("PATCH", "/indexes/books/settings", {"stopWords": [word]})["taskUid"]
                for word in ("a", "b", "c")]
        uids.append(self.client.ok("PUT", "/indexes/books/settings/ranking-rules", ["year:desc"])["taskUid"])
        self.restart()
        self.assertEqual({self.client.finished(uid)["status"] for uid in uids}, {"succeeded"})
        settings = self.client.get("/indexes/books/settings")
        self.assertEqual((settings["stopWords"], settings["rankingRules"]), (["c"], ["year:desc"]))

    def test_finishes_document_tasks_that_the_nodes_still_work_on(self):
        uids = [self.client.ok("POST", "/indexes/books/documents", [{"id": i}])["taskUid"] for i in range(8)]
        self.restart()
        self.assertEqual({self.client.finished(uid)["status"] for uid in uids}, {"succeeded"})
        self.assertEqual(self.client.get("/indexes/books/documents")["total"], 8)

    def test_a_change_while_a_node_is_away_reaches_it_when_it_returns(self):
        self.client.done("POST", "/indexes/books/documents", [{"id": i, "year": i % 3} for i in range(30)])
        away = self.fleet.nodes[1]
        away.kill()
        self.client.done("PATCH", "/indexes/books/settings", {"filterableAttributes": ["year"]})
        self.restart()
        away.start()
        self.fleet.wait_quiet()
        for _ in range(10):
            answer = self.client.ok("POST", "/indexes/books/search", {"filter": "year = 1"})
            self.assertEqual(answer["estimatedTotalHits"], 10)
        (physical,) = away.physical_indexes()
        filterable = away.client.get(f"/indexes/{physical}/settings/filterable-attributes")
        self.assertIn("year", filterable)


if __name__ == "__main__":
    main()
