"""Scenarios recorded from one Meilisearch v1.50, replayed against miroir over three nodes: the same answers,
but for the steps that expected_differences.json lists with their reasons. MIROIR_TEST_ONLY is a regular
expression for the names of scenarios."""

import json
import os
import re
from pathlib import Path

import scenario
from cluster import processes
from cluster.fleet import ClusterTest, MASTER_KEY, main

HERE = Path(__file__).resolve().parent
RECORDINGS = [path for path in sorted((HERE / "recorded").glob("*.recorded.json"))
              if re.search(os.environ.get("MIROIR_TEST_ONLY", ""), path.name)]
OPTIONS = {"timeout": 60.0, "task_timeout": 120.0, "startup_timeout": 30.0}
WITHOUT_KEY = "no-master-key"


def expected():
    """By `scenario/step number step name`, why the answer differs."""
    kind = "real_node" if processes.real_nodes() else "dev_node"
    lists = json.loads((HERE / "expected_differences.json").read_text())
    return {**lists["any_node"], **lists[kind]}


def replay(server, recording_file):
    """The differences of each step by its name."""
    plan, recording = scenario.load_recording(str(recording_file))
    left = [scenario.Entry(row["step"], row["answer"], row.get("task"), used=row.get("used", ()))
            for row in recording["steps"]]
    unstable = {n: row["unstable"] for n, row in enumerate(recording["steps"]) if "unstable" in row}
    right = scenario.prepared(server, plan)
    return {f"{plan['name']}/{number} {scenario.title(step)}": scenario.diff_lines(differences, 8)
            for number, step, differences in scenario.line_up(plan, left, right, OPTIONS, unstable)}


class Replay(ClusterTest):
    def server(self, master_key):
        self.fleet = self.cluster(config={"master_key": master_key})
        return scenario.connect(f"http://127.0.0.1:{self.fleet.miroir.port}", master_key, OPTIONS)

    def check(self, recordings, server):
        allowed = expected()
        steps = 0
        for recording in recordings:
            name = recording.name.split(".")[0]
            results = replay(server, recording)
            steps += len(results)
            with self.subTest(name):
                different = {step: lines for step, lines in results.items() if lines}
                surprising = [f"{step}\n    " + "\n    ".join(lines) for step, lines in different.items()
                              if step not in allowed]
                self.assertFalse(surprising, f"{len(surprising)} steps differ\n" + "\n".join(surprising))
                settled = [step for step in allowed if step.startswith(name + "/") and step not in different]
                self.assertEqual(settled, [], "equal now: to be taken out of expected_differences.json")
            print(f"{name}: {len(results) - len(different)} of {len(results)} steps equal", flush=True)
        self.assertGreater(steps, 0)
        self.assertTrue(self.fleet.miroir.running)

    def test_with_a_master_key(self):
        others = [one for one in RECORDINGS if not one.name.startswith(WITHOUT_KEY)]
        self.check(others, self.server(MASTER_KEY))

    def test_without_a_master_key(self):
        self.check([one for one in RECORDINGS if one.name.startswith(WITHOUT_KEY)], self.server(""))


if __name__ == "__main__":
    main()
