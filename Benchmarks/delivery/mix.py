"""The objects that are delivered: per namespace 8 ConfigMaps of 1 KB, 4 Secrets, 3 Deployments, 3 Services, 1 ServiceAccount, 1 Role."""
import base64, json

PER_NAMESPACE = 20
TEAM = "bench:tenant:bench"
RBAC = "rbac.authorization.k8s.io"

PATHS = {
    "ConfigMap": "api/v1/namespaces/{}/configmaps/{}", "Secret": "api/v1/namespaces/{}/secrets/{}",
    "Service": "api/v1/namespaces/{}/services/{}", "ServiceAccount": "api/v1/namespaces/{}/serviceaccounts/{}",
    "Deployment": "apis/apps/v1/namespaces/{}/deployments/{}",
    "Role": "apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/{}",
}


def config_map(name, text, size=1000):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"text": f"{text} " + "x" * size}}


def objects(mark):
    """Twenty objects; `mark` makes them differ from those of another namespace."""
    made = [config_map(f"config-{i}", f"{mark}-{i}") for i in range(8)]
    made += [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"secret-{i}"}, "stringData": {"password": f"{mark}-{i}"}}
             for i in range(4)]
    for i in range(3):
        labels = {"app": f"web-{i}"}
        container = {"name": "web", "image": "registry.example/web:1", "ports": [{"containerPort": 8080, "protocol": "TCP"}]}
        made.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"web-{i}"}, "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}})
        made.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"web-{i}"},
                     "spec": {"selector": labels, "ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]}})
    made.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}})
    made.append({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "web"},
                 "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]})
    return made


def manifests(made):
    """Several documents of YAML; JSON is YAML."""
    return "\n---\n".join(json.dumps(one) for one in made) + "\n"


def files(directory, made):
    """A file for each object, as people keep them."""
    return {f"{directory}/{one['kind'].lower()}-{one['metadata']['name']}.yaml": manifests([one]) for one in made}


def delivered(namespace, mark, team):
    """The objects as a deployer sends them to one namespace: with their place, its marks, and secrets encoded."""
    made = objects(mark)
    for one in made:
        group = one["apiVersion"].partition("/")[0] if "/" in one["apiVersion"] else ""
        name = one["metadata"]["name"]
        place = f"{team}/member.{namespace}:{group}/{one['kind']}:{namespace}/{name}"
        one["metadata"] |= {"namespace": namespace, "labels": {f"{team}.dev/application": "0123456789abcdef0123"},
                            "annotations": {f"{team}.dev/tracking-id": place}}
        if texts := one.pop("stringData", None):
            one["data"] = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return made


def applies(target, namespaces, mark):
    """The requests with which a load generator does the same: one server-side apply for each object, as the namespace's team."""
    requests = []
    for namespace in namespaces:
        for one in delivered(namespace, f"{mark}-{namespace}", "bench"):
            path = PATHS[one["kind"]].format(namespace, one["metadata"]["name"])
            requests.append(target.apply("/" + path, json.dumps(one, separators=(",", ":")).encode(),
                                         extra=f"Impersonate-User: {TEAM}\r\n"))
    return requests


def namespace(name):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": name, "labels": {"bench.dev/tenant": "bench", "pod-security.kubernetes.io/enforce": "baseline"},
        "annotations": {"bench.dev/tenant": "bench", "bench.dev/cluster": "member", "bench.dev/claim-uid": "0123456789abcdef0123"}}}


def binding(namespace):
    """The rights that a team gets in each of its namespaces; Varde applies them, too."""
    return {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding",
            "metadata": {"name": "bench-tenant", "namespace": namespace, "labels": {"bench.dev/tenant": "bench"}},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "bench-tenant"},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": TEAM}]}


def role_apply(target):
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "bench-tenant"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    return target.apply(f"/apis/{RBAC}/v1/clusterroles/bench-tenant", json.dumps(role).encode())


def namespace_applies(target, namespaces):
    return [target.apply(f"/api/v1/namespaces/{name}", json.dumps(namespace(name)).encode()) for name in namespaces]


def binding_applies(target, namespaces):
    return [target.apply(f"/apis/{RBAC}/v1/namespaces/{name}/rolebindings/bench-tenant", json.dumps(binding(name)).encode())
            for name in namespaces]
