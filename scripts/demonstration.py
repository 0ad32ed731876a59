#!/usr/bin/env python3
"""Loads ISO 639-3 and ISO 3166-2 into the cluster of scripts/run through its public API, searches, kills a node,
goes on, and waits until the node is back and repaired. Exits with 1 when anything of that fails."""

import argparse
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ISO_CODES = Path("/usr/share/iso-codes/json")
LANGUAGE_TYPES = {"A": "ancient", "C": "constructed", "E": "extinct", "H": "historical", "L": "living",
                  "S": "special"}
LANGUAGE_SCOPES = {"I": "individual", "M": "macrolanguage", "S": "special"}
BATCH = 500


class Failed(Exception):
    pass


class Cluster:
    def __init__(self, url, process):
        self.url = url
        self.process = process

    def call(self, method, path, body=None):
        """The status, the headers and the parsed body of one request."""
        headers = {"Content-Type": "application/json"}
        key = os.environ.get("MIROIR_ADMIN_KEY" if path.startswith("/_miroir") else "MIROIR_MASTER_KEY", "")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            raise Failed(f"{method} {path}: {refused.code} {text}") from refused

    def get(self, path):
        return self.call("GET", path)[2]

    def search(self, index, query):
        return self.call("POST", f"/indexes/{index}/search", query)[1:]

    def is_running(self):
        try:
            os.kill(self.process, 0)
            return True
        except ProcessLookupError:
            return False

    def wait_healthy(self, seconds=60):
        def healthy():
            if not self.is_running():
                raise Failed("miroir has ended")
            return self.get("/health")["status"] == "available"
        wait_for("the cluster to start", healthy, seconds)

    def wait_tasks(self, uids):
        for uid in uids:
            task = wait_for(f"task {uid}", lambda: self.finished(uid), 300)
            if task["status"] != "succeeded":
                raise Failed(f"task {uid} {task['status']}: {task['error']}")

    def finished(self, uid):
        task = self.get(f"/tasks/{uid}")
        return task if task["status"] not in ("enqueued", "processing") else None


def wait_for(what, condition, seconds):
    """Polls until the condition gives something true; a connection error counts as false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            result = condition()
            if result:
                return result
        except OSError:
            pass
        time.sleep(0.2)
    raise Failed(f"waited {seconds} s in vain for {what}")


def languages():
    for entry in json.loads((ISO_CODES / "iso_639-3.json").read_text())["639-3"]:
        document = {"id": entry["alpha_3"], "name": entry["name"], "type": LANGUAGE_TYPES[entry["type"]],
                    "scope": LANGUAGE_SCOPES[entry["scope"]]}
        if "alpha_2" in entry:
            document["short"] = entry["alpha_2"]
        yield document


def subdivisions():
    countries = {entry["alpha_2"]: entry.get("common_name", entry["name"])
                 for entry in json.loads((ISO_CODES / "iso_3166-1.json").read_text())["3166-1"]}
    for entry in json.loads((ISO_CODES / "iso_3166-2.json").read_text())["3166-2"]:
        yield {"id": entry["code"], "name": entry["name"], "type": entry["type"],
               "country": countries[entry["code"][:2]]}


def progress(label, done, total):
    if sys.stdout.isatty():
        width = 40
        filled = width * done // total
        end = "\n" if done == total else ""
        print(f"\r  {label:<13} [{'#' * filled}{'.' * (width - filled)}] {done:>5}/{total}", end=end, flush=True)
    elif done == total:
        print(f"  {label:<13} {done}/{total}", flush=True)


def load(cluster, index, documents, settings):
    held = {entry["uid"] for entry in cluster.get("/indexes?limit=1000")["results"]}
    if index in held and cluster.get(f"/indexes/{index}/stats")["numberOfDocuments"] >= len(documents):
        print(f"  {index:<13} {len(documents)} documents are there from an earlier start")
        return
    uids = []
    if index not in held:
        uids.append(cluster.call("POST", "/indexes", {"uid": index, "primaryKey": "id"})[2]["taskUid"])
    uids.append(cluster.call("PATCH", f"/indexes/{index}/settings", settings)[2]["taskUid"])
    for start in range(0, len(documents), BATCH):
        batch = documents[start:start + BATCH]
        uids.append(cluster.call("POST", f"/indexes/{index}/documents", batch)[2]["taskUid"])
        progress(index, start + len(batch), len(documents))
    cluster.wait_tasks(uids)


def show(title, headers, answer):
    total = answer.get("estimatedTotalHits", answer.get("totalHits"))
    print(f"\n  {title}")
    for hit in answer["hits"]:
        print("    " + "  ".join(str(value) for value in hit.values()))
    facets = answer.get("facetDistribution", {})
    for name, counts in facets.items():
        print(f"    {name}: " + ", ".join(f"{value} {count}" for value, count in counts.items()))
    degraded = headers.get("X-Miroir-Degraded")
    print(f"    {total} hits in {answer['processingTimeMs']} ms" + (f", degraded: {degraded}" if degraded else ""))


THREE_SEARCHES = [
    ("languages, q=\"norwegain\" (a typo)", "languages", {"q": "norwegain", "limit": 3}),
    ("languages, filter type = constructed, facets", "languages",
     {"filter": "type = constructed", "facets": ["type", "scope"], "limit": 3}),
    ("subdivisions, q=\"san\", filter country = Argentina, sort name:asc", "subdivisions",
     {"q": "san", "filter": "country = Argentina", "sort": ["name:asc"], "limit": 3}),
]


def search_all(cluster, quiet=False):
    answers = []
    for title, index, query in THREE_SEARCHES:
        headers, answer = cluster.search(index, query)
        if not answer["hits"]:
            raise Failed(f"no hits: {title}")
        if not quiet:
            show(title, headers, answer)
        answers.append([hit["id"] for hit in answer["hits"]])
    return answers


def kill_a_node(processes):
    """Kills the last of the cluster's own nodes and gives its id."""
    node = json.loads(processes.read_text())["nodes"][-1]
    os.kill(node["pid"], signal.SIGKILL)
    return node["id"]


