"""Helm 4 against an embedded cluster: a chart with hooks, a test, a definition, and releases that fail and go back."""
import json
import pathlib
import re
import tempfile

from harness import CONTEXT, Failure, check, contains, equal, holds, kubectl, main, run, unique, until

NS = unique("helm")
GROUP = unique("group") + ".example.org"
HOME = tempfile.TemporaryDirectory(prefix="varde-helm-")
CHART = pathlib.Path(HOME.name) / "shop"
ENVIRONMENT = {"HELM_CACHE_HOME": f"{HOME.name}/cache", "HELM_CONFIG_HOME": f"{HOME.name}/config", "HELM_DATA_HOME": f"{HOME.name}/data"}

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: '9'\n",
    "values.yaml": "replicas: 2\nimage: nginx:1.29\nfail: ''\nbadField: false\nhookFails: false\n",
    "crds/boats.yaml": """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.GROUP}
spec:
  group: GROUP
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, listKind: BoatList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {sails: {type: integer}}}}}}
""".replace("GROUP", GROUP),
    "templates/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {app: shop, chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
spec:
  replicas: {{ .Values.replicas }}
  progressDeadlineSeconds: 60
  selector: {matchLabels: {app: shop}}
  template:
    metadata:
      labels: {app: shop}
      annotations:
        {{- if .Values.fail }}
        sim.varde.dev/fail: {{ .Values.fail | quote }}
        {{- end }}
        config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
        ports: [{name: http, containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: http}}
""",
    "templates/configmap.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-config"}
data:
  revision: "{{ .Release.Revision }}"
  upgrade: "{{ .Release.IsUpgrade }}"
  version: {{ .Capabilities.KubeVersion.Version }}
  policy: "{{ .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" }}"
  {{- $old := lookup "v1" "Secret" .Release.Namespace "kept" }}
  seen: {{ if $old }}"yes"{{ else }}"no"{{ end }}
""",
    "templates/service.yaml": """apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: http}]}
""",
    "templates/secret.yaml": """apiVersion: v1
kind: Secret
metadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}
stringData: {password: x}
""",
    "templates/boat.yaml": f"""apiVersion: {GROUP}/v1
kind: Boat
metadata: {{name: boat}}
spec: {{sails: 3}}
""",
    "templates/ingress.yaml": """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: "{{ .Release.Name }}"}
spec:
  rules:
  - host: shop.example.org
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: "{{ .Release.Name }}", port: {name: http}}}}]}
""",
    "templates/bad.yaml": """{{ if .Values.badField }}
apiVersion: v1
kind: Service
metadata: {name: bad}
spec: {ports: [{port: 700000}]}
{{ end }}
""",
    "templates/hook.yaml": """{{- range $hook := list "pre-install" "post-install" "pre-upgrade" "post-upgrade" "pre-rollback" "pre-delete" }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $.Release.Name }}-{{ $hook }}
  annotations: {helm.sh/hook: {{ $hook }}, helm.sh/hook-delete-policy: "before-hook-creation", helm.sh/hook-weight: "-5"}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        {{- if and $.Values.hookFails (eq $hook "pre-upgrade") }}
        sim.varde.dev/exit-code: "1"
        {{- end }}
        note: hook
    spec:
      restartPolicy: Never
      containers: [{name: hook, image: "busybox:1.37", command: ["true"]}]
{{- end }}
""",
    "templates/test.yaml": """apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-test", annotations: {helm.sh/hook: test}}
spec:
  restartPolicy: Never
  containers: [{name: test, image: "busybox:1.37", command: ["true"]}]
""",
    "templates/NOTES.txt": "Open the shop {{ .Release.Name }}, revision {{ .Release.Revision }}.\n",
}


def helm(*arguments, **options):
    return run("helm", "--kube-context", CONTEXT, "--namespace", NS, *arguments, env=ENVIRONMENT, timeout=120, **options)


