"""What stands between miroir and its coordination store, and can be shut."""

import re
import socket
import threading

from .processes import free_port


class StoreGate:
    """Passes bytes to the server of a store's URL while it is open; shut, it refuses and cuts every connection."""

    def __init__(self, url):
        self.port = free_port()
        authority = re.search(r"@([^:/@]+):(\d+)", url)
        self.server = (authority[1], int(authority[2]))
        self.url = url.replace(authority[0], f"@127.0.0.1:{self.port}")
        self.lock = threading.Lock()
        self.sockets = set()
        self.listener = None
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def shut(self):
        # Closing it alone would not wake accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for one in self.sockets:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.sockets.clear()

    def accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
                server = socket.create_connection(self.server, timeout=10)
            except OSError:
                return
            server.settimeout(None)
            with self.lock:
                self.sockets |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, target), daemon=True).start()

    def copy(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            self.sockets.discard(source)
        source.close()
