"""The stock JavaScript client works with miroir."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cluster.fleet import MASTER_KEY, ClusterTest, main

HERE = Path(__file__).resolve().parent


class JavaScript(ClusterTest):
    def test_the_flows_of_its_readme(self):
        fleet = self.cluster()
        environment = {**os.environ, "MEILISEARCH_URL": f"http://127.0.0.1:{fleet.miroir.port}",
                       "MEILISEARCH_KEY": MASTER_KEY}
        run = subprocess.run(["node", "--test", str(HERE / "flows.test.mjs")], env=environment, timeout=100,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    if not shutil.which("node"):
        print("Skipped: no node on the PATH.")
        sys.exit(77)
    if not (HERE / "node_modules/meilisearch").exists():
        print("Skipped: `npm ci --prefix tests/sdk` has not run (scripts/test does when npm answers).")
        sys.exit(77)
    main()
