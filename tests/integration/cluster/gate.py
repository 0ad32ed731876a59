"""A proxy in front of one node that can answer in the node's place, badly."""

import http.client
import re
import select
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .processes import free_port

# What a broken node may send instead of an answer: status and body, or a way to break the connection. With
# "lost" the node does what it is asked for.
GARBAGE = {
    "broken JSON": (200, b'{"hits": [{"id": 1'),
    "not JSON": (200, b"<html><body>It works!</body></html>"),
    "empty body": (200, b""),
    "a list": (200, b"[]"),
    "an empty object": (200, b"{}"),
    "members of other types": (
        200, b'{"hits": 5, "results": {}, "estimatedTotalHits": "many", "total": null}'),
    "hits that are no objects": (
        200, b'{"hits": [1, null, "x"], "results": [1, null], "estimatedTotalHits": 3, "total": 3, '
             b'"offset": 0, "limit": 20, "processingTimeMs": 0, "query": ""}'),
    "500": (500, b'{"message": "boom", "code": "internal", "type": "internal", "link": ""}'),
    "500 without a body": (500, b""),
    "401": (401, b'{"message": "no", "code": "missing_authorization_header", "type": "auth", "link": ""}'),
    "403": (403, b'{"message": "no", "code": "invalid_api_key", "type": "auth", "link": ""}'),
    "a 400 that is no error": (400, b"[]"),
    "a redirect": (302, b""),
    "cut before an answer": "cut",
    "cut in the body": "half",
    "an answer that is lost": "lost",
    "no HTTP": "noise",
}


class Gate:
    """Listens on `port` and passes everything to `node`, except what `spoil` names."""

    def __init__(self, node):
        self.port = free_port()
        self.node_port = node.port
        self.spoiled = None
        self.delayed = None
        self.hung = None
        self.go_on = threading.Event()
        self.hanging = []
        self.abandoned = []
        self.requests = []
        gate = self

        class Handler(GateHandler):
            pass

        Handler.gate = gate
        self.server = GateServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def spoil(self, path, kind, method=""):
        """Requests whose path matches (and whose method, if given) get the garbage of that kind."""
        self.spoiled = (re.compile(path), GARBAGE[kind], method)

    def spoils(self, method, path):
        return self.spoiled and self.spoiled[2] in ("", method) and self.spoiled[0].search(path)

    def delay(self, path, seconds):
        """Requests whose path matches wait."""
        self.delayed = (re.compile(path), seconds)

    def hang(self, path):
        """Requests whose path matches wait until heal(); those that miroir gives up meanwhile are noted."""
        self.go_on.clear()
        self.hung = re.compile(path)

    def heal(self):
        self.hung = None
        self.go_on.set()
        self.spoiled = None
        self.delayed = None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class GateServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Connections that miroir cuts are none of the test's business."""


class GateHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    gate = None

    def log_message(self, format, *arguments):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.gate.requests.append((self.command, self.path))
        delayed = self.gate.delayed
        if delayed and delayed[0].search(self.path):
            time.sleep(delayed[1])
        if self.gate.hung and self.gate.hung.search(self.path):
            self.hang()
        spoiled = self.gate.spoiled
        if self.gate.spoils(self.command, self.path):
            if spoiled[1] == "lost":
                self.ask_node(body)
            self.send_garbage(spoiled[1])
        else:
            self.pass_on(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def hang(self):
        self.gate.hanging.append(self.path)
        while not self.gate.go_on.wait(0.02):
            readable = select.select([self.connection], [], [], 0)[0]
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.gate.abandoned.append(self.path)
                return

    def send_garbage(self, garbage):
        if isinstance(garbage, tuple):
            self.send_whole(garbage[0], [("Content-Type", "application/json")], garbage[1])
            return
        if garbage == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                             b'content-length: 900\r\n\r\n{"hits": [], "results": [], "estimatedTotalHits"')
        elif garbage == "noise":
            self.wfile.write(b"\0\1\2 what is this? \r\n\r\n" * 8)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def pass_on(self, body):
        answer = self.ask_node(body)
        if answer:
            self.send_whole(*answer)
        else:
            self.send_garbage("cut")

    def ask_node(self, body):
        """Status, headers and body; nothing when the node cannot be reached."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gate.node_port, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        except OSError:
            return None
        finally:
            connection.close()

    def send_whole(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
