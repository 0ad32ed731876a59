"""Tasks of one index end in the order of their uids: who waits for the last has seen the effect of all."""

from cluster.fleet import ClusterTest, main


class TaskOrder(ClusterTest):
    def test_documents_end_after_the_settings_before_them(self):
        client = self.cluster().client
        for i in range(12):
            index = f"books{i}"
            change = {"filterableAttributes": ["year"], "sortableAttributes": ["year"]}
            client.ok("PATCH", f"/indexes/{index}/settings", change)
            for batch in range(3):
                documents = [{"id": batch * 10 + n, "year": 1900 + n} for n in range(10)]
                last = client.call("POST", f"/indexes/{index}/documents", documents).json["taskUid"]
            client.finished(last)
            with self.subTest(index):
                tasks = client.get(f"/tasks?indexUids={index}")["results"]
                self.assertEqual([task["status"] for task in tasks], ["succeeded"] * 4)
                answer = client.call("POST", f"/indexes/{index}/search", {"filter": "year >= 1900"})
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer.json["estimatedTotalHits"], 30)


if __name__ == "__main__":
    main()
