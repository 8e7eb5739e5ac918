"""Stands before a running Varde and makes its fleet a crowd: its own applications many times over, one of thousands of objects, and
updates as often as one likes. Pages, files and all else are Varde's."""
import gzip
import http.client
import json
import random
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "host", "accept-encoding"}


class Crowd:
    """`with Crowd(console, token, applications=10_000) as crowd: browser.open(crowd.url)`"""

    def __init__(self, console, token, applications=10_000, clusters=60, tenants=50, objects=5_000):
        self.upstream, self.token = console.removeprefix("http://"), token
        self.tenants, self.clusters = tenants, clusters
        self.rate, self.sequence, self.sent, self.bytes = 0.0, 1, 0, 0
        self.brief = self.multiplied(json.loads(self.get("/api/v1/applications?form=brief")), applications)
        self.fleet = self.places(json.loads(self.get("/api/v1/clusters"))["items"], json.loads(self.get("/api/v1/tenants"))["items"])
        self.objects = made(objects)
        row = self.brief["rows"][0]
        self.big = f"{row[0]}/{row[1]}.{row[2]}"
        self.packed = gzip.compress(json.dumps(self.brief).encode(), 1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"crowd": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.is_over = False

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.server.shutdown()
        self.server.server_close()

    def get(self, path):
        connection = http.client.HTTPConnection(self.upstream, timeout=20)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        body = connection.getresponse().read()
        connection.close()
        return body

    def multiplied(self, brief, count):
        rows = []
        for number in range(count):
            row = list(brief["rows"][number % len(brief["rows"])])
            row[0] = f"team-{number % self.tenants:02}"
            row[1] = f"cluster-{number // self.tenants % self.clusters:02}"
            row[2] = f"{row[0]}-{row[2].split('-', 1)[-1]}-{number // (self.tenants * self.clusters)}"
            rows.append(row)
        return {**brief, "rows": rows, "sequence": 1, "process": "crowd"}

    def places(self, clusters, tenants):
        return {
            "clusters": [{**clusters[n % len(clusters)], "name": f"cluster-{n:02}", "reachable": True, "message": "",
                          "location": "cloud" if n >= self.clusters * 2 // 3 else "on-premises"} for n in range(self.clusters)],
            "tenants": [{**tenants[n % len(tenants)], "name": f"team-{n:02}", "clusters": []} for n in range(self.tenants)],
        }

    def application(self, row):
        """A row of the brief list as the whole application that a stream tells."""
        def revision(at):
            return None if at < 0 else dict(zip(("commit", "author", "subject", "time"), self.brief["revisions"][at]))

        def moment(ms):
            return ms and time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(ms / 1000))
        repository, branch, tool = self.brief["sources"][row[13]]
        return {"id": f"{row[0]}/{row[1]}.{row[2]}", "tenant": row[0], "cluster": row[1], "namespace": row[2], "sync": row[3],
                "health": row[4], "message": row[5], "since": moment(row[6]), "desired": revision(row[7]), "applied": revision(row[8]),
                "appliedAt": moment(row[9]), "healthyAt": moment(row[10]),
                "counts": dict(zip(("total", "synced", "healthy", "progressing", "degraded"), row[11])), "findings": row[12],
                "repository": repository, "branch": branch, "tool": tool, "path": row[14],
                "images": [self.brief["images"][at] for at in row[15]], "pin": None, "pause": None}

    def update(self, watched):
        """The next thing that happens: an application, or an object of the one that is watched."""
        self.sequence += 1
        if watched == self.big and self.sequence % 2:
            one = {**random.choice(self.objects)}
            one["summary"] = f"changed {self.sequence}"
            name, data = "objects", {"application": self.big, "changed": [one], "removed": []}
        else:
            one = self.application(random.choice(self.brief["rows"]))
            one["health"] = random.choice(["Healthy", "Progressing", "Healthy", "Healthy"])
            name, data = "application", one
        text = f"event: {name}\nid: crowd-{self.sequence}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
        self.sent += 1
        self.bytes += len(text)
        return text


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crowd = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(path.query)
        try:
            if path.path == "/api/v1/applications" and query.get("form") == ["brief"]:
                self.answer(self.crowd.packed, [("Content-Type", "application/json"), ("Content-Encoding", "gzip")])
            elif path.path == "/api/v1/stream":
                self.stream(query.get("application", [None])[0])
            elif urllib.parse.unquote(path.path) == f"/api/v1/applications/{self.crowd.big}":
                whole = {"application": self.crowd.application(self.crowd.brief["rows"][0]), "objects": self.crowd.objects, "history": [],
                         "abilities": [], "sequence": self.crowd.sequence, "process": "crowd"}
                self.answer(gzip.compress(json.dumps(whole).encode(), 1), [("Content-Type", "application/json"), ("Content-Encoding", "gzip")])
            else:
                self.forward()
        except (OSError, http.client.HTTPException):
            self.close_connection = True

    def answer(self, body, headers, status=200):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, watched):
        crowd = self.crowd
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for name, data in (("hello", {"sequence": crowd.sequence, "process": "crowd"}), ("fleet", crowd.fleet)):
            self.wfile.write(f"event: {name}\nid: crowd-{crowd.sequence}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()
        due, beat = time.monotonic(), time.monotonic()
        while not crowd.is_over:
            now = time.monotonic()
            if crowd.rate == 0:
                due = now
                time.sleep(0.02)
            else:
                batch = b""
                while due <= now and len(batch) < 1 << 18:
                    batch += crowd.update(watched)
                    due += 1 / crowd.rate
                if batch:
                    self.wfile.write(batch)
                    self.wfile.flush()
                time.sleep(max(0.001, min(0.05, due - time.monotonic())))
            if now - beat > 5:
                beat = now
                self.wfile.write(b"event: alive\ndata: {}\n\n")
                self.wfile.flush()

    def forward(self):
        connection = http.client.HTTPConnection(self.crowd.upstream, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        headers["Accept-Encoding"] = "gzip"
        connection.request("GET", self.path, headers=headers | {"Authorization": f"Bearer {self.crowd.token}"})
        response = connection.getresponse()
        body = response.read()
        self.answer(body, [(n, v) for n, v in response.getheaders() if n.lower() not in HOP], response.status)
        connection.close()


def made(count):
    """Objects of one application: Deployments with their pods, Services before them, and the rest ConfigMaps."""
    objects = []

    def add(api, kind, name, parent=None, **more):
        group = api.split("/")[0] + "/" if "/" in api else ""
        one = {"id": f"{group}{kind}:team/{name}", "apiVersion": api, "kind": kind, "namespace": "team", "name": name, "parent": parent,
               "sync": None if parent else "Synced", "health": "Healthy", "message": "", "since": "2026-11-22T08:00:00.000Z",
               "createdAt": "2026-11-22T08:00:00Z", "summary": "", "images": [], "uid": f"uid-{len(objects)}", **more}
        objects.append(one)
        return one["id"]
    number = 0
    while len(objects) + 22 < count * 0.6:
        workload = add("apps/v1", "Deployment", f"worker-{number:03}", summary="20/20 ready", images=["registry.example/worker:1.0"])
        add("v1", "Service", f"worker-{number:03}", summary="10.0.0.1", links=[workload])
        sets = add("apps/v1", "ReplicaSet", f"worker-{number:03}-abcdefgh", workload, summary="20/20 ready")
        for pod in range(20):
            add("v1", "Pod", f"worker-{number:03}-abcdefgh-{pod:05}", sets, summary="Running")
        number += 1
    while len(objects) < count:
        add("v1", "ConfigMap", f"settings-{len(objects):05}", summary="3 keys")
    return objects
