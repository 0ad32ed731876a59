"""Starting, killing and watching processes."""

import atexit
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from .client import Client, Unexpected

SOURCE = Path(__file__).resolve().parents[3]
MIROIR = os.environ.get("MIROIR_BIN", str(SOURCE / "build/dev/src/miroir"))
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|DEADLYSIGNAL")


def real_nodes():
    """Whether nodes are Meilisearch processes instead of dev nodes."""
    return os.environ.get("MIROIR_TEST_NODES") == "meilisearch"


def meilisearch():
    """The path of a Meilisearch binary, or None."""
    return os.environ.get("MEILISEARCH_BIN") or shutil.which("meilisearch")


def sanitized():
    """Whether the binary runs several times slower than it will."""
    with open(MIROIR, "rb") as binary:
        text = binary.read()
    return b"__asan_init" in text or b"__tsan_init" in text


taken_ports = []


def free_port():
    """A port outside the range that outgoing connections take, so that it is free after a restart too. An
    abstract Unix socket reserves it among all tests until this process ends."""
    while True:
        port = random.randrange(12000, 32000)
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0miroir-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
            continue
        taken_ports.append(reservation)
        return port


def until(what, condition, seconds=60):
    """Polls until the condition gives something true, which is returned. No connection counts as false."""
    end = time.monotonic() + seconds
    seen = None
    while True:
        try:
            seen = condition()
            if seen:
                return seen
        except OSError as error:
            seen = error
        if time.monotonic() > end:
            raise Unexpected(f"waited {seconds} s in vain for {what}; last seen: {seen!r}")
        time.sleep(0.05)


living = set()


def kill_all(*_):
    for child in living:
        child.kill()


def end_at_signal(number, _):
    kill_all()
    os._exit(128 + number)


# Also when CTest or a person ends the test before its clean-up.
atexit.register(kill_all)
signal.signal(signal.SIGTERM, end_at_signal)


class Process:
    """A child process with its output in files. It must not end by itself."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.out = self.folder / f"{name}.out"
        self.log = self.folder / f"{name}.log"
        self.child = None
        self.ended_badly = None

    def spawn(self, command, environment=None):
        if self.child is not None:
            raise Unexpected(f"{self.name} runs already")
        # Every MIROIR_ variable is a setting of miroir, and an unknown one an error.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MIROIR_")}
        with open(self.out, "wb") as out, open(self.log, "ab") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                                          env={**inherited, **(environment or {})})
        living.add(self.child)

    def first_line(self, seconds=60):
        """The JSON line that tells the ports."""
        def line():
            if self.child.poll() is not None:
                raise Unexpected(f"{self.name} ended with {self.child.returncode} at its start")
            text = self.out.read_text()
            return text.splitlines()[0] if "\n" in text else None
        return json.loads(until(f"{self.name} to listen", line, seconds))

    @property
    def running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """kill -9, as when a machine dies."""
        if self.child is None:
            return
        self.note_own_end()
        self.child.kill()
        self.child.wait()
        living.discard(self.child)
        self.child = None

    def note_own_end(self):
        if self.child.poll() is not None:
            self.ended_badly = f"{self.name} ended by itself with status {self.child.returncode}"

    def terminate(self, seconds=30):
        """SIGTERM; the exit status."""
        self.note_own_end()
        self.child.send_signal(signal.SIGTERM)
        status = self.child.wait(seconds)
        living.discard(self.child)
        self.child = None
        return status

    def pause(self):
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self):
        if self.child is not None:
            self.child.send_signal(signal.SIGCONT)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_end(self, lines=40):
        told = [line for line in self.log_text().splitlines() if '"message":"request"' not in line]
        return "\n".join(told[-lines:])

    def fault(self):
        """What a test must not leave unseen: an end by itself, a sanitizer's report."""
        if self.child is not None:
            self.note_own_end()
        report = SANITIZER.search(self.log_text())
        if report:
            return f"{self.name}: {self.log_text()[report.start():report.start() + 4000]}"
        return self.ended_badly


class Node(Process):
    """One dev node, or one Meilisearch."""

    def __init__(self, name, folder, key, task_delay_ms=0):
        super().__init__(name, folder)
        self.key = key
        self.port = free_port()
        self.task_delay_ms = task_delay_ms
        self.data = self.folder / name
        self.client = Client(self.port, key)

    def start(self):
        if real_nodes():
            self.spawn([meilisearch(), "--http-addr", f"127.0.0.1:{self.port}", "--master-key", self.key,
                        "--db-path", str(self.data), "--no-analytics", "--env", "development",
                        "--max-indexing-memory", "256MiB",],
                       {"MEILI_DUMP_DIR": str(self.folder / "dumps"),
                        "MEILI_SNAPSHOT_DIR": str(self.folder / "snapshots")})
        else:
            self.spawn([MIROIR, "dev-node", "--port", str(self.port), "--master-key", self.key,
                        "--data", str(self.data), "--task-delay-ms", str(self.task_delay_ms)])
            self.first_line()
        until(f"{self.name} to be healthy", lambda: self.client.call("GET", "/health").status == 200)

    def wipe(self):
        shutil.rmtree(self.data)

    def physical_indexes(self):
        return [index["uid"] for index in self.client.get("/indexes?limit=1000")["results"]]

    def task_count(self):
        return self.client.get("/tasks?limit=1")["total"]


class Miroir(Process):
    """One miroir. It keeps its ports and its store over restarts."""

    def __init__(self, folder, config):
        super().__init__("miroir", folder)
        self.config = config
        self.port = config["server"].get("port")
        self.metrics_port = config["metrics"]["port"]

    def start(self, ready=True):
        path = self.folder / "miroir.yaml"
        path.write_text(json.dumps(self.config, indent=1))
        self.spawn([MIROIR, "serve", "--config", str(path)])
        line = self.first_line()
        if line != {"port": self.port, "metricsPort": self.metrics_port}:
            raise Unexpected(f"miroir tells {line}")
        if ready:
            until("miroir to be ready", self.is_ready)

    def is_ready(self):
        return Client(self.port).call("GET", "/_miroir/ready").status == 200

    def metrics_text(self):
        return Client(self.metrics_port).call("GET", "/metrics").body.decode()

    def metric(self, name, labels=".*"):
        """The sum over all labels that match."""
        values = re.findall(rf"^{name}(?:\{{{labels}\}})? (\S+)$", self.metrics_text(), re.MULTILINE)
        if not values:
            raise Unexpected(f"no metric {name}")
        return sum(float(value) for value in values)

    def log_lines(self):
        # Up to the last end of a line: what follows is still being written.
        return [json.loads(line) for line in self.log_text().rpartition("\n")[0].splitlines() if line]
