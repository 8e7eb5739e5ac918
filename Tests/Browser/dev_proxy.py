#!/usr/bin/env python3
"""Serves the console's files from the source tree, and everything else from a running Varde: edit, reload, see.

    dev_proxy.py [--upstream 127.0.0.1:18080] [--port 18081]
"""
import argparse
import http.client
import mimetypes
import pathlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILES = pathlib.Path(__file__).resolve().parents[2] / "Sources/ConsoleAssets/files"
HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def forward(self):
        path = self.path.split("?")[0]
        if path.startswith("/assets/"):
            file = (FILES / path.split("/", 3)[3]).resolve()
            if FILES not in file.parents or not file.is_file():
                return self.answer(404, [], b"")
            kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0] or "text/plain"
            return self.answer(200, [("Content-Type", f"{kind}; charset=utf-8"), ("Cache-Control", "no-store")], file.read_bytes())
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        headers = {name: value for name, value in headers.items() if name.lower() != "accept-encoding"}
        headers["Host"] = self.server.upstream
        upstream = http.client.HTTPConnection(self.server.upstream)
        try:
            upstream.request(self.command, self.path, self.rfile.read(length) if length else None, headers)
            response = upstream.getresponse()
            kept = [(name, value) for name, value in response.getheaders() if name.lower() not in HOP]
            kind = response.getheader("Content-Type") or ""
            if kind.startswith("text/html"):
                response.read()
                page = "index.html" if response.status == 200 else "sign-in.html"
                body = (FILES / page).read_bytes().replace(b"{{assets}}", b"/assets/disk").replace(b"{{modules}}", b"")
                norwegian = "varde-language=nb" in (self.headers.get("Cookie") or "")
                body = body.replace(b"{{language}}", b"nb" if norwegian else b"en")
                return self.answer(response.status, [(n, v) for n, v in kept if n.lower() != "etag"], body)
            self.send_response(response.status)
            for name, value in kept:
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while chunk := response.read1(65536):
                self.wfile.write(chunk)
                self.wfile.flush()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            upstream.close()
            self.close_connection = True

    do_GET = do_POST = do_HEAD = forward


def start(upstream, port=0):
    """Serves in a thread of its own; the answer has `server_port`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.upstream = upstream
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", default="127.0.0.1:18080")
    parser.add_argument("--port", type=int, default=18081)
    arguments = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    server.daemon_threads = True
    server.upstream = arguments.upstream
    server.serve_forever()


if __name__ == "__main__":
    main()
