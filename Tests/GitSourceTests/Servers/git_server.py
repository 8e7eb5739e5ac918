"""A web server for the tests: git http-backend below /repo/, and below other paths the ways in which servers fail.

git_server.py ROOT PORTFILE [USER:PASSWORD]
Writes its port to PORTFILE, and every request's line and user to PORTFILE.log.
"""
import base64
import http.server
import os
import socket
import subprocess
import sys
import threading
import time

root, port_file = sys.argv[1:3]
wanted = sys.argv[3] if len(sys.argv) > 3 else None
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def note(self, text):
        with lock, open(port_file + ".log", "a") as file:
            file.write(text + "\n")

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.handle_any()

    def do_POST(self):
        self.handle_any()

    def handle_any(self):
        path, _, query = self.path.partition("?")
        credentials = self.headers.get("Authorization", "")
        user = base64.b64decode(credentials[6:]).decode() if credentials.startswith("Basic ") else ""
        self.note(f"{self.command} {path} {user.partition(':')[0]}")
        kind = path.split("/")[1]
        rest = path[len(kind) + 1 :]
        if kind == "hang":
            time.sleep(600)
        elif kind == "garbage":
            self.answer(200, [("Content-Type", "application/x-git-upload-pack-advertisement")], b"what is this\n" * 50)
        elif kind == "page":
            self.answer(200, [("Content-Type", "text/html; charset=utf-8")], b"<html>sign in</html>")
        elif kind == "down":
            self.answer(503, [], b"no")
        elif kind == "moved":
            self.answer(301, [("Location", "/repo" + rest + "?" + query)])
        elif kind == "elsewhere":
            self.answer(302, [("Location", f"http://localhost:{self.server.server_port}/repo{rest}?{query}")])
        elif kind == "repo":
            if wanted and user != wanted:
                self.answer(401, [("WWW-Authenticate", 'Basic realm="git"')], b"no")
            else:
                self.git(rest, query, user)
        elif kind == "later":
            if os.path.exists(os.path.join(root, "silent")):
                time.sleep(600)
            self.git(rest, query, user)
        elif kind == "cut":
            self.git(rest, query, user, cut=self.command == "POST" and b"fetch")
        else:
            self.answer(404, [], b"no")

    def git(self, path, query, user, cut=None):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        environment = dict(
            os.environ,
            GIT_PROJECT_ROOT=root,
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
            REMOTE_USER=user.partition(":")[0],
            REMOTE_ADDR="127.0.0.1",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0="safe.directory",
            GIT_CONFIG_VALUE_0="*",
        )
        output = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = output.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        if cut and cut in body and len(content) > 600:
            # The head says that it is whole.
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.answer(status, headers, content)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
