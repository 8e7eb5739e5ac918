"""kubectl against an embedded cluster: what people type, and what it prints."""
import base64
import json
import pathlib
import re
import subprocess
import tempfile
import urllib.request

from harness import CONTEXT, check, contains, equal, holds, main, run, unique, until
from harness import kubectl as plain

NS = unique("kc")
HOME = tempfile.TemporaryDirectory(prefix="varde-kubectl-")
GROUP = unique("group") + ".example.org"


def kubectl(*arguments, **options):
    return plain("--namespace", NS, *arguments, **options)


def file(name, text):
    path = pathlib.Path(HOME.name) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if text.startswith("#!"):
        path.chmod(0o755)
    return str(path)


def columns(text):
    """The rows of a table, as lists of cells."""
    return [re.split(r" {2,}", line.strip()) for line in text.strip().splitlines()]


WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29", ports: [{containerPort: 80}]}]}
"""


@check("version, cluster-info, api-versions, api-resources tell what the cluster is")
def about():
    plain("create", "namespace", NS)
    contains(plain("version"), "Server Version: v1.36.2")
    contains(plain("cluster-info"), "Kubernetes control plane is running at https://127.0.0.1:")
    holds({"v1", "apps/v1", "policy/v1", "autoscaling/v2"} <= set(plain("api-versions").split()), "a version is missing")
    table = columns(plain("api-resources", "--api-group=apps", "-o", "wide"))
    equal(table[0], ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"])
    contains(plain("api-resources", "--verbs=list", "--namespaced", "-o", "name"), "deployments.apps")
    contains(plain("api-resources", "--categories=all", "-o", "name"), "statefulsets.apps")
    equal(len(columns(plain("get", "nodes", "-o", "wide"))), 4)


@check("explain shows fields of built-in and custom kinds, also recursively")
def explain():
    text = plain("explain", "deployment.spec.strategy.rollingUpdate")
    contains(text, "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: rollingUpdate <RollingUpdateDeployment>")
    contains(text, "maxSurge\t<IntOrString>")
    contains(plain("explain", "pod", "--recursive"), "    containers\t<[]Container> -required-")
    contains(plain("explain", "hpa.spec.metrics", "--api-version=autoscaling/v2"), "<[]MetricSpec>")
    contains(plain("explain", "pod.spec.nonsense", status=1), 'field "nonsense" does not exist')
    contains(plain("explain", "gizmos", status=1), 'the server doesn\'t have a resource type "gizmos"')


@check("Every form of create makes an object")
def create():
    for arguments, said in [
            (["deployment", "made", "--image=nginx:1.29", "--replicas=2", "--port=80"], "deployment.apps/made"),
            (["configmap", "c", "--from-literal=a=b"], "configmap/c"), (["secret", "generic", "s", "--from-literal=a=b"], "secret/s"),
            (["secret", "docker-registry", "d", "--docker-server=x", "--docker-username=u", "--docker-password=p"], "secret/d"),
            (["job", "j", "--image=busybox:1.37", "--", "true"], "job.batch/j"),
            (["cronjob", "cj", "--image=busybox:1.37", "--schedule=0 0 1 1 *", "--", "true"], "cronjob.batch/cj"),
            (["job", "jj", "--from=cronjob/cj"], "job.batch/jj"), (["role", "r", "--verb=get,list", "--resource=pods"], "role.rbac.authorization.k8s.io/r"),
            (["rolebinding", "rb", "--role=r", "--user=jane"], "rolebinding.rbac.authorization.k8s.io/rb"),
            (["serviceaccount", "robot"], "serviceaccount/robot"), (["quota", "q", "--hard=pods=100"], "resourcequota/q"),
            (["poddisruptionbudget", "p", "--selector=app=web", "--min-available=1"], "poddisruptionbudget.policy/p"),
            (["ingress", "i", "--rule=a.example.org/*=web:80"], "ingress.networking.k8s.io/i"),
            (["service", "clusterip", "ci", "--tcp=80:8080"], "service/ci"), (["service", "nodeport", "np", "--tcp=80:8080"], "service/np"),
            (["service", "externalname", "en", "--external-name=x.example.org"], "service/en"),
            (["service", "clusterip", "hl", "--clusterip=None"], "service/hl")]:
        equal(kubectl("create", *arguments), f"{said} created\n")
    holds(kubectl("create", "token", "robot").count(".") == 2, "no token")
    contains(kubectl("create", "configmap", "c", status=1), 'error: failed to create configmap: configmaps "c" already exists')
    contains(kubectl("create", "configmap", "dry", "--dry-run=server", "-o", "yaml"), "kind: ConfigMap")
    contains(kubectl("get", "configmap", "dry", status=1), "NotFound")


@check("run, expose, autoscale and set change what runs")
def imperative():
    kubectl("apply", "-f", file("web.yaml", WEB))
    contains(kubectl("rollout", "status", "deployment/web", "--timeout=60s"), "successfully rolled out")
    equal(kubectl("run", "solo", "--image=nginx:1.29", "--labels=a=b", "--env=X=1"), "pod/solo created\n")
    equal(kubectl("expose", "deployment", "web", "--port=80"), "service/web exposed\n")
    equal(kubectl("autoscale", "deployment", "web", "--min=2", "--max=4", "--cpu=80%"), "horizontalpodautoscaler.autoscaling/web autoscaled\n")
    equal(kubectl("set", "image", "deployment/web", "web=nginx:1.30"), "deployment.apps/web image updated\n")
    equal(kubectl("set", "env", "deployment/web", "A=B"), "deployment.apps/web env updated\n")
    contains(kubectl("set", "env", "deployment/web", "--list"), "A=B")
    equal(kubectl("set", "resources", "deployment/web", "--requests=cpu=10m"), "deployment.apps/web resource requirements updated\n")
    equal(kubectl("set", "serviceaccount", "deployment/web", "robot"), "deployment.apps/web serviceaccount updated\n")
    equal(kubectl("set", "selector", "service/np", "app=web"), "service/np selector updated\n")
    equal(kubectl("set", "subject", "rolebinding/rb", "--user=joe"), "rolebinding.rbac.authorization.k8s.io/rb subjects updated\n")
    contains(kubectl("rollout", "status", "deployment/web", "--timeout=60s"), "successfully rolled out")


@check("Rollouts have a history, are undone, paused, resumed, restarted")
def rollouts():
    equal(len(columns(kubectl("rollout", "history", "deployment/web"))) >= 5, True)
    contains(kubectl("rollout", "history", "deployment/web", "--revision=2"), "nginx:1.30")
    contains(kubectl("rollout", "undo", "deployment/web", "--to-revision=1"), "deployment.apps/web rolled back\n")
    kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    equal(kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"), "nginx:1.29")
    equal(kubectl("rollout", "pause", "deployment/web"), "deployment.apps/web paused\n")
    contains(kubectl("rollout", "restart", "deployment/web", status=1), "can't restart paused deployment")
    equal(kubectl("rollout", "resume", "deployment/web"), "deployment.apps/web resumed\n")
    equal(kubectl("rollout", "restart", "deployment/web"), "deployment.apps/web restarted\n")
    contains(kubectl("rollout", "status", "deployment/web", "--timeout=60s"), "successfully rolled out")


@check("get prints tables, wide, sorted, selected, as columns, paths and templates")
def printing():
    equal(columns(kubectl("get", "deployment", "web"))[0], ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"])
    until(lambda: columns(kubectl("get", "deployment", "web"))[1][:4] == ["web", "2/2", "2", "2"], "two pods")
    equal(columns(kubectl("get", "pods", "-o", "wide"))[0], ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"])
    equal(kubectl("get", "pods", "solo", "-o", "custom-columns=N:.metadata.name,I:.spec.containers[*].image"), "N      I\nsolo   nginx:1.29\n")
    equal(kubectl("get", "pods", "-l", "a=b", "-o", "jsonpath={range .items[*]}{.metadata.name}={.status.phase}{end}"), "solo=Running")
    equal(kubectl("get", "pods", "-l", "a=b", "-o", "go-template={{range .items}}{{.metadata.name}}{{end}}"), "solo")
    equal(kubectl("get", "pod", "solo", "-o", "name"), "pod/solo\n")
    contains(kubectl("get", "pods", "--show-labels", "-L", "a"), "a=b")
    names = kubectl("get", "configmaps,secrets", "--sort-by=.metadata.name", "-o", "name").split()
    equal(names, sorted(names, key=lambda name: name.split("/")[1]))
    equal(kubectl("get", "pods", "--field-selector=metadata.name=solo,status.phase=Running", "--no-headers").split()[0], "solo")
    contains(kubectl("get", "pods", "--field-selector=foo=bar", status=1), "field label not supported: foo")
    equal(kubectl("get", "pods", "--chunk-size=1", "-o", "name"), kubectl("get", "pods", "-o", "name"))
    contains(kubectl("get", "all"), "replicaset.apps/web-")
    contains(kubectl("get", "deployment", "web", "--subresource=scale", "-o", "yaml"), "kind: Scale")
    equal(kubectl("get", "deployment", "web", "--subresource=status", "--no-headers").split()[0], "web")
    contains(kubectl("get", "pods", "nothing", status=1), 'Error from server (NotFound): pods "nothing" not found')
    contains(kubectl("get", "gizmos", status=1), 'the server doesn\'t have a resource type "gizmos"')
    equal(kubectl("get", "pods", "nothing", "--ignore-not-found"), "")
    contains(plain("get", "--raw", f"/api/v1/namespaces/{NS}/pods/solo"), '"name":"solo"')
    contains(plain("get", "pods", "-A"), "NAMESPACE")
    contains(kubectl("get", "hpa", "web"), "cpu: <unknown>/80%")


@check("get --watch and its table follow what happens")
def watching():
    process = subprocess.Popen(["kubectl", "--context", CONTEXT, "-n", NS, "get", "configmaps", "-w", "--output-watch-events", "-l", "w=yes"],
                               stdout=subprocess.PIPE, text=True)
    try:
        kubectl("create", "configmap", "watched")
        kubectl("label", "configmap", "watched", "w=yes")
        kubectl("label", "configmap", "watched", "w-")
        lines = [process.stdout.readline() for _ in range(3)]
    finally:
        process.kill()
    equal([columns(line)[0][:2] for line in lines], [["EVENT", "NAME"], ["ADDED", "watched"], ["DELETED", "watched"]])


@check("describe shows pods, deployments, nodes, services, budgets and autoscalers with their events")
def describe():
    pod = kubectl("describe", "pod", "solo")
    for part in ["Status:           Running", "Ready:          True", "Successfully assigned", "image \"nginx:1.29\"", "QoS Class:"]:
        contains(re.sub(r"Status: +", "Status:           ", pod), part)
    contains(kubectl("describe", "deployment", "web"), "ScalingReplicaSet")
    node = plain("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
    contains(plain("describe", "node", node), "Non-terminated Pods:")
    contains(kubectl("describe", "service", "web"), "Endpoints:                10.")
    contains(kubectl("describe", "hpa", "web"), "ScalingActive")
    contains(kubectl("describe", "pdb", "p"), "Allowed disruptions:")
    contains(kubectl("describe", "quota", "q"), "Used  Hard")
    contains(kubectl("events", "--for", "pod/solo"), "Started")
    contains(kubectl("get", "events", "--sort-by=.lastTimestamp"), "LAST SEEN")


@check("label, annotate, taint, scale and all kinds of patch")
def changes():
    equal(kubectl("label", "pod", "solo", "x=y"), "pod/solo labeled\n")
    contains(kubectl("label", "pod", "solo", "x=z", status=1), "--overwrite is false")
    equal(kubectl("label", "pod", "solo", "x-"), "pod/solo unlabeled\n")
    equal(kubectl("annotate", "pod", "solo", "n=1"), "pod/solo annotated\n")
    # In the order of a Go map, which is another one each time.
    equal(sorted(kubectl("annotate", "pod", "solo", "--list").split()), ["n=1", "sim.varde.dev/simulated=true"])
    node = plain("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
    equal(plain("taint", "nodes", node, "k=v:NoSchedule"), f"node/{node} tainted\n")
    equal(plain("taint", "nodes", node, "k-"), f"node/{node} untainted\n")
    for kind, patch in [("json", '[{"op":"replace","path":"/spec/replicas","value":3}]'), ("merge", '{"spec":{"replicas":4}}'),
                        ("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.31"}]}}}}')]:
        equal(kubectl("patch", "deployment", "web", f"--type={kind}", "-p", patch), "deployment.apps/web patched\n")
    # kubectl compares whole objects: of one that no controller is at work on, or a new status would be a change too.
    equal(kubectl("patch", "serviceaccount", "robot", "--type=merge", "-p", "{}"), "serviceaccount/robot patched (no change)\n")
    equal(kubectl("patch", "deployment", "web", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":2}}'), "scale.autoscaling/web patched\n")
    contains(kubectl("scale", "deployment", "web", "--replicas=1", "--current-replicas=9", status=1), "Expected replicas to be 9, was 2")
    equal(kubectl("scale", "deployment", "web", "--replicas=3"), "deployment.apps/web scaled\n")


@check("apply, diff, prune, replace and edit keep files and cluster alike")
def files():
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {set: x}}\ndata: {a: '1'}\n"
    two = one.replace("one", "two")
    both, single = file("both.yaml", f"{one}---\n{two}"), file("one.yaml", one.replace("'1'", "'2'"))
    equal(kubectl("apply", "-f", both), "configmap/one created\nconfigmap/two created\n")
    equal(kubectl("apply", "-f", both), "configmap/one unchanged\nconfigmap/two unchanged\n")
    difference = kubectl("diff", "-f", single, status=1)
    contains(difference, "-  a: \"1\"\n+  a: \"2\"")
    equal(kubectl("apply", "--prune", "-l", "set=x", "--prune-allowlist=core/v1/ConfigMap", "-f", single), "configmap/one configured\nconfigmap/two pruned\n")
    equal(kubectl("diff", "-f", single), "")
    equal(kubectl("apply", "--server-side", "--force-conflicts", "-f", single), "configmap/one serverside-applied\n")
    contains(kubectl("apply", "view-last-applied", "configmap/one"), 'a: "2"')
    equal(kubectl("replace", "-f", single), "configmap/one replaced\n")
    equal(kubectl("replace", "--force", "-f", single), 'configmap "one" deleted\nconfigmap/one replaced\n'.replace(
        '"one" deleted', f'"one" deleted from {NS} namespace'))
    editor = file("editor.sh", "#!/bin/sh\nsed -i 's/a: \"2\"/a: \"3\"/' \"$1\"\n")
    equal(kubectl("edit", "configmap", "one", env={"KUBE_EDITOR": editor}), "configmap/one edited\n")
    equal(kubectl("get", "configmap", "one", "-o", "jsonpath={.data.a}"), "3")
    contains(kubectl("apply", "-f", file("bad.yaml", one.replace("\ndata", "\ndataa")), status=1), 'unknown field "dataa"')
    file("k/kustomization.yaml", "namePrefix: k-\nresources: [one.yaml]\n")
    file("k/one.yaml", one)
    equal(kubectl("apply", "-k", f"{HOME.name}/k"), "configmap/k-one created\n")
    equal(kubectl("delete", "-k", f"{HOME.name}/k"), f'configmap "k-one" deleted from {NS} namespace\n')


@check("wait returns for conditions, json paths, creation and deletion, and not before")
def waiting():
    contains(kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s"), "condition met")
    contains(kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/solo", "--timeout=30s"), "condition met")
    contains(kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/solo", "--timeout=1s", status=1), "timed out")
    late = subprocess.Popen(["kubectl", "--context", CONTEXT, "-n", NS, "wait", "--for=create", "configmap/late", "--timeout=30s"], stdout=subprocess.PIPE, text=True)
    kubectl("create", "configmap", "late")
    contains(late.communicate(timeout=40)[0], "condition met")
    kubectl("delete", "pod", "solo", "--wait=false")
    kubectl("wait", "--for=delete", "pod/solo", "--timeout=60s")


@check("Logs are read; what would need a real container is refused in words")
def pods():
    kubectl("run", "talker", "--image=nginx:1.29")
    kubectl("wait", "--for=condition=Ready", "pod/talker", "--timeout=60s")
    contains(kubectl("logs", "talker"), "[simulated]")
    contains(kubectl("logs", "deployment/web", "--all-containers", "--prefix", "--tail=1"), "[pod/web-")
    contains(kubectl("logs", "talker", "-c", "nope", status=1), "container nope is not valid for pod talker")
    for arguments in [["exec", "talker", "--", "ls"], ["cp", "talker:/etc/hosts", f"{HOME.name}/hosts"], ["port-forward", "pod/talker", ":80"], ["attach", "talker"]]:
        text = kubectl(*arguments, status=1)
        contains(text, "simulated")
        holds("json parse error" not in text, f"no word that helps:\n{text}")
    contains(plain("top", "nodes", status=1), "Metrics API not available")


@check("auth: can-i, whoami, reconcile")
def auth():
    equal(kubectl("auth", "can-i", "create", "pods"), "yes\n")
    equal(kubectl("auth", "can-i", "create", "pods", "--as=eva", status=1), "no\n")
    equal(kubectl("auth", "can-i", "get", "pods", "--as=joe"), "yes\n")
    contains(kubectl("auth", "can-i", "--list", "--as=joe"), "[get list]")
    contains(plain("auth", "whoami"), "system:masters")
    rules = file("role.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n" +
                 f"metadata: {{name: r, namespace: {NS}}}\nrules: [{{apiGroups: [''], resources: [pods], verbs: [watch]}}]\n")
    contains(kubectl("auth", "reconcile", "-f", rules), "role.rbac.authorization.k8s.io/r reconciled")
    contains(kubectl("get", "pods", "--as=eva", status=1), 'User "eva" cannot list resource "pods"')


@check("cordon, drain and uncordon move pods, and keep to the disruption budget")
def drain():
    node = kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].spec.nodeName}")
    text = plain("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s")
    contains(text, f"node/{node} drained")
    contains(plain("get", "node", node), "Ready,SchedulingDisabled")
    equal(plain("uncordon", node), f"node/{node} uncordoned\n")
    kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")


@check("A custom kind is explained, listed with its columns and short name, and gone with its definition")
def custom():
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"kites.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": {"plural": "kites", "kind": "Kite", "shortNames": ["kt"], "categories": ["toys"]},
                 "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": {
                     "specReplicasPath": ".spec.tails", "statusReplicasPath": ".status.tails"}},
                     "additionalPrinterColumns": [{"name": "Tails", "type": "integer", "jsonPath": ".spec.tails"},
                                                  {"name": "Colour", "type": "string", "jsonPath": ".spec.colour", "priority": 1},
                                                  {"name": "Flown", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
                     "schema": {"openAPIV3Schema": {"type": "object", "description": "A kite.", "properties": {
                         "spec": {"type": "object", "required": ["tails"], "properties": {
                             "tails": {"type": "integer", "maximum": 9, "description": "How many tails."},
                             "colour": {"type": "string", "enum": ["red", "blue"], "default": "red",
                                        "x-kubernetes-validations": [{"rule": "self != ''"}]}}},
                         "status": {"type": "object", "properties": {"tails": {"type": "integer"}}}}}}}]}}
    said = plain("create", "-f", "-", stdin=json.dumps(definition))
    contains(said, "Warning: spec.versions[v1].schema: x-kubernetes-validations are kept, but this API server does not evaluate them")
    plain("wait", "--for=condition=Established", f"crd/kites.{GROUP}", "--timeout=20s")
    contains(plain("explain", "kites", f"--api-version={GROUP}/v1"), "DESCRIPTION:\n    A kite.")
    contains(plain("explain", "kites.spec", f"--api-version={GROUP}/v1", "--recursive"), "colour\t<string>\n  enum: red, blue")
    contains(plain("api-resources", f"--api-group={GROUP}"), "kt")
    kite = {"apiVersion": f"{GROUP}/v1", "kind": "Kite", "metadata": {"name": "k"}, "spec": {"tails": 3}}
    kubectl("apply", "-f", "-", stdin=json.dumps(kite))
    equal([row[:2] for row in columns(kubectl("get", "kt"))], [["NAME", "TAILS"], ["k", "3"]])
    equal(columns(kubectl("get", "toys", "-o", "wide"))[0], ["NAME", "TAILS", "COLOUR", "FLOWN"])
    equal(kubectl("scale", "kite/k", "--replicas=5"), f"kite.{GROUP}/k scaled\n")
    contains(kubectl("patch", "kite", "k", "--type=merge", "-p", '{"spec":{"tails":12}}', status=1),
             f'The Kite "k" is invalid: spec.tails: Invalid value: 12: spec.tails in body should be less than or equal to 9')
    contains(kubectl("patch", "kite", "k", "-p", '{"spec":{"tails":2}}', status=1), "application/strategic-merge-patch+json is not supported")
    kite["spec"]["string"] = "long"
    contains(kubectl("apply", "-f", "-", stdin=json.dumps(kite), status=1), 'unknown field "spec.string"')
    equal(plain("delete", "crd", f"kites.{GROUP}", "--timeout=30s"),
          f'customresourcedefinition.apiextensions.k8s.io "kites.{GROUP}" deleted\n')
    kubectl("get", "kites", status=1)


@check("proxy, raw paths and health checks")
def proxy():
    process = subprocess.Popen(["kubectl", "--context", CONTEXT, "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().rsplit(" ", 1)[1].strip()
        with urllib.request.urlopen(f"http://{address}/api/v1/namespaces/{NS}", timeout=10) as answer:
            equal(json.load(answer)["metadata"]["name"], NS)
    finally:
        process.terminate()
        process.wait(10)
    contains(plain("get", "--raw", "/readyz?verbose"), "[+]ping ok")
    contains(plain("get", "--raw", "/readyz?verbose"), "readyz check passed")
    equal(plain("get", "--raw", "/livez/ping"), "ok")
    contains(plain("get", "--raw", "/livez/nonsense", status=1), "NotFound")
    contains(plain("get", "--raw", "/openapi/v2"), '"io.k8s.api.apps.v1.Deployment"')
    contains(plain("get", "--raw", "/version"), '"gitVersion":')


@check("certificate requests are approved and denied; debug adds a container; a dump is written")
def others():
    key = f"{HOME.name}/key"
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-subj", "/CN=jane", "-out", key + ".csr")
    request = pathlib.Path(key + ".csr").read_bytes()
    name = unique("csr")
    plain("create", "-f", "-", stdin=json.dumps({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name}, "spec": {
            "request": base64.b64encode(request).decode(), "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}}))
    equal(plain("certificate", "approve", name), f"certificatesigningrequest.certificates.k8s.io/{name} approved\n")
    contains(plain("get", "csr", name), "Approved")
    plain("delete", "csr", name)
    kubectl("run", "debugged", "--image=nginx:1.29")
    kubectl("debug", "debugged", "--image=busybox:1.37", "--container=looker")
    equal(kubectl("get", "pod", "debugged", "-o", "jsonpath={.spec.ephemeralContainers[0].name}"), "looker")
    contains(plain("cluster-info", "dump", "--namespaces", NS, "--output-directory", f"{HOME.name}/dump"), "Cluster info dumped")
    holds(pathlib.Path(f"{HOME.name}/dump/{NS}/pods.json").exists(), "no pods in the dump")
    contains(plain("completion", "bash"), "complete")
    contains(run("kubectl", "__complete", "get", "--context", CONTEXT, "-n", NS, "deployment", ""), "web")


@check("delete removes by name, label and file, and the namespace at last with all it has")
def deletion():
    equal(kubectl("delete", "configmap", "late"), f'configmap "late" deleted from {NS} namespace\n')
    contains(kubectl("delete", "configmap", "late", status=1), 'configmaps "late" not found')
    equal(kubectl("delete", "configmap", "late", "--ignore-not-found"), "")
    contains(kubectl("delete", "-f", f"{HOME.name}/web.yaml", "--cascade=foreground"), "deleted")
    contains(kubectl("delete", "configmaps", "-l", "set=x"), "deleted")
    contains(kubectl("delete", "pods", "--all", "--force", "--grace-period=0"), "force deleted")
    contains(plain("delete", "namespace", NS, "--timeout=90s"), "deleted")
    contains(plain("get", "namespace", NS, status=1), "NotFound")


main()
