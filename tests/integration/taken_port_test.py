"""A start that cannot listen: a clear message, status 1, and a clean end of what had begun."""

import os
import socket
import subprocess

from cluster.fleet import ClusterTest, main
from cluster.processes import MIROIR, SANITIZER


class TakenPort(ClusterTest):
    def start_in_vain(self, folder, settings):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MIROIR_")}
        return subprocess.run([MIROIR, "dev", "--nodes", "3", "--data", f"{folder}/data"],
                              env={**inherited, **settings}, capture_output=True, text=True, timeout=60,
                              check=False)

    def test_the_message_names_the_port_and_nothing_breaks(self):
        folder = self.folder()
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
            other = str(free.getsockname()[1])
            free.close()
            port = str(taken.getsockname()[1])
            for settings in [{"MIROIR_SERVER_PORT": port, "MIROIR_METRICS_PORT": "0"},
                             {"MIROIR_SERVER_PORT": other, "MIROIR_METRICS_PORT": port}] * 3:
                with self.subTest(settings=settings):
                    ended = self.start_in_vain(folder, settings)
                    self.assertIsNone(SANITIZER.search(ended.stderr), ended.stderr)
                    self.assertEqual(ended.returncode, 1, ended.stderr)
                    self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", ended.stderr)


if __name__ == "__main__":
    main()