def history():
    return [(entry["revision"], entry["status"]) for entry in json.loads(helm("history", "shop", "-o", "json"))]


def image():
    return kubectl("-n", NS, "get", "deployment", "shop", "-o", "jsonpath={.spec.template.spec.containers[0].image}")


@check("A chart is installed with its definition, hooks and notes, and waits until it is ready")
def install():
    for path, text in FILES.items():
        file = CHART / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    contains(helm("lint", str(CHART)), "0 chart(s) failed")
    text = helm("install", "shop", str(CHART), "--create-namespace", "--wait", "--timeout", "90s")
    contains(text, "STATUS: deployed")
    contains(text, "Open the shop shop, revision 1.")
    equal(kubectl("-n", NS, "get", "deployment", "shop", "-o", "jsonpath={.status.availableReplicas}"), "2")
    equal(kubectl("-n", NS, "get", f"boats.{GROUP}", "-o", "jsonpath={.items[*].spec.sails}"), "3")
    contains(kubectl("-n", NS, "get", "jobs"), "shop-post-install")
    data = json.loads(kubectl("-n", NS, "get", "configmap", "shop-config", "-o", "json"))["data"]
    equal(data, {"revision": "1", "upgrade": "false", "version": "v1.36.2", "policy": "true", "seen": "no"})


@check("What helm tells of a release: list, status, get")
def reading():
    entry = json.loads(helm("list", "-o", "json"))[0]
    equal((entry["name"], entry["revision"], entry["status"], entry["chart"], entry["app_version"]), ("shop", "1", "deployed", "shop-1.2.3", "9"))
    contains(helm("list", "--all-namespaces"), NS)
    contains(helm("list", "--selector", "name=shop"), "shop")
    contains(helm("status", "shop"), "STATUS: deployed")
    contains(helm("status", "shop"), "DESCRIPTION: Install complete")
    contains(helm("get", "manifest", "shop"), "kind: Deployment")
    contains(helm("get", "values", "shop", "--all"), "image: nginx:1.29")
    contains(helm("get", "notes", "shop"), "revision 1.")
    contains(helm("get", "hooks", "shop"), "shop-pre-install")


@check("A second release of the same name is refused")
def twice():
    contains(helm("install", "shop", str(CHART), status=1), "cannot reuse a name that is still in use")


@check("helm test runs the chart's test pod")
def testing():
    text = helm("test", "shop", "--timeout", "60s")
    contains(text, "Phase:          Succeeded")


@check("An upgrade rolls the new values out, and sees what the cluster has")
def upgrade():
    text = helm("upgrade", "shop", str(CHART), "--set", "image=nginx:1.30", "--wait", "--timeout", "90s")
    contains(text, "REVISION: 2")
    equal(image(), "nginx:1.30")
    equal(kubectl("-n", NS, "get", "configmap", "shop-config", "-o", "jsonpath={.data.seen} {.data.upgrade}"), "yes true")
    equal(history(), [(1, "superseded"), (2, "deployed")])


@check("An upgrade whose pods fail times out, and the release is failed")
def failing():
    text = helm("upgrade", "shop", str(CHART), "--set", "image=nginx:1.31,fail=image-pull", "--wait", "--timeout", "5s", status=1)
    contains(text, "UPGRADE FAILED")
    holds(re.search("deadline|not ready|timed out|InProgress", text), f"no word of the time limit in:\n{text}")
    equal(history()[-1], (3, "failed"))


@check("A rollback brings the release before back")
def rollback():
    contains(helm("rollback", "shop", "2", "--wait", "--timeout", "90s"), "Rollback was a success")
    equal(image(), "nginx:1.30")
    equal(history(), [(1, "superseded"), (2, "superseded"), (3, "failed"), (4, "deployed")])
    until(lambda: kubectl("-n", NS, "get", "deployment", "shop", "-o", "jsonpath={.status.availableReplicas}") == "2", "the pods are back")


