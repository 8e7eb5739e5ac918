"""lightkube against an embedded cluster: typed models, server-side apply, generic resources, watches, waiting."""
import os

from lightkube import ApiError, Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource, load_in_cluster_generic_resources
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.operators import equal as is_equal
from lightkube.operators import in_ as is_in
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Event, Namespace, Node, Pod, ServiceAccount
from lightkube.types import CascadeType, PatchType

from harness import CONTEXT, check, contains, equal, holds, main, raises, unique, until

NS = unique("lk")
CLIENT = Client(config=KubeConfig.from_file(os.environ["KUBECONFIG"]).get(CONTEXT), namespace=NS, field_manager="lightkube", trust_env=False)


def config_map(name, labels=None, **data):
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=NS, labels=labels), data=data)


@check("Typed objects are created, replaced, patched, applied and deleted")
def crud():
    CLIENT.create(Namespace(metadata=ObjectMeta(name=NS)))
    made = CLIENT.create(config_map("a", k="1"))
    made.data["k"] = "2"
    equal(CLIENT.replace(made).data, {"k": "2"})
    equal(raises(ApiError, lambda: CLIENT.replace(made)).status.reason, "Conflict")
    CLIENT.patch(ConfigMap, "a", {"data": {"m": "1"}}, patch_type=PatchType.MERGE)
    CLIENT.patch(ConfigMap, "a", [{"op": "remove", "path": "/data/m"}], patch_type=PatchType.JSON)
    CLIENT.patch(ConfigMap, "a", {"data": {"s": "1"}})
    applied = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="a"), data={"k": "3"})
    error = raises(ApiError, lambda: CLIENT.apply(applied))
    contains(error.status.message, 'conflict with "lightkube" using v1: .data.k')
    equal(CLIENT.apply(applied, force=True).data["k"], "3")
    CLIENT.delete(ConfigMap, "a")
    equal(raises(ApiError, lambda: CLIENT.get(ConfigMap, "a")).status.code, 404)


@check("Lists come in chunks, with the selectors of the library")
def lists():
    for number in range(20):
        CLIENT.create(config_map(f"page-{number:02}", {"n": str(number % 4)}))
    equal(len([c for c in CLIENT.list(ConfigMap, chunk_size=6, labels={"n": is_in(["0", "1", "2", "3"])})]), 20)
    equal(len(list(CLIENT.list(ConfigMap, labels={"n": is_equal("1")}))), 5)
    equal(len(list(CLIENT.list(ConfigMap, fields={"metadata.name": "page-07"}))), 1)
    holds(len(list(CLIENT.list(ConfigMap, namespace="*", labels={"n": None}))) >= 20, "all namespaces")
    CLIENT.deletecollection(ConfigMap)
    until(lambda: not [c for c in CLIENT.list(ConfigMap, labels={"n": None})], "the collection is gone")


@check("A watch tells of what happens from a version on")
def watches():
    present = CLIENT.list(ConfigMap)
    holds(list(present), "not even the root certificate is there")
    version = present.resourceVersion
    CLIENT.create(config_map("w", n="1"))
    CLIENT.patch(ConfigMap, "w", {"data": {"n": "2"}})
    CLIENT.delete(ConfigMap, "w")
    seen = []
    for event, item in CLIENT.watch(ConfigMap, resource_version=version, server_timeout=20, fields={"metadata.name": "w"}):
        seen.append((event, item.data["n"]))
        if event == "DELETED":
            break
    equal(seen, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])


@check("A deployment is applied, waited for, scaled, asked for its logs, and deleted with all it owns")
def workloads():
    labels = {"app": "web"}
    CLIENT.apply(Deployment(
        apiVersion="apps/v1", kind="Deployment", metadata=ObjectMeta(name="web"),
        spec=DeploymentSpec(replicas=2, selector=LabelSelector(matchLabels=labels), template=PodTemplateSpec(
            metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[Container(name="c", image="nginx:1.29")])))))
    CLIENT.wait(Deployment, "web", for_conditions=["Available"])
    scale = CLIENT.get(Deployment.Scale, "web")
    scale.spec.replicas = 3
    CLIENT.replace(scale, "web")
    until(lambda: CLIENT.get(Deployment.Status, "web").status.readyReplicas == 3, "three ready pods")
    pod = next(iter(CLIENT.list(Pod, labels=labels)))
    holds(all(isinstance(line, str) for line in CLIENT.log(pod.metadata.name)), "logs are text")
    holds(any(e.involvedObject.name == pod.metadata.name for e in CLIENT.list(Event)), "the pod has no event")
    CLIENT.delete(Deployment, "web", cascade=CascadeType.FOREGROUND)
    until(lambda: not list(CLIENT.list(Pod, labels=labels)), "the pods are gone")
    equal(CLIENT.get(ServiceAccount, "default").metadata.name, "default")
    holds(all(node.status.allocatable["cpu"] for node in CLIENT.list(Node)), "a node has no allocatable cpu")


@check("Custom kinds are found in the cluster and used with their status")
def custom():
    group = unique("group") + ".example.org"
    CLIENT.create(CustomResourceDefinition.from_dict({"metadata": {"name": f"kites.{group}"}, "spec": {
        "group": group, "scope": "Namespaced", "names": {"plural": "kites", "kind": "Kite", "singular": "kite"},
        "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}, "schema": {"openAPIV3Schema": {
            "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}))
    CLIENT.wait(CustomResourceDefinition, f"kites.{group}", for_conditions=["Established"])
    load_in_cluster_generic_resources(CLIENT)
    kites = create_namespaced_resource(group, "v1", "Kite", "kites")
    CLIENT.create(kites(metadata=ObjectMeta(name="k"), spec={"string": 7}))
    CLIENT.patch(kites.Status, "k", {"status": {"high": True}}, patch_type=PatchType.MERGE)
    equal(CLIENT.get(kites, "k").status, {"high": True})
    CLIENT.delete(CustomResourceDefinition, f"kites.{group}")
    until(lambda: raises(ApiError, lambda: CLIENT.get(CustomResourceDefinition, f"kites.{group}")), "the definition is gone")
    CLIENT.delete(Namespace, NS)


main()
