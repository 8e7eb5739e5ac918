"""A kopf operator against an embedded cluster: finalizers, timers, status, events, and a restart in between."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile

from harness import CONTEXT, check, contains, equal, holds, kubectl, main, run, unique, until

GROUP = "gardens.example.org"
NS = unique("kopf")
LOG = tempfile.NamedTemporaryFile("w+", prefix="varde-kopf-", suffix=".log")
OPERATOR = pathlib.Path(__file__).with_name("operator_for_kopf.py")
running = []

DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gardens.gardens.example.org}
spec:
  group: gardens.example.org
  scope: Namespaced
  names: {plural: gardens, singular: garden, kind: Garden, shortNames: [gd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Beds, type: integer, jsonPath: .spec.beds}
    - {name: Watered, type: integer, jsonPath: .status.watered}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {beds: {type: integer}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


def start():
    # The operator reads the kubeconfig's current context.
    config = pathlib.Path(LOG.name + ".kubeconfig")
    config.write_text(run("kubectl", "config", "view", "--raw", "--flatten", "--minify", "--context", CONTEXT))
    running.append(subprocess.Popen(
        ["kopf", "run", "--namespace", NS, "--standalone", str(OPERATOR)],
        stdout=LOG, stderr=subprocess.STDOUT, env={**os.environ, "KUBECONFIG": str(config)}))


def stop(how=signal.SIGTERM):
    process = running.pop()
    process.send_signal(how)
    process.wait(20)


def log():
    return pathlib.Path(LOG.name).read_text()


def garden(name, beds):
    kubectl("-n", NS, "apply", "-f", "-", stdin=json.dumps({
        "apiVersion": f"{GROUP}/v1", "kind": "Garden", "metadata": {"name": name}, "spec": {"beds": beds}}))


def read(name):
    return json.loads(kubectl("-n", NS, "get", "gardens", name, "-o", "json"))


def plan(name):
    return json.loads(kubectl("-n", NS, "get", "configmap", f"{name}-plan", "-o", "json"))


@check("The operator starts, and handles the creation of an object: finalizer, child, status")
def creation():
    kubectl("create", "namespace", NS)
    kubectl("apply", "-f", "-", stdin=DEFINITION)
    kubectl("wait", "--for=condition=Established", "crd/gardens.gardens.example.org", "--timeout=20s")
    start()
    garden("rose", 3)
    until(lambda: read("rose")["status"]["beds"] == 3, f"the status; the operator says:\n{log()}")
    equal(read("rose")["metadata"]["finalizers"], [f"{GROUP}/kopf-finalizer"])
    made = plan("rose")
    equal(made["data"], {"beds": "3"})
    equal(made["metadata"]["ownerReferences"][0]["uid"], read("rose")["metadata"]["uid"])
    equal(read("rose")["status"]["created"], {"plan": "rose-plan"})
    until(lambda: "saw ADDED rose-plan" in log(), "the event of the child")


@check("A timer counts on in the status, without a new generation")
def timer():
    until(lambda: read("rose")["status"]["watered"] >= 3, "three waterings")
    equal(read("rose")["metadata"]["generation"], 1)
    until(lambda: read("rose")["status"]["tended"], "the daemon ran")


@check("A changed field reaches its handler with the old and the new value, and makes an event")
def change():
    kubectl("-n", NS, "patch", "garden", "rose", "--type=merge", "-p", '{"spec":{"beds":5}}')
    until(lambda: read("rose")["status"]["beds"] == 5 and plan("rose")["data"]["beds"] == "5", "the new number")
    text = until(lambda: (lambda t: t if "Replanted" in t else "")(kubectl("-n", NS, "events", "--for", "garden/rose")), "the event")
    contains(text, "3 beds became 5")
    until(lambda: "Handler 'changed/spec.beds' succeeded" in kubectl("-n", NS, "events", "--for", "garden/rose"), "the log as events")


@check("A temporary error is tried again, a permanent one is not")
def errors():
    garden("late", 13)
    until(lambda: plan("late")["data"]["beds"] == "13", "the second attempt")
    garden("never", 99)
    until(lambda: "no garden has that many beds" in kubectl("-n", NS, "events", "--for", "garden/never"), "the failure is an event")
    contains(kubectl("-n", NS, "get", "configmap", "never-plan", status=1), "not found")


@check("An operator that was killed takes up where it was, and sees what was changed meanwhile")
def restart():
    stop(signal.SIGKILL)
    kubectl("-n", NS, "patch", "garden", "rose", "--type=merge", "-p", '{"spec":{"beds":8}}')
    garden("made-meanwhile", 2)
    start()
    until(lambda: read("rose")["status"].get("resumed") == "yes", "the resume handler")
    until(lambda: plan("rose")["data"]["beds"] == "8", "the missed change")
    until(lambda: plan("made-meanwhile")["data"]["beds"] == "2", "the missed object")


@check("A deletion waits for the operator, which cleans up first")
def deletion():
    stop()
    kubectl("-n", NS, "delete", "garden", "rose", "--wait=false")
    holds(read("rose")["metadata"]["deletionTimestamp"], "it is not being deleted")
    start()
    kubectl("-n", NS, "wait", "--for=delete", "garden/rose", "--timeout=30s")
    contains(kubectl("-n", NS, "get", "configmap", "rose-compost"), "rose-compost")
    until(lambda: "not found" in kubectl("-n", NS, "get", "configmap", "rose-plan", status=None), "the child goes with its owner")


@check("The definition goes once the operator has let go of every object")
def cleanup():
    kubectl("delete", "crd", "gardens.gardens.example.org", "--timeout=30s")
    text = log()
    holds("Traceback" not in text, f"the operator had trouble:\n{text}")
    stop()
    kubectl("delete", "namespace", NS)


try:
    main()
finally:
    for process in running:
        process.kill()