@check("An upgrade that fails rolls itself back when told to")
def atomic():
    text = helm("upgrade", "shop", str(CHART), "--set", "image=nginx:1.32,fail=image-pull", "--rollback-on-failure", "--timeout", "5s", status=1)
    contains(text, "rolled back due to rollback-on-failure")
    equal(image(), "nginx:1.30")
    equal([status for _, status in history()[-2:]], ["failed", "deployed"])


@check("An upgrade that the API refuses changes nothing, and says why")
def refused():
    text = helm("upgrade", "shop", str(CHART), "--set", "badField=true", status=1)
    contains(text, 'Service "bad" is invalid: [spec.ports[0].port: Invalid value: 700000: must be between 1 and 65535, inclusive')
    helm("rollback", "shop", "--wait", "--timeout", "60s")


@check("A hook that fails fails the upgrade")
def hooks():
    text = helm("upgrade", "shop", str(CHART), "--set", "hookFails=true", "--timeout", "20s", status=1)
    contains(text, "pre-upgrade hooks failed")
    helm("rollback", "shop", "--wait", "--timeout", "60s")


@check("A foreign change of a field is a conflict for helm's server-side apply, and forcing takes it")
def drift():
    run("kubectl", "--context", CONTEXT, "-n", NS, "apply", "--server-side", "--force-conflicts", "--field-manager", "someone", "-f", "-",
        stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop-config}\ndata: {revision: mine}\n")
    text = helm("upgrade", "shop", str(CHART), status=None)
    if "conflict" not in text:
        raise Failure(f"no conflict in:\n{text}")
    helm("upgrade", "shop", str(CHART), "--force-conflicts", "--wait", "--timeout", "60s")
    holds(kubectl("-n", NS, "get", "cm", "shop-config", "-o", "jsonpath={.data.revision}") != "mine", "the foreign value stayed")


@check("A dry run against the server writes nothing")
def dry():
    before = image()
    text = helm("upgrade", "shop", str(CHART), "--set", "image=nginx:9", "--dry-run=server")
    contains(text, "image: nginx:9")
    equal(image(), before)
    contains(helm("install", "x", str(CHART), "--dry-run=server", status=1), 'key "meta.helm.sh/release-name" must equal "x"')


@check("The old way, client-side apply, works as well")
def client_side():
    helm("install", "old", str(CHART), "--server-side=false", "--skip-crds", "--set", "replicas=1", "--no-hooks", "--take-ownership", "--wait", "--timeout", "60s")
    helm("upgrade", "old", str(CHART), "--server-side=false", "--set", "replicas=2,image=nginx:1.30", "--no-hooks", "--wait", "--timeout", "60s")
    equal(kubectl("-n", NS, "get", "deployment", "old", "-o", "jsonpath={.spec.replicas}"), "2")
    helm("rollback", "old", "1", "--server-side=false", "--no-hooks", "--wait", "--timeout", "60s")
    equal(kubectl("-n", NS, "get", "deployment", "old", "-o", "jsonpath={.spec.replicas}"), "1")
    helm("uninstall", "old", "--no-hooks", "--wait", "--timeout", "60s")


@check("Uninstalling removes the release, keeps what is to be kept, and can keep the history")
def uninstall():
    text = helm("uninstall", "shop", "--wait", "--keep-history", "--timeout", "60s")
    contains(text, 'release "shop" uninstalled')
    contains(text, "[Secret] kept")
    equal(history()[-1][1], "uninstalled")
    contains(kubectl("-n", NS, "get", "deployment,service,ingress"), "No resources found")
    contains(kubectl("-n", NS, "get", "secret", "kept"), "kept")
    contains(helm("uninstall", "shop"), "uninstalled")
    equal(json.loads(helm("list", "-o", "json")), [])
    contains(helm("status", "shop", status=1), "release: not found")
    kubectl("delete", "namespace", NS)
    kubectl("delete", "crd", f"boats.{GROUP}")


main()
