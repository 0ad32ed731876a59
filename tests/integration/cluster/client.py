"""A client of one server, and raw requests for what no client would send."""

import http.client
import json
import socket
import time

UNFINISHED = ("enqueued", "processing")


class Unexpected(AssertionError):
    """An answer that the test did not expect."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def degraded(self):
        return self.headers.get("X-Miroir-Degraded")

    def __repr__(self):
        return f"{self.status} {self.body[:500].decode(errors='replace')}"


class Client:
    """One connection a call: several threads may share a client."""

    def __init__(self, port, key=None):
        self.port = port
        self.key = key

    def call(self, method, path, body=None, headers=None, timeout=60):
        """`body`: bytes as they are, anything else as JSON. A header of None is left out."""
        sent = {}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ok(self, method, path, body=None, headers=None):
        """The parsed body of an answer that must be 2xx."""
        answer = self.call(method, path, body, headers)
        if not 200 <= answer.status < 300:
            raise Unexpected(f"{method} {path}: {answer}")
        return answer.json if answer.body else None

    def get(self, path):
        return self.ok("GET", path)

    def task(self, uid):
        return self.get(f"/tasks/{uid}")

    def finished(self, uid, seconds=60):
        """The task, once it has ended."""
        end = time.monotonic() + seconds
        while True:
            task = self.task(uid)
            if task["status"] not in UNFINISHED:
                return task
            if time.monotonic() > end:
                raise Unexpected(f"unfinished after {seconds} s: {task}")
            time.sleep(0.02)

    def done(self, method, path, body=None, headers=None):
        """Sends a change and waits until its task has succeeded."""
        task = self.finished(self.ok(method, path, body, headers)["taskUid"])
        if task["status"] != "succeeded":
            raise Unexpected(f"{method} {path}: {task}")
        return task

    def all_tasks(self):
        """Every task, the oldest first."""
        return self.get("/tasks?limit=100000&reverse=true")["results"]


def exchange(port, data, timeout=10, half_close=False):
    """Sends bytes and reads until the server closes, or is silent for `timeout` seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        received = b""
        try:
            while block := connection.recv(65536):
                received += block
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def http_answer(connection):
    """The answer that comes on a socket."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, response.headers, response.read())


def cut_off(port, data):
    """Sends bytes and cuts the connection with a reset."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    try:
        connection.sendall(data)
        time.sleep(0.05)
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        connection.close()
