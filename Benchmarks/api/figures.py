"""The measurements, one function each; each takes the server that is measured."""
import json, select, statistics, time

import load, objects

ACCEPT_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def prepare(target):
    target.call("POST", "/api/v1/namespaces", json.dumps(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": objects.NAMESPACE}}).encode())


def applies(target, mark, count, in_flight=32):
    """Server-side applies of `count` ConfigMaps; the same mark again changes nothing."""
    requests = [target.apply(objects.path("configmaps", f"config-{i}"), objects.config_map(i, mark)) for i in range(count)]
    result = load.run(target, requests, in_flight)
    bad = {status: n for status, n in result.statuses.items() if status not in (200, 201)}
    if bad:
        raise SystemExit(f"{target.name} answered {bad}")
    return result


def create_pods(target, count):
    requests = [target.request("POST", objects.path("pods"), objects.pod(i)) for i in range(count)]
    return load.run(target, requests, 32)


def lists(target, accept, tries=5):
    """Seconds for the whole list of pods, best and median; bytes of it."""
    with target.connect() as connection:
        request = target.request("GET", "/api/v1/pods", accept=accept)
        taken = []
        for _ in range(tries):
            status, body, seconds = load.exchange(connection, request)
            if status != 200:
                raise SystemExit(f"{target.name} answered {status}")
            taken.append(seconds)
    return min(taken), statistics.median(taken), len(body)


def create_cluster(target, name):
    """Seconds from asking for an embedded cluster until it is there, with its address in the kubeconfig, and ready."""
    body = json.dumps({"apiVersion": "varde.dev/v1alpha1", "kind": "Cluster", "metadata": {"name": name}, "spec": {
        "environment": "bench", "location": "on-premises", "connection": {"embedded": {}},
        "nodePools": [{"name": "general", "replicas": 1, "cpu": "8", "memory": "32Gi"}]}}).encode()
    path = "/apis/varde.dev/v1alpha1/clusters"
    with target.connect() as connection:
        begin = time.perf_counter()
        status, answer, _ = load.exchange(connection, target.request("POST", path, body))
        if status != 201:
            raise SystemExit(f"{target.name} answered {status}: {answer[:500]}")
        while True:
            _, answer, _ = load.exchange(connection, target.request("GET", f"{path}/{name}"))
            conditions = json.loads(answer).get("status", {}).get("conditions", [])
            if any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions):
                return time.perf_counter() - begin
            if time.perf_counter() - begin > 30:
                raise SystemExit(f"cluster {name} is not ready after 30 s: {answer[:1000]}")
            time.sleep(.002)


class Watches:
    """Many watches of ConfigMaps, each on a connection of its own."""

    def __init__(self, target, count):
        self.target, self.poll, self.connections = target, select.epoll(), {}
        request = target.request("GET", objects.path("configmaps") + "?watch=1&resourceVersion=" + self.version())
        for _ in range(count):
            connection = target.connect()
            connection.sendall(request)
            self.connections[connection.fileno()] = connection
        for number, connection in self.connections.items():
            connection.recv(65536)
            connection.setblocking(False)
            self.poll.register(connection, select.EPOLLIN)

    def version(self):
        _, body, _ = self.target.call("GET", objects.path("configmaps") + "?limit=1")
        return json.loads(body)["metadata"]["resourceVersion"]

    def idle(self, seconds):
        """Processor time that the server uses per second while nothing happens."""
        begin, start = self.target.cpu(), time.perf_counter()
        time.sleep(seconds)
        return (self.target.cpu() - begin) / (time.perf_counter() - start)

    def event(self, number):
        """Seconds from sending one write until the first, the middle and the last watcher have its event."""
        with self.target.connect() as writer:
            body = objects.config_map(0, f"event-{number}")
            request = self.target.apply(objects.path("configmaps", "config-0"), body)
            seen, times = set(), []
            begin = time.perf_counter()
            writer.sendall(request)
            while len(seen) < len(self.connections):
                for ready, _ in self.poll.poll(10):
                    try:
                        while True:
                            data = self.connections[ready].recv(65536)
                            if not data:
                                raise ConnectionError("a watch ended")
                            if b"event-%d" % number in data and ready not in seen:
                                seen.add(ready)
                                times.append(time.perf_counter() - begin)
                            if not self.connections[ready].pending():
                                break
                    except load.ssl.SSLWantReadError:
                        pass
            writer.recv(65536)
        return times[0], times[len(times) // 2], times[-1]

    def close(self):
        for connection in self.connections.values():
            connection.close()
