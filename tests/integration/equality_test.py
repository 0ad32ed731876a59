"""One node that holds everything, and miroir over three nodes: the same answers."""

import json
import random
from pathlib import Path

from cluster import processes
from cluster.fleet import NODE_KEY, ClusterTest, main

ISO_CODES = Path("/usr/share/iso-codes/json")
SUBDIVISIONS = "subdivisions"
PLACES = "places"
SEARCHES = 240
SETTINGS = {
    SUBDIVISIONS: {"filterableAttributes": ["country", "type", "rank"],
                   "sortableAttributes": ["name", "rank", "id"], "stopWords": ["of"],
                   "synonyms": {"land": ["region"]}, "pagination": {"maxTotalHits": 300}},
    PLACES: {"filterableAttributes": ["_geo", "kind", "height", "open"],
             "sortableAttributes": ["_geo", "height"],
             "searchableAttributes": ["name", "about"], "distinctAttribute": None},
}
MASKED = ("processingTimeMs", "requestUid", "rawDocumentDbSize", "avgDocumentSize", "databaseSize",
          "usedDatabaseSize", "lastUpdate", "createdAt", "updatedAt")


def subdivisions():
    """Subdivisions of countries by ISO 3166-2 where Debian's iso-codes are installed, else made up ones."""
    path = ISO_CODES / "iso_3166-2.json"
    if path.exists():
        entries = [(entry["code"], entry["name"], entry["type"])
                   for entry in json.loads(path.read_text())["3166-2"][::2]]
    else:
        source = random.Random(7)
        syllables = ["nor", "an", "lu", "ber", "sto", "mi", "ra", "ka", "ve", "on", "gar", "ia"]
        entries = [(f"{source.choice('ABCDEF')}{source.choice('XYZ')}-{i}",
                    "".join(source.choices(syllables, k=source.randint(2, 4))).title(),
                    source.choice(["Province", "Region", "District", "State"])) for i in range(2500)]
    return [{"id": code.replace(".", "_"), "name": name, "type": kind, "country": code[:2], "rank": i % 50}
            for i, (code, name, kind) in enumerate(entries)]


def places():
    source = random.Random(11)
    words = "tower bridge garden market lake station museum hill old new red north".split()
    for i in range(400):
        place = {"id": i, "name": " ".join(source.sample(words, 2)),
                 "kind": source.choice(["sight", "stop", "shop"]),
                 "about": " ".join(source.choices(words, k=8)),
                 "height": source.choice([1, 2.5, 10, None, 300]),
                 "open": source.random() < 0.5}
        if i % 9:
            place["_geo"] = {"lat": round(source.uniform(40, 55), 4), "lng": round(source.uniform(-5, 20), 4)}
        yield place


def with_typo(source, word):
    if len(word) < 5:
        return word
    at = source.randrange(1, len(word) - 1)
    return word[:at] + source.choice("aeirst") + word[at + 1:]


def query_text(source, names):
    words = source.choice(names).split()
    kind = source.randrange(6)
    if kind == 0:
        return ""
    if kind == 1:
        return with_typo(source, source.choice(words))
    if kind == 2:
        return source.choice(words)[:source.randint(1, 4)]
    if kind == 3:
        return '"' + " ".join(words[:2]) + '"'
    if kind == 4:
        return " ".join(words[:2])
    return source.choice(words) + " " + source.choice(names).split()[0]


FILTERS = {
    SUBDIVISIONS: ["country = FR", "rank >= 10 AND rank < 20", "type = Province OR type = Region",
                   "NOT type = State",
                   "country IN [DE, IT, ES]", ["rank > 40", ["country = GB", "country = US"]], "name EXISTS",
                   "rank 3 TO 5", "type IS NOT EMPTY", "country = nowhere"],
    PLACES: ["_geoRadius(48, 8, 400000)", "_geoBoundingBox([52, 15], [45, 0])", "height IS NULL",
             "height > 2",
             "open = true", "kind != shop", "height EXISTS AND open = false"],
}
SORTS = {
    SUBDIVISIONS: [["name:asc"], ["rank:desc", "name:asc"], ["rank:asc"], ["id:desc"]],
    PLACES: [["height:asc"], ["_geoPoint(48.1, 11.5):asc"], ["_geoPoint(41, 2):desc", "height:desc"]],
}
FACETS = {SUBDIVISIONS: [["type"], ["country", "rank"], ["*"]], PLACES: [["kind"], ["height", "open"], ["*"]]}
SHAPES = [
    {"attributesToRetrieve": ["id", "name"]}, {"attributesToHighlight": ["*"]},
    {"attributesToCrop": ["about"], "cropLength": 3}, {"showMatchesPosition": True},
    {"showRankingScore": True},
    {"showRankingScoreDetails": True}, {"rankingScoreThreshold": 0.6}, {"attributesToSearchOn": ["name"]},
    {"attributesToRetrieve": []},
    {"highlightPreTag": "[", "highlightPostTag": "]", "attributesToHighlight": ["name"]},
]


def made_search(source, index, names):
    query = {"q": query_text(source, names)}
    if source.random() < 0.4:
        query["filter"] = source.choice(FILTERS[index])
    if source.random() < 0.35:
        query["sort"] = source.choice(SORTS[index])
    if source.random() < 0.3:
        query["facets"] = source.choice(FACETS[index])
    if source.random() < 0.15:
        attributes = ["country", "type"] if index == SUBDIVISIONS else ["kind", "height"]
        query["distinct"] = source.choice(attributes)
    if source.random() < 0.3:
        query["matchingStrategy"] = source.choice(["all", "last"])
    paging = source.randrange(4)
    if paging == 1:
        query.update(page=source.randint(1, 4), hitsPerPage=source.choice([3, 10, 25]))
    elif paging == 2:
        query.update(offset=source.choice([0, 5, 40, 290]), limit=source.choice([0, 1, 7, 50]))
    if source.random() < 0.5:
        query.update(source.choice(SHAPES))
    return query


