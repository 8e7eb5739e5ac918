"""Plain HTTP, as curl and scripts speak it: discovery and schemas that can be revalidated, YAML, watches, errors."""
import base64
import json
import pathlib
import tempfile

import yaml

from harness import CONTEXT, check, contains, equal, holds, kubectl, main, run, unique, until

HOME = tempfile.TemporaryDirectory(prefix="varde-http-")
CONFIG = json.loads(run("kubectl", "config", "view", "--raw", "--minify", "--flatten", "--context", CONTEXT, "-o", "json"))
SERVER = CONFIG["clusters"][0]["cluster"]["server"]
TOKEN = CONFIG["users"][0]["user"]["token"]
AUTHORITY = pathlib.Path(HOME.name) / "ca.pem"
NS = unique("http")


def curl(path, *arguments, token=TOKEN, headers=False):
    authorization = ["-H", f"Authorization: Bearer {token}"] if token else []
    return run("curl", "-sS", "--cacert", str(AUTHORITY), *(["-i"] if headers else []), *authorization, *arguments, SERVER + path)


def answer(path, *arguments, **options):
    """Status, headers and body."""
    head, body = curl(path, *arguments, headers=True, **options).replace("\r\n", "\n").split("\n\n", 1)
    lines = head.split("\n")
    return int(lines[0].split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}, body


@check("curl talks to it with the certificate authority of the kubeconfig")
def start():
    AUTHORITY.write_bytes(base64.b64decode(CONFIG["clusters"][0]["cluster"]["certificate-authority-data"]))
    equal(json.loads(curl("/version"))["major"], "1")
    kubectl("create", "namespace", NS)
    text = curl(f"/api/v1/namespaces/{NS}")
    contains(text, '{\n  "kind": "Namespace",\n  "apiVersion": "v1",')


