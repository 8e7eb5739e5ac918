"""The objects that are delivered: per namespace 8 ConfigMaps of 1 KB, 4 Secrets, 3 Deployments, 3 Services, 1 ServiceAccount, 1 Role."""
import json

PER_NAMESPACE = 20

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


def applies(target, namespaces, mark):
    """The requests with which a load generator does the same: one server-side apply for each object."""
    requests = []
    for namespace in namespaces:
        for one in objects(f"{mark}-{namespace}"):
            name = one["metadata"]["name"]
            requests.append(target.apply("/" + PATHS[one["kind"]].format(namespace, name), json.dumps(one).encode()))
    return requests


def namespace_applies(target, namespaces):
    return [target.apply(f"/api/v1/namespaces/{name}", json.dumps(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).encode()) for name in namespaces]


def binding_applies(target, namespaces):
    """The rights that a tenant gets in each of its namespaces; Varde applies them, too."""
    group = "rbac.authorization.k8s.io"
    binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": {"name": "varde-tenant"},
               "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "admin"},
               "subjects": [{"apiGroup": group, "kind": "User", "name": "varde:tenant:bench"}]}
    return [target.apply(f"/apis/{group}/v1/namespaces/{name}/rolebindings/varde-tenant", json.dumps(binding).encode())
            for name in namespaces]
