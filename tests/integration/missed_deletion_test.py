"""A node that was away when an index was deleted does not keep it; an index of somebody else it keeps."""

from cluster.fleet import ClusterTest, main
from cluster.processes import until

FOREIGN = ("movies", "mir0123456789abcdef01234567")


class MissedDeletion(ClusterTest):
    def test_the_index_is_deleted_when_the_node_returns(self):
        fleet = self.cluster()
        client = fleet.client
        client.done("POST", "/indexes/books/documents", [{"id": i} for i in range(50)])
        client.done("POST", "/indexes/drafts/documents", [{"id": i} for i in range(50)])
        node = fleet.nodes[1]
        for uid in FOREIGN:
            node.client.done("POST", "/indexes", {"uid": uid})
        fleet.wait_quiet()
        with_both = set(node.physical_indexes())
        node.kill()
        client.done("DELETE", "/indexes/drafts")
        (kept,) = fleet.nodes[0].physical_indexes()
        self.assertEqual(len(with_both), 4)
        node.start()
        until("the deleted index to go", lambda: set(node.physical_indexes()) == {kept, *FOREIGN}, 30)
        fleet.wait_quiet()
        self.assertEqual(set(node.physical_indexes()), {kept, *FOREIGN})
        self.assertEqual(fleet.miroir.metric("miroir_orphan_indexes_deleted_total"), 1)
        self.assertEqual(fleet.miroir.metric("miroir_foreign_indexes"), len(FOREIGN))
        self.assertEqual(client.get("/indexes/books/documents?limit=1")["total"], 50)


if __name__ == "__main__":
    main()
