"""What watching costs: applications whose Deployments have made many pods, and a restart of the Varde that watches them."""
import json, time

import load, mix
from repositories import Repository, cluster, tenant
from world import Delivery

OWNER = {"apiVersion": "apps/v1", "blockOwnerDeletion": True, "controller": True}


def replica_set(deployment, name, uid):
    labels = {"app": "web", "pod-template-hash": "7d4b9c6f5d"}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": name, "labels": labels, "annotations": {"deployment.kubernetes.io/revision": "1"},
                         "ownerReferences": [{**OWNER, "kind": "Deployment", "name": deployment, "uid": uid}]},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
                "containers": [{"name": "web", "image": "registry.example/web:1"}]}}}}


def pod(owner, uid, number):
    """What charts give a pod; about 3 KB as an API server keeps it."""
    container = {
        "name": "web", "image": "registry.example.com/platform/web:1.20.3",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "SETTING", "value": "value-of-the-setting"},
                {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": True}]}
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"{owner}-{number:05}", "labels": {"app": "web", "pod-template-hash": "7d4b9c6f5d"},
                         "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8081"},
                         "ownerReferences": [{**OWNER, "kind": "ReplicaSet", "name": owner, "uid": uid}]},
            "spec": {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": "web"}}],
                     "nodeSelector": {"kubernetes.io/os": "linux"}, "schedulerName": "none"}}


class Viewing:
    """`applications` with one Deployment each; `make` gives each of them a ReplicaSet with as many pods as asked for."""

    def __init__(self, program, folder, member, applications):
        self.member, self.names = member, [f"view-{i:05}" for i in range(applications)]
        deployment = [one for one in mix.objects("view") if one["kind"] == "Deployment"][0]
        apps = Repository(folder / "apps.git", {f"env/member/{name}/web.yaml": mix.manifests([deployment]) for name in self.names})
        platform = Repository(folder / "platform.git", {"tenants/view.yaml": tenant("view", apps.bare), "clusters/README": "None\n"})
        self.varde = Delivery(program, folder / "varde", platform.bare, member.kubeconfig)

    def make(self, pods):
        target = self.member.target
        owners = {}
        for name in self.names:
            body = target.call("GET", f"/apis/apps/v1/namespaces/{name}/deployments/web-0")[1]
            made = replica_set("web-0", "web-0-7d4b9c6f5d", json.loads(body)["metadata"]["uid"])
            body = target.call("POST", f"/apis/apps/v1/namespaces/{name}/replicasets", json.dumps(made).encode())[1]
            owners[name] = json.loads(body)["metadata"]["uid"]
        requests = [target.request("POST", f"/api/v1/namespaces/{name}/pods", json.dumps(pod("web-0-7d4b9c6f5d", uid, i)).encode())
                    for i in range(pods) for name, uid in owners.items()]
        result = load.run(target, requests, 32)
        if set(result.statuses) != {201}:
            raise SystemExit(f"{target.name} answered {result.statuses}")
        return target.call("GET", f"/api/v1/namespaces/{self.names[0]}/pods/web-0-7d4b9c6f5d-00000")[1]

    def seen(self):
        """How many objects the trees of all applications have, as the API tells them."""
        return sum(item["counts"]["total"] for item in self.varde.ask("/api/v1/applications?tenant=view")["items"])

    def wait_for_pods(self, pods, seconds):
        """The moment at which the last application's tree has all its pods."""
        end = time.time() + seconds
        rest = list(self.names)
        while time.time() < end:
            while rest:
                try:
                    nodes = self.varde.ask(f"/api/v1/applications/view/member.{rest[-1]}")["objects"]
                except (OSError, ValueError, KeyError):
                    break
                if sum(node["kind"] == "Pod" for node in nodes) < pods:
                    break
                rest.pop()
            if not rest:
                return time.time()
            time.sleep(.05)
        raise SystemExit(f"{len(rest)} applications lack pods after {seconds} s")