def is_clean(cluster, node_id):
    nodes = cluster.get("/_miroir/topology")["nodes"]
    node = next(node for node in nodes if node["id"] == node_id)
    return node["up"] and node["dirtyCopies"] == 0


def survive_a_node(cluster, data):
    before = search_all(cluster, quiet=True)
    node = kill_a_node(data / "processes.json")
    print(f"\nKilled node {node}. The same searches:")
    if search_all(cluster) != before:
        raise Failed("the answers changed when a node was lost")

    # As many as make it certain that the lost node would have had some of them.
    written = [{"id": f"demonstration-{i}", "name": f"Written without {node} {i}", "type": "special",
                "scope": "special"} for i in range(40)]
    status, headers, task = cluster.call("POST", "/indexes/languages/documents", written)
    degraded = headers.get("X-Miroir-Degraded")
    if not degraded:
        raise Failed("a write that missed a node was not told as degraded")
    print(f"\nWrote {len(written)} documents: {status}, X-Miroir-Degraded: {degraded}")
    cluster.wait_tasks([task["taskUid"]])
    found = {"q": f'"Written without {node}"', "limit": 1}
    headers, answer = cluster.search("languages", found)
    show(f"languages, q={found['q']}", headers, answer)
    if answer["estimatedTotalHits"] != len(written):
        raise Failed("documents that were written are not found")

    print(f"\nWaiting until {node} is back and repaired ...", flush=True)
    wait_for(f"{node} to be repaired", lambda: is_clean(cluster, node), 180)
    print(f"{node} is up and has no dirty copies.")

    removal = cluster.call("POST", "/indexes/languages/documents/delete-batch",
                           [document["id"] for document in written])[2]
    cluster.wait_tasks([removal["taskUid"]])
    if search_all(cluster, quiet=True) != before:
        raise Failed("the answers changed after the repair")


def demonstrate(cluster, data):
    cluster.wait_healthy()
    print(f"miroir answers on {cluster.url}.\n\nLoading ISO 639-3 and ISO 3166-2:")
    load(cluster, "languages", list(languages()), {"filterableAttributes": ["type", "scope"]})
    load(cluster, "subdivisions", list(subdivisions()),
         {"filterableAttributes": ["type", "country"], "sortableAttributes": ["name"]})
    print("\nThree searches:")
    search_all(cluster)
    survive_a_node(cluster, data)
    print(f"""
Try it:
  curl '{cluster.url}/indexes/languages/search' -H 'Content-Type: application/json' -d '{{"q": "welsh"}}'
""", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--process", type=int, required=True, help="pid of miroir")
    arguments = parser.parse_args()
    try:
        demonstrate(Cluster(arguments.url, arguments.process), arguments.data)
    except (Failed, OSError, KeyError) as failure:
        print(f"The demonstration failed: {failure!r}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