def masked(value):
    if isinstance(value, tuple):
        return tuple(masked(one) for one in value)
    if isinstance(value, dict):
        return {key: "<masked>" if key in MASKED else masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value


def comparable(request, answer):
    """With `distinct` or a threshold, facets and estimates count what the engine happened to look at."""
    status, body = masked(answer)
    query = request[2] if request[2:] else {}
    estimates = set()
    if "distinct" in query:
        estimates = {"estimatedTotalHits", "facetDistribution", "facetStats"}
    elif "rankingScoreThreshold" in query:
        estimates = {"estimatedTotalHits"}
    return status, {key: value for key, value in body.items() if key not in estimates}


def difference(alone, together):
    """The members that differ, shortened."""
    if alone[0] != together[0]:
        return f"{alone}\n  {together}"[:1500]
    keys = [key for key in {**alone[1], **together[1]} if alone[1].get(key) != together[1].get(key)]
    return "\n".join(f"  {key}:\n    one node: {str(alone[1].get(key))[:600]}\n    miroir:   "
                     f"{str(together[1].get(key))[:600]}" for key in keys) or "the order of members"


class Equality(ClusterTest):
    @classmethod
    def setUpClass(cls):
        cls.subdivisions = subdivisions()
        cls.places = list(places())

    def setUp(self):
        folder = self.folder()
        self.one = processes.Node("alone", folder, NODE_KEY)
        self.watch(self.one)
        self.one.start()
        self.fleet = self.cluster()
        self.clients = [self.one.client, self.fleet.client]
        for client in self.clients:
            self.fill(client)

    def fill(self, client):
        for index, documents in ((SUBDIVISIONS, self.subdivisions), (PLACES, self.places)):
            client.done("POST", "/indexes", {"uid": index, "primaryKey": "id"})
            client.done("PATCH", f"/indexes/{index}/settings", SETTINGS[index])
            for start in range(0, len(documents), 700):
                client.done("POST", f"/indexes/{index}/documents", documents[start:start + 700])
        client.done("POST", f"/indexes/{SUBDIVISIONS}/documents/delete-batch",
                    [one["id"] for one in self.subdivisions[::31]])

    def answers(self, method, path, body=None):
        """What both say, without times; miroir's must be whole."""
        found = []
        for client in self.clients:
            answer = client.call(method, path, body)
            self.assertIsNone(answer.degraded)
            found.append((answer.status, answer.json))
        return found

    def compare(self, requests):
        different = []
        for request in requests:
            alone, together = (comparable(request, answer) for answer in self.answers(*request))
            if alone != together:
                different.append(f"{request}\n{difference(alone, together)}")
        if different:
            self.fail(f"{len(different)} of {len(requests)} answers differ\n" + "\n".join(different[:5]))

    def searches(self):
        source = random.Random(5)
        requests = []
        for i in range(SEARCHES):
            index = SUBDIVISIONS if i % 3 else PLACES
            names = [one["name"] for one in (self.subdivisions if i % 3 else self.places)]
            requests.append(("POST", f"/indexes/{index}/search", made_search(source, index, names)))
        return requests

    def document_requests(self):
        identifiers = [one["id"] for one in self.subdivisions[:200:20]]
        requests = [("GET", f"/indexes/{SUBDIVISIONS}/documents/{i}") for i in identifiers]
        requests += [("GET", f"/indexes/{SUBDIVISIONS}/documents?offset={offset}&limit={limit}")
                     for offset, limit in ((0, 20), (5, 300), (2000, 50), (100000, 10), (0, 0))]
        requests += [("GET", f"/indexes/{PLACES}/documents?fields=id,name&limit=7"),
                     ("GET", f"/indexes/{PLACES}/documents?filter=height%20%3E%202&sort=height:desc")]
        requests += [("POST", f"/indexes/{SUBDIVISIONS}/documents/fetch", body) for body in (
            {}, {"limit": 3, "fields": ["name"]}, {"filter": "country = FR", "limit": 500},
            {"ids": identifiers}, {"sort": ["name:desc"], "offset": 30, "limit": 30},
            {"filter": "rank < 3", "sort": ["rank:asc", "id:asc"]})]
        return requests

    def other_requests(self):
        return [("GET", "/stats"), ("GET", f"/indexes/{PLACES}/stats"),
                ("GET", f"/indexes/{SUBDIVISIONS}/stats"),
                ("GET", f"/indexes/{PLACES}/settings"), ("GET", f"/indexes/{SUBDIVISIONS}/settings"),
                ("GET", "/indexes"), ("GET", "/indexes/nothing"), ("GET", "/version"), ("GET", "/health"),
                ("POST", "/multi-search", {"queries": [
                    {"indexUid": PLACES, "q": "old", "limit": 3},
                    {"indexUid": SUBDIVISIONS, "q": "san", "facets": ["type"]}]}),
                ("GET", f"/indexes/{SUBDIVISIONS}/search?q=san&limit=4&filter=rank%3C9&sort=name:asc"),
                ("POST", f"/indexes/{PLACES}/search", {"filter": "about = x"}),
                ("POST", f"/indexes/{PLACES}/search", {"sort": ["about:asc"]})]

    def test_miroir_answers_as_one_node(self):
        with self.subTest("searches"):
            self.compare(self.searches())
        with self.subTest("documents"):
            self.compare(self.document_requests())
        with self.subTest("the rest"):
            self.compare([request for request in self.other_requests() if request[1] != "/version"
                          or not processes.real_nodes()])


if __name__ == "__main__":
    main()
