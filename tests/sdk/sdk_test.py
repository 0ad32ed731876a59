"""The stock JavaScript client works with miroir."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cluster import stores
from cluster.balancer import Balancer, nginx
from cluster.fleet import MASTER_KEY, main
from cluster.replicas import ReplicasTest

HERE = Path(__file__).resolve().parent


class JavaScript(ReplicasTest):
    def test_the_flows_of_its_readme(self):
        self.check_flows(self.cluster().miroir.port)

    def test_the_same_with_each_request_on_another_replica(self):
        for name, url in (("postgres", stores.POSTGRES), ("redis", stores.REDIS)):
            if not url or not nginx():
                self.skipTest("needs nginx, and PostgreSQL and Redis from scripts/with-stores")
            with self.subTest(name):
                options = self.options()
                options["config"]["coordination"]["url"] = stores.new_store(self.folder(), name)
                fleet = self.replicated(**options)
                balancer = Balancer(f"{fleet.folder}/nginx", fleet.replicas)
                self.watch(balancer)
                balancer.start()
                self.check_flows(balancer.port)
                for replica in fleet.replicas:
                    self.assertGreater(replica.metric("miroir_request_total"), 20)

    def check_flows(self, port):
        environment = {**os.environ, "MEILISEARCH_URL": f"http://127.0.0.1:{port}",
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
