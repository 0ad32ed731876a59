"""No answer shows a physical index uid or a reserved field, in body or headers, whatever was asked."""

import re

from cluster.client import Client
from cluster.fleet import ClusterTest, main

OURS = re.compile(r"mir[0-9a-f]{24}|_miroir_|node-\d")
DOCUMENTS = [{"id": i, "title": f"book {i}", "author": f"writer {i % 3}", "year": 1900 + i, "price": i / 4,
              "_geo": {"lat": 40 + i, "lng": 2}} for i in range(30)]
SETTINGS = {"filterableAttributes": ["year", "author", "_geo"], "sortableAttributes": ["year", "_geo"],
            "displayedAttributes": ["id", "title", "year"], "distinctAttribute": "author"}


class Watching(Client):
    """Remembers every answer that shows what is ours."""

    def __init__(self, port, key, test):
        super().__init__(port, key)
        self.test = test
        self.count = 0

    def call(self, method, path, body=None, headers=None, timeout=60):
        answer = super().call(method, path, body, headers, timeout)
        self.count += 1
        told = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()
                         if not name.lower().startswith("x-miroir-"))
        found = OURS.search(answer.body.decode(errors="replace")) or OURS.search(told)
        with self.test.subTest(f"{method} {path} {str(body)[:80]}"):
            self.test.assertIsNone(found, answer)
        return answer

    def ended(self, method, path, body=None):
        """Sends a change that may fail, and looks at its task."""
        answer = self.call(method, path, body)
        self.test.assertEqual(answer.status, 202, answer)
        self.finished(answer.json["taskUid"])


class HiddenNames(ClusterTest):
    def setUp(self):
        self.fleet = self.cluster()
        self.client = Watching(self.fleet.miroir.port, self.fleet.client.key, self)
        self.client.done("POST", "/indexes", {"uid": "books", "primaryKey": "id"})
        self.client.done("PATCH", "/indexes/books/settings", SETTINGS)
        self.client.done("POST", "/indexes/books/documents", DOCUMENTS)

    def test_in_failed_tasks(self):
        base = "/indexes/books"
        for method, path, body in (
                ("POST", "/documents", [{"title": "no id"}]), ("POST", "/documents", [{"id": "a b"}]),
                ("POST", "/documents", [{"id": 1, "_geo": "x"}]),
                ("POST", "/documents", [{"id": 1, "_geo": {"lat": 200, "lng": 1}}]),
                ("POST", "/documents?primaryKey=title", [{"title": "x"}]),
                ("POST", "/documents/delete", {"filter": "price = 1"}),
                ("PATCH", "/settings", {"rankingRules": ["title:asc", "wrong"]}),
                ("PATCH", "/settings", {"searchableAttributes": ["title", "title"]}),
                ("PATCH", "", {"primaryKey": "title"}), ("POST", "/documents/delete-batch", ["nothing"])):
            answer = self.client.call(method, base + path, body)
            if answer.status == 202:
                self.client.finished(answer.json["taskUid"])
        self.client.ended("POST", "/indexes", {"uid": "books"})
        self.client.ended("DELETE", "/indexes/nothing")
        self.client.ended("PATCH", "/indexes/nothing", {"primaryKey": "x"})
        for path in ("/tasks", "/tasks?statuses=failed", "/tasks?types=settingsUpdate",
                     "/tasks?indexUids=books"):
            self.client.get(path)

    def test_in_reads(self):
        base = "/indexes/books"
        for body in ({}, {"q": "book"}, {"attributesToRetrieve": ["*"]}, {"attributesToHighlight": ["*"]},
                     {"attributesToCrop": ["*"]}, {"showMatchesPosition": True, "q": "1"}, {"facets": ["*"]},
                     {"showRankingScoreDetails": True, "sort": ["year:asc"]}, {"filter": "title = 1"},
                     {"sort": ["title:asc"]}, {"facets": ["title"]}, {"distinct": "title"},
                     {"attributesToSearchOn": ["nothing"]}, {"attributesToRetrieve": ["_miroir" + "_shard"]},
                     {"q": "∔∖∗∘"}, {"filter": "_geoRadius(1, 2, x)"}, {"hybrid": {"embedder": "x"}},
                     {"filter": "year > 1905", "page": 1}):
            answer = self.client.call("POST", base + "/search", body)
            if answer.status == 200:
                self.assertIn("hits", answer.json)
        for body in ({}, {"filter": "title = 1"}, {"sort": ["title:asc"]}, {"fields": ["*"]},
                     {"ids": [1, 2]}):
            self.client.call("POST", base + "/documents/fetch", body)
        for path in ("/documents", "/documents/3", "/documents/nothing", "/documents?filter=title=1",
                     "/documents/3?fields=id,title", "/settings", "/settings/filterable-attributes", "/stats",
                     "",
                     "/settings/displayed-attributes", "/settings/sortable-attributes", "/search?q=1",
                     "/search?filter=title=1", "/settings/searchable-attributes", "/settings/ranking-rules"):
            self.client.call("GET", base + path)
        for path in ("/", "/health", "/version", "/indexes", "/stats", "/tasks", "/keys", "/batches",
                     "/nowhere",
                     "/experimental-features", "/indexes/nothing", "/indexes/nothing/settings"):
            self.client.call("GET", path)
        self.client.call("POST", "/multi-search", {"queries": [
            {"indexUid": "books", "q": "book", "facets": ["*"], "showRankingScoreDetails": True}]})
        self.client.call("POST", "/multi-search", {"queries": [{"indexUid": "books", "filter": "title = 1"}]})
        self.client.call("POST", "/multi-search", {"queries": [{"indexUid": "nothing"}]})

    def test_when_every_attribute_is_searched_displayed_and_faceted(self):
        self.client.done("DELETE", "/indexes/books/settings")
        self.client.done("PATCH", "/indexes/books/settings",
                         {"filterableAttributes": ["*"], "sortableAttributes": ["*"]})
        for body in ({"q": "12"}, {"facets": ["*"]}, {"attributesToHighlight": ["*"], "q": "book"},
                     {"showMatchesPosition": True, "q": "book 1"}, {"attributesToRetrieve": ["*"]}):
            self.assertEqual(self.client.call("POST", "/indexes/books/search", body).status, 200)
        for path in ("/settings", "/stats", "/documents", "/settings/filterable-attributes"):
            self.client.get("/indexes/books" + path)

    def test_while_nodes_are_away(self):
        self.fleet.nodes[0].kill()
        self.client.ended("POST", "/indexes/books/documents", DOCUMENTS[:5])
        self.client.ended("PATCH", "/indexes/books/settings", {"stopWords": ["a"]})
        self.client.call("POST", "/indexes/books/search", {})
        self.fleet.nodes[1].kill()
        self.client.call("POST", "/indexes/books/search", {})
        self.client.call("POST", "/indexes/books/documents", DOCUMENTS)
        self.client.call("GET", "/indexes/books/stats")
        self.client.call("GET", "/indexes/books/documents/1")


if __name__ == "__main__":
    main()
