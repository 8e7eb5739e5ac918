"""Starts the servers that are measured: Varde, and a real kube-apiserver with etcd where there are binaries."""
import json, os, pathlib, secrets, signal, socket, subprocess, time

from load import Target


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(target, processes, path="/readyz", seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            if target.call("GET", path)[0] == 200:
                return target
        except OSError:
            pass
        if any(process.poll() is not None for process in processes):
            raise SystemExit(f"{target.name} ended while it started; see its log")
        if time.monotonic() > end:
            raise SystemExit(f"{target.name} does not answer after {seconds} s")
        time.sleep(.01)


class Varde:
    """One `varde up --empty`: its admin cluster is what is measured."""

    def __init__(self, program, folder):
        self.program, self.folder, self.port = program, folder, free_port()
        self.process = None

    def start(self):
        """Starts it; the target, and the seconds until it answered a list of ConfigMaps."""
        begin = time.perf_counter()
        with open(self.folder / "varde.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "up", "--data", str(self.folder / "data"), "--empty", "--console", "127.0.0.1:0",
                 "--kube", f"127.0.0.1:{self.port}"], stdout=log, stderr=log)
        config = self.folder / "data/kubeconfig"
        while not config.exists():
            if self.process.poll() is not None:
                raise SystemExit(f"{self.program} ended while it started; see {log.name}")
            time.sleep(.005)
        target = Target("varde", self.port, "", [self.process.pid])
        while True:
            target.token = self.token(config.read_text())
            try:
                if target.call("GET", "/api/v1/configmaps?limit=1", timeout=.3)[0] == 200:
                    return target, time.perf_counter() - begin
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"{self.program} ended while it started; see {log.name}")
            time.sleep(.005)

    @staticmethod
    def token(text):
        for line in text.splitlines():
            words = line.replace('"', " ").replace(",", " ").split()
            if "token:" in words:
                return words[words.index("token:") + 1]
        return ""

    def stop(self, sign=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sign)
            self.process.wait()
            self.process = None


class Real:
    """A real kube-apiserver with its etcd, and nothing else: no controllers, no nodes."""

    def __init__(self, binaries, folder):
        self.binaries, self.folder, self.processes = pathlib.Path(binaries), folder, []
        folder.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def find():
        """A folder with the binaries: VARDE_REAL_KUBERNETES, else where `scripts/real-kubernetes` puts them, else PATH."""
        given = os.environ.get("VARDE_REAL_KUBERNETES")
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "varde")
        folders = [given] if given else [*cache.glob("kubernetes-*"), *os.environ.get("PATH", "").split(":")]
        for folder in folders:
            if folder and all(os.access(pathlib.Path(folder, name), os.X_OK) for name in ("etcd", "kube-apiserver")):
                return str(folder)
        return None

    def run(self, *words):
        with open(self.folder / f"{words[0]}.log", "ab") as log:
            process = subprocess.Popen([str(self.binaries / words[0]), *words[1:]], stdout=log, stderr=log, cwd=self.folder)
        self.processes.append(process)

    def start(self, *options):
        """Starts both; `options` are more of the API server's. The user `varde` has a token, too, in `varde_token`."""
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

        openssl("genrsa", "-out", "account.key", "2048")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=benchmark", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", "server.key", "-out", "server.crt")
        token, other = secrets.token_hex(16), secrets.token_hex(16)
        (self.folder / "tokens.csv").write_text(
            f'{token},bench,bench,"system:masters"\n{other},varde,varde,"system:masters"\n')
        store, peer, port = free_port(), free_port(), free_port()
        self.run("etcd", "--data-dir", "etcd", "--listen-client-urls", f"http://127.0.0.1:{store}",
                 "--advertise-client-urls", f"http://127.0.0.1:{store}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                 "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster",
                 f"default=http://127.0.0.1:{peer}")
        self.run("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{store}", f"--secure-port={port}",
                 "--bind-address=127.0.0.1", "--tls-cert-file=server.crt", "--tls-private-key-file=server.key",
                 "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=account.key",
                 "--service-account-signing-key-file=account.key", "--service-cluster-ip-range=10.0.0.0/16",
                 "--token-auth-file=tokens.csv", "--authorization-mode=RBAC",
                 "--disable-admission-plugins=ServiceAccount", "--max-requests-inflight=4000",
                 "--max-mutating-requests-inflight=2000", *options)
        target = Target("real", port, token, [process.pid for process in self.processes])
        target.varde_token = other
        return wait(target, self.processes)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        self.processes = []
