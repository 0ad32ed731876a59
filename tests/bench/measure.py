"""Measures miroir beside nginx, merging and splitting alone, and an upload. Started by scripts/bench."""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

MASTER_KEY = "master-key-of-the-benchmark"
SEARCH = '{"q":"king"}'
NODES = 3
TICKS = os.sysconf("SC_CLK_TCK")
MB = 1_000_000
TARGETS = {"ratio": 3.5, "split_mb_s": 300, "memory": 1.3, "idle_mb": 40}


class Process:
    """A child process: its CPU time, its memory, its end."""

    def __init__(self, command, cores=None, prints_first_line=False, log=None):
        if cores is not None and (os.cpu_count() or 1) > 1:
            command = ["taskset", "-c", str(cores), *command]
        out = subprocess.PIPE if prints_first_line else log
        # Settings of the user's own must not change what is measured.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("MIROIR_", "MEILI_"))}
        self.child = subprocess.Popen(command, stdout=out, stderr=log, env=own)
        self.first_line = self.child.stdout.readline().decode() if prints_first_line else ""
        self.pids = [self.child.pid]

    def add_children(self):
        path = f"/proc/{self.child.pid}/task/{self.child.pid}/children"
        self.pids += [int(pid) for pid in pathlib.Path(path).read_text().split()]

    def cpu_seconds(self):
        total = 0
        for pid in self.pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory_mb(self, name):
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) * 1024 / MB

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")

    def end(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.build = pathlib.Path(options.build)
        self.running = []

    def start(self, *arguments, **options):
        process = Process(*arguments, **options)
        self.running.append(process)
        return process

    def end_all(self):
        for process in reversed(self.running):
            process.end()
        self.running.clear()

    def start_nodes(self, *flags):
        ports = []
        for node in range(NODES):
            program = str(self.build / "tests/bench/canned_node")
            command = [program, "--node", str(node), "--nodes", str(NODES), *flags]
            started = self.start(command, cores=1, prints_first_line=True)
            ports.append(int(started.first_line))
        return ports

    def start_miroir(self, node_ports):
        name = f"miroir-{node_ports[0]}"
        nodes = [{"id": f"node-{i}", "url": f"http://127.0.0.1:{port}"} for i, port in enumerate(node_ports)]
        settings = {
            "master_key": MASTER_KEY,
            "nodes": nodes,
            "server": {"port": 0, "io_threads": 1},
            "metrics": {"port": 0},
            "placement": {"replication_factor": 2, "shards": 16},
            "coordination": {"url": f"sqlite://{self.folder / name}.db"},
            "scatter": {"cover": "spread"},
        }
        file = self.folder / f"{name}.yaml"
        file.write_text(json.dumps(settings))  # JSON is YAML
        log = open(self.folder / f"{name}.log", "wb")
        miroir = self.start([str(self.build / "src/miroir"), "serve", "--config", str(file)], cores=0,
                            prints_first_line=True, log=log)
        if not miroir.first_line:
            sys.exit((self.folder / f"{name}.log").read_text())
        ports = json.loads(miroir.first_line)
        miroir.port, miroir.metrics_port = ports["port"], ports["metricsPort"]
        return miroir

    def start_nginx(self, node_port):
        port = free_port()
        file = self.folder / "nginx.conf"
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind}; " for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file.write_text(f"""
            worker_processes 1; daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;
            events {{ worker_connections 4096; }}
            http {{ access_log off; {temporary} keepalive_requests 1000000000;
              upstream node {{ server 127.0.0.1:{node_port}; keepalive 64; keepalive_requests 1000000000; }}
              server {{ listen 127.0.0.1:{port};
                location / {{ proxy_pass http://node; proxy_http_version 1.1;
                  proxy_set_header Connection ""; }} }} }}
            """)
        nginx = self.start(["nginx", "-e", str(self.folder / "nginx.log"), "-c", str(file)], cores=0)
        nginx.port = port
        wait_for(lambda: request(port, "GET", "/health")[0] == 200)
        nginx.add_children()
        return nginx

    # Closed loop: as many requests under way as there are connections.
    def load(self, target, seconds):
        script = self.folder / "search.lua"
        script.write_text(f"""wrk.method = "POST"; wrk.body = '{SEARCH}'
            wrk.headers["content-type"] = "application/json"
            wrk.headers["authorization"] = "Bearer {MASTER_KEY}" """)
        command = ["wrk", "-t1", f"-c{self.options.connections}", f"-d{seconds}s", "--latency",
                   "-s", str(script)]
        text, spent = self.run_client(command, target)
        if "Non-2xx" in text or "Socket errors" in text:
            sys.exit(f"The load met errors:\n{text}")
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        return {
            "cpu_us": spent * 1e6 / requests,
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            "p50_ms": milliseconds(re.search(r"^\s+50%\s+(\S+)", text, re.M).group(1)),
            "p99_ms": milliseconds(re.search(r"^\s+99%\s+(\S+)", text, re.M).group(1)),
        }

    # The same number of requests each second for every target.
    def load_at_rate(self, target, seconds):
        connections, rate = self.options.connections, self.options.rate
        command = ["hey", "-c", str(connections), "-q", str(rate / connections), "-z", f"{seconds}s",
                   "-m", "POST", "-T", "application/json", "-H", f"authorization: Bearer {MASTER_KEY}",
                   "-disable-compression", "-d", SEARCH]
        text, spent = self.run_client(command, target)
        answers = re.findall(r"\[(\d+)\]\s+(\d+) responses", text)
        if [status for status, _ in answers] != ["200"] or "Error distribution" in text:
            sys.exit(f"The load met errors:\n{text}")
        requests = int(answers[0][1])
        return {
            "cpu_us": spent * 1e6 / requests,
            "rate": requests / seconds,
            "p50_ms": float(re.search(r"50% in ([\d.]+) secs", text).group(1)) * 1000,
            "p99_ms": float(re.search(r"99% in ([\d.]+) secs", text).group(1)) * 1000,
        }

    # What the client printed, and the CPU seconds that the target spent meanwhile.
    def run_client(self, command, target):
        command = [*command, f"http://127.0.0.1:{target.port}/indexes/movies/search"]
        if (os.cpu_count() or 1) > 1:
            command = ["taskset", "-c", "1", *command]
        before = target.cpu_seconds()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return text, target.cpu_seconds() - before


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def free_port():
    import socket
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body, {"content-type": "application/json",
                                                "authorization": f"Bearer {MASTER_KEY}"})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def wait_for(condition):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    sys.exit("Waited a minute in vain.")


def make_index(miroir):
    status, body, _ = request(miroir.port, "POST", "/indexes", '{"uid":"movies","primaryKey":"id"}')
    assert status == 202, body
    wait_for_task(miroir, json.loads(body)["taskUid"])


def wait_for_task(miroir, uid):
    wait_for(lambda: json.loads(request(miroir.port, "GET", f"/tasks/{uid}")[1])["status"] == "succeeded")


def node_requests(miroir):
    text = request(miroir.metrics_port, "GET", "/metrics")[1].decode()
    return float(re.search(r"^miroir_scatter_node_requests_total (\S+)", text, re.M).group(1))


def check_answer(miroir):
    before = node_requests(miroir)
    status, body, headers = request(miroir.port, "POST", "/indexes/movies/search", '{"q":"king"}')
    answer = json.loads(body)
    degraded = [name for name in headers if name.lower() == "x-miroir-degraded"]
    ids = [hit["id"] for hit in answer["hits"]]
    if status != 200 or degraded or ids != list(range(20)) or node_requests(miroir) - before != NODES:
        sys.exit(f"Not the answer to measure: {status} {headers} {body[:500]}")


def measure_search(bench, title, *node_flags):
    """Rounds of nginx and miroir in turn, on the same nodes."""
    ports = bench.start_nodes(*node_flags)
    miroir = bench.start_miroir(ports)
    make_index(miroir)
    check_answer(miroir)
    nginx = bench.start_nginx(ports[0])
    node_bytes = len(request(ports[0], "POST", "/indexes/movies/search", "{}")[1])
    for target in (nginx, miroir):
        bench.load(target, 1)
    targets = {"nginx": nginx, "miroir": miroir}
    loads = {"full": bench.load, "rate": bench.load_at_rate}
    rounds = {}
    for _ in range(bench.options.rounds):
        for kind, load in loads.items():
            for name, target in targets.items():
                rounds.setdefault((kind, name), []).append(load(target, bench.options.seconds))
    bench.end_all()
    found = {"title": title, "node_bytes": node_bytes, "set_rate": bench.options.rate}
    for kind in loads:
        rows = {name: {key: statistics.median(one[key] for one in rounds[kind, name])
                       for key in ("cpu_us", "rate", "p50_ms", "p99_ms")} for name in targets}
        found[kind] = {**rows, "ratio": rows["miroir"]["cpu_us"] / rows["nginx"]["cpu_us"]}
    return found


def measure_micro(bench):
    found = []
    for name in ("merge_bench", "splice_bench", "split_bench"):
        command = [str(bench.build / "tests/bench" / name), "--benchmark_format=json",
                   "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true",
                   f"--benchmark_min_time={bench.options.micro_seconds}"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for one in json.loads(text)["benchmarks"]:
            if one["aggregate_name"] == "median":
                us = one["cpu_time"] * {"ns": 0.001, "us": 1, "ms": 1000}[one["time_unit"]]
                found.append({"name": one["run_name"], "us": us, "mb_s": one["bytes_per_second"] / MB})
    return found


def documents(body_bytes):
    """A JSON list of documents of about 950 bytes."""
    text = "the lighthouse keeper wrote down every ship that passed the northern cape in that winter and "
    parts, size = [], 2
    while size < body_bytes:
        number = len(parts)
        part = json.dumps({"id": number, "title": f"Volume {number}", "year": 1950 + number % 70,
                           "genres": ["travel", "sea"], "description": text * 8 + str(number)})
        parts.append(part)
        size += len(part) + 1
    return ("[" + ",".join(parts) + "]").encode(), len(parts)


def measure_upload(bench):
    """Uploads one after another to one miroir and three nodes that hold two copies of each shard."""
    miroir = bench.start_miroir(bench.start_nodes())
    time.sleep(2)
    idle_mb = miroir.memory_mb("VmRSS")
    make_index(miroir)
    body, count = documents(bench.options.upload_mb * MB)
    peaks, rates = [], []
    for _ in range(bench.options.rounds):
        before = miroir.memory_mb("VmRSS")
        miroir.forget_peak()
        cpu = miroir.cpu_seconds()
        status, answer, headers = request(miroir.port, "POST", "/indexes/movies/documents", body)
        if status != 202 or "x-miroir-degraded" in {name.lower() for name in headers}:
            sys.exit(f"The upload failed: {status} {answer[:500]}")
        wait_for_task(miroir, json.loads(answer)["taskUid"])
        rates.append(len(body) / MB / (miroir.cpu_seconds() - cpu))
        peaks.append({"peak_mb": miroir.memory_mb("VmHWM"), "before_mb": before})
    bench.end_all()
    return {"idle_mb": idle_mb, "body_mb": len(body) / MB, "document_bytes": len(body) / count,
            "first_peak_mb": peaks[0]["peak_mb"], "worst_peak_mb": max(one["peak_mb"] for one in peaks),
            "mb_s": statistics.median(rates)}


def search_table(results):
    lines = ["| node's answer, load | | CPU us per request | requests/s | p50 ms | p99 ms |",
             "|---|---|---|---|---|---|"]
    for one in results:
        for kind, load in (("rate", f"{one['set_rate']:,} requests/s"), ("full", "as many as it can")):
            for name, what in (("nginx", "nginx, one node"), ("miroir", "miroir, three nodes")):
                row = one[kind][name]
                head = f"{one['node_bytes'] / 1000:.1f} kB ({one['title']}), {load}"
                head = head if name == "nginx" else ""
                lines.append(f"| {head} | {what} | {row['cpu_us']:.1f} | {row['rate']:,.0f} "
                             f"| {row['p50_ms']:.2f} | {row['p99_ms']:.2f} |")
            lines.append(f"| | **ratio** (target {TARGETS['ratio']} at most) "
                         f"| **{one[kind]['ratio']:.2f}** | | | |")
    return lines


def micro_table(results):
    lines = ["| benchmark | CPU us | MB/s |", "|---|---|---|"]
    lines += [f"| `{one['name']}` | {one['us']:,.1f} | {one['mb_s']:,.0f} |" for one in results]
    return lines


def upload_table(one):
    def over_body(peak_mb):
        return f"{(peak_mb - one['idle_mb']) / one['body_mb']:.2f} (resident at most {peak_mb:.0f} MB)"

    return [
        f"| upload of {one['body_mb']:.0f} MB, documents of {one['document_bytes']:.0f} bytes | | target |",
        "|---|---|---|",
        f"| memory over idle / body, first upload | {over_body(one['first_peak_mb'])} "
        f"| {TARGETS['memory']} at most |",
        f"| memory over idle / body, worst of several | {over_body(one['worst_peak_mb'])} | |",
        f"| MB of uploads per second of miroir's CPU, sockets and journal included | {one['mb_s']:.0f} | |",
        f"| resident memory when idle | {one['idle_mb']:.1f} MB | {TARGETS['idle_mb']} MB at most |",
    ]


def update_docs(file, lines):
    begin, end = "<!-- measured: scripts/bench --update-docs -->", "<!-- end of measured -->"
    text = pathlib.Path(file).read_text()
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    pathlib.Path(file).write_text(head + begin + "\n" + "\n".join(lines) + "\n" + end + tail)


def parse_options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=["search", "micro", "upload"], help="one part")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (3)")
    parser.add_argument("--seconds", type=int, default=8, help="of load in each round (8)")
    parser.add_argument("--rate", type=int, default=4000, help="requests/s of the steady load (4000)")
    parser.add_argument("--connections", type=int, default=32, help="of the client (32)")
    parser.add_argument("--upload-mb", type=int, default=50, help="size of an upload (50)")
    parser.add_argument("--micro-seconds", type=float, default=0.5, help="of each micro-benchmark (0.5)")
    parser.add_argument("--update-docs", metavar="FILE", nargs="?", const="docs/performance.md",
                        help="write the tables into docs/performance.md")
    return parser.parse_args()


def main():
    options = parse_options()
    lines = [f"{os.cpu_count()} cores.", ""]
    with tempfile.TemporaryDirectory(prefix="miroir-bench-") as folder:
        bench = Bench(options, folder)
        try:
            if options.only in (None, "search"):
                results = [measure_search(bench, "details of two rules"),
                           measure_search(bench, "of all rules", "--all-rules")]
                lines += search_table(results) + [""]
            if options.only in (None, "micro"):
                lines += micro_table(measure_micro(bench)) + [""]
            if options.only in (None, "upload"):
                lines += upload_table(measure_upload(bench)) + [""]
        finally:
            bench.end_all()
    print("\n".join(lines))
    if options.update_docs:
        update_docs(options.update_docs, lines[:-1])


if __name__ == "__main__":
    main()
