"""Large pages, of which nodes are asked for a part first: no hit is missed however they are spread."""

from cluster import copies
from cluster.fleet import ClusterTest, main

INDEX = "books"
SEARCH = f"/indexes/{INDEX}/search"
DOCUMENTS = 4000
REFETCHES = "miroir_search_refetches_total"


class LargePage(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster()
        self.client = self.fleet.client
        self.client.done("PATCH", f"/indexes/{INDEX}/settings",
                         {"sortableAttributes": ["id", "rank"], "filterableAttributes": ["id"],
                          "pagination": {"maxTotalHits": DOCUMENTS}})
        self.client.done("POST", f"/indexes/{INDEX}/documents", [{"id": i} for i in range(DOCUMENTS)])
        self.fleet.wait_quiet()

    def ids(self, **query):
        return [hit["id"] for hit in self.client.ok("POST", SEARCH, query)["hits"]]

    def refetches(self):
        return self.fleet.miroir.metric(REFETCHES)

    def test_hits_that_are_spread_evenly_come_in_one_round(self):
        for offset in (0, 150, 900):
            self.assertEqual(self.ids(sort=["id:asc"], offset=offset, limit=600),
                             list(range(offset, offset + 600)))
        self.assertEqual(self.ids(sort=["id:desc"], hitsPerPage=300, page=2),
                         list(range(DOCUMENTS - 301, DOCUMENTS - 601, -1)))
        self.assertEqual(self.ids(sort=["id:asc"], filter="id < 130", limit=500), list(range(130)))
        self.assertLessEqual(self.refetches(), 1)

    def test_hits_of_one_shard_come_in_two(self):
        shard_of = {identifier: next(iter(by_node.values()))[copies.SHARD]
                    for identifier, by_node in copies.read_copies(self.fleet, INDEX).items()}
        ranked = sorted(shard_of, key=lambda identifier: (shard_of[identifier], identifier))
        self.client.done("PUT", f"/indexes/{INDEX}/documents",
                         [{"id": identifier, "rank": rank} for rank, identifier in enumerate(ranked)])
        self.fleet.wait_quiet()
        self.assertEqual(self.ids(sort=["rank:asc"], limit=200), ranked[:200])
        self.assertEqual(self.refetches(), 1)
        answer = self.client.ok("POST", SEARCH, {"sort": ["rank:asc"], "limit": 200})
        self.assertEqual(answer["estimatedTotalHits"], DOCUMENTS)
        self.assertEqual(self.ids(sort=["rank:asc"], limit=99), ranked[:99])
        self.assertEqual(self.refetches(), 2)


if __name__ == "__main__":
    main()
