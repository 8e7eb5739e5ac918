"""The measurements, one function each."""
import json, pathlib, resource, statistics, subprocess, time

import load, mix
from repositories import Repository, cluster, tenant
from watching import Watch
from world import Delivery


def names(prefix, count):
    return [f"{prefix}-{i:05}" for i in range(count)]


def push_bare(target, prefix, count, in_flight=32):
    """What a bare load generator does with the same: seconds for namespaces and bindings, and the result for the objects.

    It sends what Varde sends, byte for byte but for names: the marks, and who acts for whom. Its connections are open before.
    """
    namespaces = names(prefix, count)
    load.run(target, [mix.role_apply(target)], 1)
    before = [load.run(target, make(target, namespaces), in_flight) for make in (mix.namespace_applies, mix.binding_applies)]
    # The server learns of bindings a little after it has them.
    time.sleep(.5)
    result = load.run(target, mix.applies(target, namespaces, prefix), in_flight)
    bad = {status: n for one in [*before, result] for status, n in one.statuses.items() if status not in (200, 201)}
    if bad:
        raise SystemExit(f"{target.name} answered {bad}")
    return sum(one.seconds for one in before), result


def push_kubectl(kubectl, member, folder, prefix, count):
    """Seconds that `kubectl apply --server-side` takes for the same: namespaces, their bindings, and the objects."""
    namespaces = names(prefix, count)
    folder.mkdir()
    for namespace in namespaces:
        made = [mix.namespace(namespace), mix.binding(namespace), *mix.delivered(namespace, f"{prefix}-{namespace}", "bench")]
        (folder / f"{namespace}.yaml").write_text(mix.manifests(made))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.time()
    subprocess.run([kubectl, "--kubeconfig", str(member.kubeconfig), "apply", "--server-side", "-f", str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.time() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Deliveries:
    """A Varde beside its member cluster, and two teams' repositories."""

    def __init__(self, program, folder, member):
        self.member = member
        self.apps = {name: Repository(folder / f"{name}.git", {"README.md": "Nothing yet\n"}) for name in ("one", "five")}
        platform = {f"tenants/{name}.yaml": tenant(name, self.apps[name].bare) for name in self.apps}
        self.platform = Repository(folder / "platform.git", {**platform, "clusters/README.md": "None\n"})
        self.varde = Delivery(program, folder / "varde", self.platform.bare, member.kubeconfig)
        self.expected = 0

    def first_sync(self, team, count):
        """Pushes `count` directories of twenty objects: seconds from the push until the last object is there, and requests."""
        namespaces = names(team, count)
        files = {}
        for name in namespaces:
            files |= mix.files(f"env/member/{name}", mix.objects(f"{team}-{name}"))
        self.varde.settle()
        mark, before, server = self.member.mark(), self.varde.cpu(), self.member.target.cpu()
        begun = self.apps[team].push(files, "Everything")
        self.expected += count
        done = self.varde.wait(self.expected, 240, pause=.5)
        requests = self.member.since(mark)
        applied = [moment for verb, kind, moment, namespace, _ in requests if verb == "patch" and namespace.startswith(team)]
        first = min(applied, default=begun)
        self.varde.settle()
        return {"seconds": (max(applied) if applied else done) - begun, "notice": first - begun, "requests": len(requests),
                "cpu": self.varde.cpu() - before, "server": self.member.target.cpu() - server, "verbs": count_by(requests),
                "memory": self.varde.memory()}

    def one_file(self, team, times):
        """A commit that changes one ConfigMap: milliseconds from the push until it is on the API server, and requests."""
        taken, requests = [], []
        for number in range(times):
            namespace = f"{team}-{number * 7:05}"
            watch = Watch(self.member.target, f"/api/v1/namespaces/{namespace}/configmaps")
            one = mix.config_map("config-3", f"changed-{number}")
            mark = self.member.mark()
            begun = self.apps[team].push({f"env/member/{namespace}/configmap-config-3.yaml": mix.manifests([one])})
            moment = watch.next(lambda kind, thing: thing["data"]["text"].startswith(f"changed-{number} "))
            watch.close()
            if moment is None:
                raise SystemExit(f"the change of {namespace} never came")
            taken.append((moment - begun) * 1e3)
            self.varde.settle()
            requests.append(self.member.since(mark))
        return taken, requests

    def irrelevant(self, team, count, times):
        """Commits beside all directories, and commits that change a comment in every directory."""
        beside, inside, requests = [], [], []
        for number in range(times):
            for kind in ("beside", "inside"):
                self.varde.settle()
                mark, before = self.member.mark(), self.varde.cpu()
                if kind == "beside":
                    self.apps[team].push({"README.md": f"Words {number}\n"})
                else:
                    made = mix.objects(f"{team}-{team}-00000")[-1]
                    self.apps[team].push({f"env/member/{name}/role-web.yaml": f"# {number}\n{mix.manifests([made])}"
                                          for name in names(team, count)})
                time.sleep(1.5)
                self.varde.settle()
                used = (self.varde.cpu() - before) / count * 1e3
                (beside if kind == "beside" else inside).append(used)
                requests.append(self.member.since(mark))
        return beside, inside, requests

    def drift(self, team, times):
        """Milliseconds until an object that was deleted, and one that was edited, is as it was: from the event of the
        change to the event of the repair, as a client sees both."""
        deleted, edited = [], []
        target = self.member.target
        for number in range(times):
            # Each object only now and then: what is repaired five times in a minute is a fight.
            namespace, name = f"{team}-{number % 50:05}", f"config-{number // 50}"
            path = f"/api/v1/namespaces/{namespace}/configmaps"
            watch = Watch(target, path)
            target.call("DELETE", f"{path}/{name}")
            gone = watch.next(lambda kind, thing: kind == "DELETED" and thing["metadata"]["name"] == name)
            back = watch.next(lambda kind, thing: kind == "ADDED" and thing["metadata"]["name"] == name)
            deleted.append((back - gone) * 1e3)
            time.sleep(.05)
            other = f"config-{number // 50 + 4}"
            target.call("PATCH", f"{path}/{other}", json.dumps({"data": {"text": "mine"}}).encode(),
                        content="application/merge-patch+json")
            changed = watch.next(lambda kind, thing: thing["data"]["text"] == "mine")
            back = watch.next(lambda kind, thing: thing["metadata"]["name"] == other and thing["data"]["text"] != "mine")
            edited.append((back - changed) * 1e3)
            watch.close()
            time.sleep(.05)
        return deleted, edited


def count_by(requests):
    counts = {}
    for verb, kind, *_ in requests:
        counts[f"{verb} {kind}"] = counts.get(f"{verb} {kind}", 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def many_applications(program, folder, count, member=None, seconds=300):
    """`count` applications with one ConfigMap each, cold: seconds from start to all synced, memory then, CPU."""
    where = "member" if member else "solo"
    files = {f"env/{where}/many-{i:05}/config.yaml": mix.manifests([mix.config_map("config", f"many-{i}")]) for i in range(count)}
    apps = Repository(folder / "apps.git", files)
    platform = {"tenants/many.yaml": tenant("many", apps.bare)}
    if not member:
        platform["clusters/solo.yaml"] = cluster("solo")
    platform = Repository(folder / "platform.git", platform)
    varde = Delivery(program, folder / "varde", platform.bare, member and member.kubeconfig)
    try:
        varde.start()
        done = varde.wait(count, seconds, pause=.2)
        return done - varde.started, varde.memory(), varde.cpu()
    finally:
        varde.stop()


def median(values):
    return statistics.median(values)
