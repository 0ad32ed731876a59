"""What a document may be after writes of which some ended without an answer."""

import json
import threading


def canonical(document):
    return None if document is None else json.dumps(document, sort_keys=True)


class Model:
    """By id, every content that is right. One thread writes an id; all may read at the end."""

    def __init__(self):
        self.possible = {}
        self.history = {}
        self.lock = threading.Lock()

    def states(self, identifier):
        return self.possible.get(identifier, {canonical(None): None})

    def apply(self, change, identifiers, acknowledged, label):
        """`change`: (id, document or None) -> document or None. Without an answer both are possible."""
        with self.lock:
            for identifier in identifiers:
                self.history.setdefault(identifier, []).append(label)
                before = self.states(identifier)
                after = [change(identifier, document) for document in before.values()]
                states = {canonical(document): document for document in after}
                self.possible[identifier] = states if acknowledged else {**before, **states}

    def faults(self, stored):
        """What is wrong about `stored`, a dictionary of documents by id."""
        found = []
        for identifier, states in self.possible.items():
            document = stored.get(identifier)
            if canonical(document) not in states:
                found.append(f"{identifier}: {document}; possible: {list(states.values())[:4]}; "
                             f"writes: {self.history[identifier][-6:]}")
        found += [f"{identifier} was never written" for identifier in stored
                  if identifier not in self.possible]
        return found