@check("Without a token little is said; with a wrong one nothing")
def anonymous():
    equal(answer("/livez", token="")[0], 200)
    status, _, body = answer("/api/v1/pods", token="")
    equal((status, json.loads(body)["message"]), (403, 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope'))
    status, _, body = answer("/api/v1/pods", token="wrong")
    equal((status, json.loads(body)["reason"]), (401, "Unauthorized"))


@check("Aggregated discovery, the OpenAPI index and its documents are revalidated by ETag")
def revalidation():
    aggregated = "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    for path, arguments in [("/apis", ["-H", aggregated]), ("/api", ["-H", aggregated]), ("/openapi/v3", []), ("/openapi/v2", [])]:
        status, headers, body = answer(path, *arguments)
        equal(status, 200, path)
        holds(body, f"{path} is empty")
        status, again, body = answer(path, *arguments, "-H", f"If-None-Match: {headers['etag']}")
        equal((status, body, again["etag"]), (304, "", headers["etag"]), path)
    index = json.loads(curl("/openapi/v3"))["paths"]
    address = index["apis/apps/v1"]["serverRelativeURL"]
    status, headers, body = answer(address)
    equal((status, headers["cache-control"]), (200, "public, immutable"))
    contains(body, '"io.k8s.api.apps.v1.DeploymentSpec"')
    status, headers, _ = answer("/openapi/v3/apis/apps/v1?hash=OLD")
    equal((status, headers["location"]), (301, address))


@check("The OpenAPI v2 document has a path and a definition for everything, and only references to what it has")
def swagger():
    document = json.loads(curl("/openapi/v2"))
    equal(document["swagger"], "2.0")
    post = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments"]["post"]
    equal(post["x-kubernetes-group-version-kind"], {"group": "apps", "version": "v1", "kind": "Deployment"})
    equal([p["name"] for p in post["parameters"] if p["in"] == "body"], ["body"])
    ports = document["definitions"]["io.k8s.api.core.v1.ServiceSpec"]["properties"]["ports"]
    equal(ports["x-kubernetes-patch-merge-key"], "port")

    def references(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for child in value.values():
                yield from references(child)
        elif isinstance(value, list):
            for child in value:
                yield from references(child)
    missing = {r for r in references(document) if r.removeprefix("#/definitions/") not in document["definitions"]}
    equal(missing, set())


@check("A new definition is in discovery and in both kinds of schema as soon as it is served, and gone after it")
def definitions():
    group = unique("group") + ".example.org"
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"owls.{group}"},
                  "spec": {"group": group, "scope": "Cluster", "names": {"plural": "owls", "kind": "Owl"}, "versions": [
                      {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                          "spec": {"type": "object", "properties": {"wise": {"type": "boolean"}}}}}}}]}}
    name = ".".join(reversed(group.split("."))) + ".v1.Owl"
    before = answer("/openapi/v2")[1]["etag"]
    curl("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "-H", "Content-Type: application/json", "-d", json.dumps(definition))
    until(lambda: answer(f"/apis/{group}/v1/owls")[0] == 200, "the kind is served")
    contains(curl("/apis"), group)
    contains(curl(f"/apis/{group}/v1"), '"owls"')
    holds(f"apis/{group}/v1" in json.loads(curl("/openapi/v3"))["paths"], "it is not in the OpenAPI index")
    equal(json.loads(curl(f"/openapi/v3/apis/{group}/v1"))["components"]["schemas"][name]["properties"]["spec"]["properties"], {"wise": {"type": "boolean"}})
    document = json.loads(curl("/openapi/v2"))
    equal(document["definitions"][name]["properties"]["spec"]["properties"], {"wise": {"type": "boolean"}})
    holds(f"/apis/{group}/v1/owls/{{name}}" in document["paths"], "it has no path")
    holds(answer("/openapi/v2")[1]["etag"] != before, "the ETag is the old one")
    curl(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/owls.{group}", "-X", "DELETE")
    until(lambda: answer(f"/apis/{group}/v1/owls")[0] == 404, "the kind is gone")
    equal(answer(f"/apis/{group}")[0], 404)
    holds(group not in curl("/openapi/v3"), "it is still in the OpenAPI index")


@check("Bodies and answers may be YAML")
def yaml_bodies():
    status, headers, body = answer(f"/api/v1/namespaces/{NS}/configmaps", "-H", "Content-Type: application/yaml", "-H", "Accept: application/yaml",
                                   "--data-binary", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: text}\ndata:\n  k: |\n    two\n    lines\n")
    equal((status, headers["content-type"]), (201, "application/yaml"))
    equal(yaml.safe_load(body)["data"], {"k": "two\nlines\n"})


@check("A watch is a stream of lines that ends when its time is over")
def watching():
    lines = curl(f"/api/v1/namespaces/{NS}/configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=text").splitlines()
    event = json.loads(lines[0])
    equal((event["type"], event["object"]["metadata"]["name"]), ("ADDED", "text"))


@check("Health checks can be asked one by one, and in words")
def health():
    equal(curl("/readyz/etcd"), "ok")
    equal(answer("/livez/nonsense")[0], 404)
    contains(curl("/livez?verbose&exclude=etcd"), "[+]etcd excluded: ok\n")
    contains(curl("/healthz?verbose=true"), "healthz check passed\n")


@check("What is wrong is said with a Status")
def errors():
    status, _, body = answer(f"/api/v1/namespaces/{NS}/configmaps", "-H", "Content-Type: application/json", "-d", '{"metadata":')
    equal((status, json.loads(body)["reason"]), (400, "BadRequest"))
    status, _, body = answer(f"/api/v1/namespaces/{NS}/configmaps/none")
    equal(json.loads(body)["details"], {"name": "none", "kind": "configmaps"})
    equal(answer("/apis/none.example.org/v1/things")[0], 404)
    equal(answer("/version", "-X", "DELETE")[0], 405)
    kubectl("delete", "namespace", NS, "--wait=false")


main()
