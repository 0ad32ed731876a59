"""nginx in front of several replicas: round robin, not sticky."""

import shutil

from .client import Client
from .processes import Process, free_port, until

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    upstream replicas {{
{servers}
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://replicas;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_request_buffering off;
        }}
    }}
}}
"""


def nginx():
    """The path of nginx, or None."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin")


class Balancer(Process):
    def __init__(self, folder, replicas):
        super().__init__("nginx", folder)
        self.port = free_port()
        servers = "\n".join(f"        server 127.0.0.1:{one.port} max_fails=1 fail_timeout=1s;" for one in replicas)
        text = CONFIGURATION.format(folder=self.folder, servers=servers, port=self.port)
        (self.folder / "nginx.conf").write_text(text)

    def start(self):
        self.spawn([nginx(), "-e", "stderr", "-c", str(self.folder / "nginx.conf")])
        until("nginx to pass on", lambda: Client(self.port).call("GET", "/health").status == 200)
