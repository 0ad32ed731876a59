"""The program's command line: help, versions, and arguments that it refuses."""

import os
import stat
import subprocess
from pathlib import Path

from cluster.fleet import ClusterTest, main
from cluster.processes import MIROIR, until


def environment():
    """Without what would configure miroir or give it a real engine."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MIROIR_")}
    return {**inherited, "MEILISEARCH_BIN": ""}


def run(*arguments):
    return subprocess.run([MIROIR, *arguments], env=environment(), capture_output=True, text=True, timeout=60,
                          check=False)


class CommandLine(ClusterTest):
    def refused(self, *arguments, told):
        ended = run(*arguments)
        with self.subTest(arguments=arguments):
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended)
            self.assertIn(told, ended.stderr)

    def test_every_command_has_help(self):
        for command, told in (((), "miroir dev"), (("serve",), "--config FILE"), (("check-config",), "MIROIR_"),
                              (("dev",), "--replication-factor"), (("dev-node",), "--task-delay-ms")):
            for flag in ("--help", "-h"):
                ended = run(*command, flag)
                self.assertEqual((ended.returncode, ended.stderr), (0, ""), (command, ended))
                self.assertIn(told, ended.stdout)

    def test_versions(self):
        told = run("version")
        self.assertRegex(told.stdout, r"^miroir \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version").stdout, told.stdout)
        self.refused("version", "x", told="takes no arguments")

    def test_what_is_wrong_is_named(self):
        self.refused("serv", told="unknown command `serv`")
        self.refused("dev", "--nodes", "0", told="--nodes")
        self.refused("dev", "--nodes", "3x", told="--nodes")
        self.refused("dev", "--nodes", told="--nodes")
        self.refused("dev", "--nodes", "1", told="--replication-factor cannot be larger than --nodes")
        self.refused("dev", "--port", "70000", told="--port")
        self.refused("dev", "spare", told="spare")
        self.refused("dev", "--data", f"{self.folder()}/d", "--server.prot", "1", told="server.port")
        self.refused("dev-node", "--port", "70000", told="--port")
        self.refused("dev-node", "--task-delay-ms", "-1", told="--task-delay-ms")
        self.refused("dev-node", "--nothing", told="--nothing")
        self.refused("check-config", "spare", told="spare")

    def test_one_cluster_a_folder(self):
        folder = Path(self.folder()) / "data"
        flags = ["dev", "--nodes", "1", "--replication-factor", "1", "--data", str(folder), "--port", "0",
                 "--metrics.port", "0"]
        with subprocess.Popen([MIROIR, *flags], env=environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as first:
            try:
                self.assertIn(b'"port":', first.stdout.readline())
                processes = (folder / "processes.json").read_text()
                second = run(*flags)
                self.assertEqual(second.returncode, 1, second)
                self.assertIn("is in use by another miroir", second.stderr)
                self.assertEqual((folder / "processes.json").read_text(), processes)
                key = folder / "node.key"
                self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
                self.no_command_line_holds(key.read_text().strip())
            finally:
                first.terminate()
            self.assertEqual(first.wait(30), 0)
        with subprocess.Popen([MIROIR, *flags], env=environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as again:
            self.assertIn(b'"port":', again.stdout.readline())
            again.terminate()
            until("its end", lambda: again.poll() is not None)

    def no_command_line_holds(self, key):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as line:
                    self.assertNotIn(key.encode(), line.read())
            except (FileNotFoundError, ProcessLookupError):
                continue


if __name__ == "__main__":
    main()
