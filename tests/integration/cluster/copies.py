"""What the nodes really hold, asked without miroir in between."""

from collections import defaultdict

DIGITS = "∔∖∗∘∙√∝∟∠∧∨∩∪∴∵∷"
SHARD = "_miroir_shard"
VERSION = "_miroir_version"


def number(marker):
    """The number that the digits of a reserved field stand for."""
    value = 0
    for digit in marker:
        value = value * len(DIGITS) + DIGITS.index(digit)
    return value


class WrongCopies(AssertionError):
    """`faults`: pairs of a document's id and what is wrong about its copies."""

    def __init__(self, faults):
        told = "; ".join(f"{identifier} {what}" for identifier, what in faults[:5])
        super().__init__(f"{len(faults)} documents: {told}")
        self.faults = faults


def node_documents(node):
    """All documents of the one index that a node must have."""
    physical = node.physical_indexes()
    if len(physical) != 1:
        raise AssertionError(f"{node.name} has the indexes {physical}, not one")
    documents = []
    while True:
        page = node.client.ok("POST", f"/indexes/{physical[0]}/documents/fetch",
                              {"offset": len(documents), "limit": 1000})
        documents += page["results"]
        if len(documents) >= page["total"] or not page["results"]:
            return documents


def owners(cluster, index):
    """The nodes of every shard, as miroir tells them."""
    shards = cluster.admin.get("/_miroir/shards")["indexes"][index]["shards"]
    return {shard["shard"]: {copy["node"] for copy in shard["copies"]} for shard in shards}


def read_copies(cluster, index, key="id"):
    """By document id: its copies by node id, each with its markers. The cluster has no other index."""
    copies = defaultdict(dict)
    for node in cluster.nodes:
        for document in node_documents(node):
            if node.name in copies[document[key]]:
                raise AssertionError(f"{node.name} has {document[key]} twice")
            copies[document[key]][node.name] = document
    shard_owners = owners(cluster, index)
    found = (fault_of(identifier, by_node, shard_owners) for identifier, by_node in copies.items())
    faults = [fault for fault in found if fault]
    if faults:
        raise WrongCopies(faults)
    return copies


def fault_of(identifier, by_node, shard_owners):
    """What is wrong about the copies of one document, with its id; None when nothing is."""
    documents = list(by_node.values())
    shard = number(documents[0][SHARD])
    versions = {node: divmod(number(document[VERSION]), 1 << 32) for node, document in by_node.items()}
    if any(document != documents[0] for document in documents):
        return identifier, f"differs: {versions} {by_node}"
    if set(by_node) != shard_owners[shard]:
        return identifier, f"of shard {shard} has versions {versions}; owners: {sorted(shard_owners[shard])}"
    return None


def without_markers(document):
    return {name: value for name, value in document.items() if not name.startswith("_miroir_")}


def stored(cluster, index, key="id"):
    """The documents of an index, each once, after checking that all owners, and only they, hold it."""
    return {identifier: without_markers(next(iter(by_node.values())))
            for identifier, by_node in read_copies(cluster, index, key).items()}


def listed(client, index, key="id", page=1000):
    """The documents of an index through miroir; each must come once."""
    documents = {}
    offset = 0
    while True:
        answer = client.get(f"/indexes/{index}/documents?offset={offset}&limit={page}")
        for document in answer["results"]:
            if document[key] in documents:
                raise AssertionError(f"{document[key]} comes twice")
            documents[document[key]] = document
        offset += len(answer["results"])
        if offset >= answer["total"] or not answer["results"]:
            return documents
