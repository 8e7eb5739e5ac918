"""What is measured together: an API server to which is delivered, and the Varde that delivers to it."""
import calendar, json, signal, subprocess, time, urllib.request

import load
from servers import Real, Varde

AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- {level: None, users: ["system:apiserver"]}
- {level: Metadata}
"""


class Member:
    """An API server to which is delivered, with a kubeconfig that says where it is."""

    def offer(self, target):
        self.target = target
        self.kubeconfig = self.folder / "kubeconfig"
        write_kubeconfig(self.kubeconfig, target)
        return target

    def stop(self):
        self.server.stop()


class RealMember(Member):
    """A real kube-apiserver with etcd and no controllers; its audit log says who asked what, and when."""

    name = "kube-apiserver"

    def __init__(self, binaries, folder):
        self.folder = folder
        self.server = Real(binaries, folder)

    def start(self):
        (self.folder / "audit.yaml").write_text(AUDIT)
        self.log = self.folder / "audit.log"
        return self.offer(self.server.start("--audit-policy-file=audit.yaml", f"--audit-log-path={self.log}"))

    def mark(self):
        """A place in the record of requests, for `since`."""
        return self.log.stat().st_size

    def since(self, mark, agent="varde"):
        """What Varde asked since then: (verb, resource, seconds since 1970 when it was answered), watches left out."""
        with open(self.log, "rb") as file:
            file.seek(mark)
            events = [json.loads(line) for line in file if line.endswith(b"\n")]
        return [(event["verb"], event.get("objectRef", {}).get("resource", event["requestURI"]), seconds(event["stageTimestamp"]),
                 event.get("objectRef", {}).get("namespace", ""), event["requestURI"])
                for event in events if event["verb"] != "watch" and event["user"]["username"] == "varde"
                # Every ten seconds, whatever happens: whether the cluster still answers.
                and not event["requestURI"].startswith("/version")]


class EmbeddedMember(Member):
    """Another Varde as the API server: where there is no real one. It counts requests, and does not say whose."""

    name = "embedded API"

    def __init__(self, program, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.server = Varde(program, folder)

    def start(self):
        return self.offer(self.server.start()[0])

    def mark(self):
        return self.count()

    def count(self):
        total = 0
        for line in self.target.call("GET", "/metrics")[1].decode().splitlines():
            if line.startswith("apiserver_request_total{") and 'verb="WATCH"' not in line:
                total += float(line.rsplit(" ", 1)[1])
        return total

    def since(self, mark):
        return [("", "", 0, "", "")] * max(0, int(self.count() - mark - 1))


def seconds(text):
    """Of a time such as 2026-11-23T00:00:00.123456Z."""
    whole, fraction = text.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)


def write_kubeconfig(path, target):
    token = getattr(target, "varde_token", target.token)
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{target.port}", "insecure-skip-tls-verify": True}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}))


class Delivery:
    """One `varde up` with a platform repository, and perhaps a cluster added by kubeconfig as `member`."""

    def __init__(self, program, folder, platform, kubeconfig=None, environment=None):
        self.program, self.folder, self.platform, self.kubeconfig = program, folder, platform, kubeconfig
        self.environment = environment
        self.process = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self):
        words = [self.program, "up", "--data", str(self.folder / "data"), "--console", "127.0.0.1:0", "--kube", "127.0.0.1:0",
                 "--platform", str(self.platform)]
        if self.kubeconfig:
            words += ["--add-kubeconfig", f"member={self.kubeconfig}"]
        (self.folder / "data/client.json").unlink(missing_ok=True)
        self.started = time.time()
        with open(self.folder / "varde.log", "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, env=self.environment)
        return self

    @property
    def pid(self):
        return self.process.pid

    def cpu(self):
        return load.cpu(self.pid)

    def memory(self):
        return load.memory(self.pid)

    def ask(self, path, timeout=30):
        client = json.loads((self.folder / "data/client.json").read_text())
        request = urllib.request.Request(client["console"] + path, headers={"Authorization": "Bearer " + client["token"]})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)

    def wait(self, applications, seconds, pause=.05):
        """Until that many applications, the platform's own not counted, are synced and no other is there; the moment."""
        end = time.time() + seconds
        counts = {}
        while time.time() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"varde ended: {(self.folder / 'varde.log').read_text()[-2000:]}")
            try:
                counts = self.ask("/api/v1/status")["applications"]
                if counts["total"] == applications + 1 == counts["synced"]:
                    return time.time()
            except (OSError, ValueError):
                pass
            time.sleep(pause)
        raise SystemExit(f"after {seconds} s only this was reached: {counts}")

    def settle(self, seconds=20):
        """Until the process is idle."""
        end = time.time() + seconds
        while time.time() < end:
            before = self.cpu()
            time.sleep(.5)
            if self.cpu() - before < .015:
                return

    def stop(self, sign=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sign)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
