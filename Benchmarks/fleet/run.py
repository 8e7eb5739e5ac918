#!/usr/bin/env python3
"""How long a whole fleet takes from start to synced, and what it costs when nothing happens.

Makes a platform repository with CLUSTERS embedded clusters and one team with APPS applications of 20 objects each
(8 ConfigMaps of 1 KB, 4 Secrets, 3 Deployments, 3 Services, 1 ServiceAccount, 1 Role), starts `varde up` on it and
measures from the outside: time until all are synced, until all are healthy, memory, and the CPU of the idle process.
Clusters, nodes and pods are simulated; the API server, git and everything of delivery are real.

    Benchmarks/fleet/run.py [--varde PATH] [--apps 200] [--clusters 5] [--idle 20] [--keep DIR]
"""
import argparse, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, time, urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def manifests(name):
    objects = []
    for i in range(8):
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"config-{i}"},
                        "data": {"text": f"{name}-{i} " + "x" * 1000}})
    for i in range(4):
        objects.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"secret-{i}"},
                        "stringData": {"password": f"{name}-{i}"}})
    for i in range(3):
        labels = {"app": f"web-{i}"}
        objects.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"web-{i}"}, "spec": {
            "replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
                "containers": [{"name": "web", "image": "registry.example/web:1", "ports": [{"containerPort": 8080}]}]}}}})
        objects.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"web-{i}"},
                        "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]}})
    objects.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}})
    objects.append({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "web"},
                    "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]})
    # JSON is YAML.
    return "\n---\n".join(json.dumps(o) for o in objects) + "\n"


def git(*words, cwd):
    subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", *words], cwd=cwd, check=True,
                   stdout=subprocess.DEVNULL)


def repository(folder, files):
    work = folder.with_suffix(".work")
    for path, text in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    git("init", "-q", "-b", "main", ".", cwd=work)
    git("add", ".", cwd=work)
    git("commit", "-qm", "Everything", cwd=work)
    git("clone", "-q", "--bare", str(work), str(folder), cwd=folder.parent)
    return work


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", default=str(root / ".tools/bin/varde"))
    parser.add_argument("--apps", type=int, default=200)
    parser.add_argument("--clusters", type=int, default=5)
    parser.add_argument("--idle", type=float, default=20, help="seconds to measure the idle process")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--keep", help="work in this directory and leave it")
    options = parser.parse_args()
    work = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="varde-bench-"))
    work.mkdir(exist_ok=True)
    names = [f"c{i}" for i in range(options.clusters)]
    platform = {f"clusters/{n}.yaml": json.dumps({
        "apiVersion": "varde.dev/v1alpha1", "kind": "Cluster", "metadata": {"name": n},
        "spec": {"environment": "test", "location": "on-premises", "connection": {"embedded": {}},
                 "nodePools": [{"name": "workers", "replicas": 10, "cpu": "64", "memory": "256Gi"}]}}) for n in names}
    platform["tenants/team.yaml"] = json.dumps({
        "apiVersion": "varde.dev/v1alpha1", "kind": "Tenant", "metadata": {"name": "team"},
        "spec": {"prefixes": ["team"], "repositories": [{"url": "../apps.git"}]}})
    repository(work / "platform.git", platform)
    repository(work / "apps.git", {f"env/{names[i % len(names)]}/team-{i:05}/all.yaml": manifests(f"team-{i:05}")
                                   for i in range(options.apps)})
    data = work / "data"
    log = open(work / "log", "w")
    started = time.monotonic()
    process = subprocess.Popen([options.varde, "up", "--data", str(data), "--console", "127.0.0.1:0", "--kube", "127.0.0.1:0",
                                "--platform", str(work / "platform.git")], stdout=log, stderr=log)
    try:
        synced = healthy = None
        counts = {}
        while time.monotonic() - started < options.timeout:
            time.sleep(0.1)
            if process.poll() is not None:
                sys.exit(f"varde stopped: {(work / 'log').read_text()[-2000:]}")
            try:
                client = json.loads((data / "client.json").read_text())
                request = urllib.request.Request(client["console"] + "/api/v1/status",
                                                 headers={"Authorization": "Bearer " + client["token"]})
                counts = json.load(urllib.request.urlopen(request, timeout=5))["applications"]
            except (OSError, ValueError):
                continue
            now = time.monotonic() - started
            if counts["total"] > options.apps and counts["synced"] == counts["total"] and synced is None:
                synced = now
            if synced and counts["healthy"] == counts["total"]:
                healthy = now
                break
        print(f"applications            {options.apps} of 20 objects in {options.clusters} clusters")
        print(f"all synced after        {synced and round(synced, 1)} s ({synced and round(options.apps * 20 / synced)} objects a second)")
        print(f"all healthy after       {healthy and round(healthy, 1)} s   (pods are simulated)")
        print(f"CPU until then          {cpu(process.pid):.1f} s")
        print(f"memory                  {memory(process.pid):.0f} MB")
        if not healthy:
            print(f"not reached: {counts}")
        time.sleep(3)
        before, at = cpu(process.pid), time.monotonic()
        time.sleep(options.idle)
        print(f"idle                    {100 * (cpu(process.pid) - before) / (time.monotonic() - at):.2f} % of a core")
        at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        print(f"stopped in              {time.monotonic() - at:.2f} s, exit code {process.returncode}")
        sys.exit(0 if healthy else 1)
    finally:
        process.kill()
        log.close()
        if not options.keep:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
