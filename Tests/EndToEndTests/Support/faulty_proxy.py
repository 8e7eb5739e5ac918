"""A reverse proxy before a Kubernetes API server that fails as networks and servers do.

faulty_proxy.py SERVER PORTFILE FAULTS
Speaks plain HTTP on a free port of 127.0.0.1, which it writes to PORTFILE. FAULTS is a JSON file that is read
again for every request:
  "429", "500"  how many of a hundred requests are answered so; 429 with Retry-After: 1
  "lost"        how many of a hundred have their connection cut before the server sees them
  "unanswered"  how many of a hundred are carried out, and then have their connection cut
  "watch"       seconds after which a watch that begins now is cut
Every fault is counted in PORTFILE.count.
"""
import http.client
import http.server
import json
import os
import random
import socket
import ssl
import sys
import threading
import time
import urllib.parse

server, port_file, faults_file = sys.argv[1:4]
target = urllib.parse.urlparse(server)
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
lock = threading.Lock()
count = 0


def note():
    global count
    with lock:
        count += 1
        with open(port_file + ".count", "w") as file:
            file.write(str(count))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = None

    def log_message(self, *arguments):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self):
        if self.upstream:
            self.upstream.close()
        super().finish()

    def refuse(self, code, reason, headers=()):
        note()
        body = json.dumps(
            {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
             "reason": reason, "message": f"injected {code}"}
        ).encode()
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def handle_any(self):
        with open(faults_file) as file:
            faults = json.load(file)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        dice = random.uniform(0, 100)
        for fault in ["429", "500", "lost", "unanswered"]:
            dice -= faults.get(fault, 0)
            if dice >= 0:
                continue
            if fault == "429":
                return self.refuse(429, "TooManyRequests", [("Retry-After", "1")])
            if fault == "500":
                return self.refuse(500, "InternalError")
            note()
            if fault == "unanswered":
                self.forward(body)
            return self.cut()
        answer = self.forward(body)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        if query.get("watch") == ["true"] and answer.status == 200:
            return self.stream(answer, faults.get("watch"))
        content = answer.read()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def forward(self, body):
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        if not self.upstream:
            self.upstream = http.client.HTTPSConnection(target.hostname, target.port, context=context)
        self.upstream.request(self.command, target.path.rstrip("/") + self.path, body or None, headers)
        # An answer that ends its connection takes this away from the connection.
        self.socket = self.upstream.sock
        return self.upstream.getresponse()

    def stream(self, answer, seconds):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        if seconds:
            self.socket.settimeout(seconds)
        end = time.monotonic() + (seconds or 1e9)
        try:
            while time.monotonic() < end:
                data = answer.read1(65536)
                if not data:
                    self.wfile.write(b"0\r\n\r\n")
                    return
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
        except (TimeoutError, OSError):
            pass
        note()
        self.upstream.close()
        self.upstream = None
        self.cut()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


proxy = Server(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w") as file:
    file.write(str(proxy.server_port))
os.rename(port_file + ".new", port_file)
proxy.serve_forever()
