"""Keys of embedders: on the nodes, redacted for clients, and nowhere readable in miroir's own files."""

from cluster.fleet import ClusterTest, main
from cluster.processes import until

SECRET = "sk-an-embedders-secret-key-77f0"
EMBEDDERS = {"embedders": {"e": {"source": "rest", "url": "http://127.0.0.1:1/embed", "apiKey": SECRET,
                                 "dimensions": 3, "request": {"input": "{{text}}"},
                                 "response": {"embedding": "{{embedding}}"}}}}


class Secrets(ClusterTest):
    def files(self, fleet):
        found = {path.name: path.read_bytes() for path in fleet.miroir.folder.glob("miroir.db*")}
        self.assertIn("miroir.db", found)
        return found

    def node_settings(self, node):
        (physical,) = node.physical_indexes()
        return node.client.get(f"/indexes/{physical}/settings")

    def test_the_store_holds_no_readable_key_and_a_new_node_still_gets_it(self):
        fleet = self.cluster()
        client = fleet.client
        client.done("PATCH", "/indexes/books/settings", EMBEDDERS)
        redacted = client.get("/indexes/books/settings/embedders")["e"]["apiKey"]
        self.assertEqual(redacted, SECRET[:5] + "XXXXXX...")
        before = [self.node_settings(node)["embedders"] for node in fleet.nodes]
        fleet.nodes[0].kill()
        fleet.nodes[0].wipe()
        fleet.miroir.kill()
        for name, content in self.files(fleet).items():
            self.assertNotIn(SECRET.encode(), content, name)
        fleet.nodes[0].start()
        fleet.miroir.start()
        until("the empty node to have the index", fleet.nodes[0].physical_indexes)
        fleet.wait_quiet()
        self.assertEqual([self.node_settings(node)["embedders"] for node in fleet.nodes], before)
        self.assertNotIn(SECRET, fleet.miroir.log_text())


if __name__ == "__main__":
    main()
