"""kr8s against an embedded cluster, its plain and its asynchronous form, as its users use it."""
import asyncio
import os
import warnings

import kr8s
import kr8s.asyncio
from kr8s.asyncio.objects import ConfigMap as AsyncConfigMap
from kr8s.asyncio.objects import Pod as AsyncPod
from kr8s.objects import ConfigMap, CustomResourceDefinition, Deployment, Job, Namespace, Node, Pod, Secret, Service, new_class, objects_from_files

from harness import CONTEXT, check, contains, equal, holds, main, raises, unique, until

# It has not heard of this version of Kubernetes yet, and says so.
warnings.filterwarnings("ignore", message="Kubernetes version")
API = kr8s.api(kubeconfig=os.environ["KUBECONFIG"], context=CONTEXT)
NS = unique("kr8s")


def config_map(name, labels=None, **data):
    return ConfigMap({"metadata": {"name": name, "namespace": NS, "labels": labels or {}}, "data": data}, api=API)


def pod(name, **spec):
    return {"metadata": {"name": name, "namespace": NS}, "spec": {"containers": [{"name": "c", "image": "nginx:1.29"}], **spec}}


@check("The server's version and its resources are found")
def basics():
    equal(API.version()["gitVersion"], "v1.36.2")
    kinds = {resource["kind"] for resource in API.api_resources()}
    holds({"Pod", "Deployment", "Lease", "CustomResourceDefinition"} <= kinds, "kinds are missing")
    holds("apps/v1" in list(API.api_versions()), "apps/v1 is missing")
    contains(API.whoami(), "admin")
    Namespace({"metadata": {"name": NS}}, api=API).create()
    Namespace.get(NS, api=API).wait("jsonpath='{.status.phase}'=Active", timeout=20)


@check("Objects are created, patched in three ways, labelled, annotated and deleted")
def crud():
    made = config_map("a", k="1")
    made.create()
    holds(made.exists(), "it is not there")
    made.patch({"data": {"strategic": "1"}})
    made.patch([{"op": "replace", "path": "/data/k", "value": "2"}], type="json")
    made.patch({"data": {"merge": "1"}}, type="merge")
    made.label({"team": "web", "tier": "front"})
    made.annotate({"note": "x"})
    made.refresh()
    equal(made.data.to_dict(), {"k": "2", "strategic": "1", "merge": "1"})
    equal((made.labels.team, made.labels.tier, made.annotations.note), ("web", "front", "x"))
    made.remove_label("tier")
    equal(dict(made.labels), {"team": "web"})
    error = raises(kr8s.ServerError, lambda: config_map("a").create())
    equal(error.response.status_code, 409)
    contains(str(error), 'configmaps "a" already exists')
    made.delete()
    made.wait("delete", timeout=20)
    raises(kr8s.NotFoundError, lambda: ConfigMap.get("a", namespace=NS, api=API))


@check("Lists are paged, selected, and of all namespaces")
def lists():
    for number in range(130):
        config_map(f"page-{number:03}", {"parity": str(number % 2)}).create()
    names = [item.name for item in API.get("configmaps", namespace=NS, label_selector="parity")]
    equal(len(names), 130, "objects over the pages")
    equal(len(set(names)), 130, "different ones")
    equal(len(list(API.get("cm", namespace=NS, label_selector={"parity": "1"}))), 65)
    equal(len(list(API.get("configmaps", namespace=NS, field_selector="metadata.name=page-007"))), 1)
    holds(len(list(API.get("configmaps", namespace=kr8s.ALL))) > 130, "all namespaces")
    table = list(API.get("pods", namespace=NS))
    equal(table, [])


@check("A watch of a kind and of one object tells what happens")
def watches():
    async def story():
        api = await kr8s.asyncio.api(kubeconfig=os.environ["KUBECONFIG"], context=CONTEXT)
        seen = []

        async def follow():
            async for event, item in api.async_watch("configmaps", namespace=NS, label_selector="watched=yes"):
                seen.append((event, item.raw["data"]["n"]))
                if event == "DELETED":
                    return
        task = asyncio.create_task(follow())
        item = AsyncConfigMap({"metadata": {"name": "w", "namespace": NS, "labels": {"watched": "yes"}}, "data": {"n": "1"}}, api=api)
        await item.create()
        async with asyncio.timeout(20):
            while not seen:
                await asyncio.sleep(0.02)
            await item.patch({"data": {"n": "2"}})
            await item.delete()
            await task
        equal(seen, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])
    asyncio.run(story())


@check("Waiting for conditions, for a json path and for deletion ends when it should")
def waits():
    async def story():
        api = await kr8s.asyncio.api(kubeconfig=os.environ["KUBECONFIG"], context=CONTEXT)
        made = await AsyncPod(pod("ready"), api=api)
        await made.create()
        await made.wait("condition=Ready", timeout=30)
        await made.wait("jsonpath='{.status.phase}'=Running", timeout=30)
        holds(await made.ready(), "the pod is not ready")
        try:
            await made.wait("condition=Ready=false", timeout=0.3)
        except TimeoutError:
            pass
        else:
            raise AssertionError("waited for what did not happen")
        await made.delete()
        await made.wait("delete", timeout=30)
    asyncio.run(story())


@check("A deployment becomes ready, scales, is asked for its pods, and its pods for logs")
def workloads():
    web = Deployment({"metadata": {"name": "web", "namespace": NS}, "spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1.29"}]}}}}, api=API)
    web.create()
    web.wait("condition=Available", timeout=30)
    until(web.ready, "the deployment is ready")
    web.scale(3)
    until(lambda: len([p for p in web.pods() if p.ready()]) == 3, "three ready pods")
    equal(web.replicas, 3)
    holds(all(isinstance(line, str) for line in web.pods()[0].logs()), "logs are lines")
    service = Service({"metadata": {"name": "web", "namespace": NS}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}, api=API)
    service.create()
    until(lambda: len(service.ready_pods()) == 3, "the service's pods")
    web.delete(propagation_policy="Foreground")
    web.wait("delete", timeout=30)
    equal(list(API.get("pods", namespace=NS, label_selector="app=web")), [])


@check("Owners are set, and what they own goes with them")
def owners():
    owner, child = config_map("owner"), config_map("child")
    owner.create()
    child.create()
    owner.adopt(child)
    equal(child.raw.metadata.ownerReferences[0].name, "owner")
    owner.delete()
    child.wait("delete", timeout=30)


@check("Nodes are cordoned, tainted and uncordoned")
def nodes():
    node = next(iter(Node.list(api=API)))
    node.cordon()
    until(lambda: node.refresh() or node.unschedulable, "the node is cordoned")
    node.uncordon()
    node.refresh()
    holds(not node.unschedulable, "the node is still cordoned")
    node.taint("kr8s", "x", effect="NoSchedule")
    node.refresh()
    holds(any(t.key == "kr8s" for t in node.taints), "the taint is not there")
    node.patch({"spec": {"taints": [t for t in node.raw.spec.taints if t.key != "kr8s"]}}, type="merge")


@check("A job completes; a generated pod and a secret are made")
def more():
    job = Job({"metadata": {"name": "once", "namespace": NS}, "spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1.37", "command": ["true"]}]}}}}, api=API)
    job.create()
    job.wait("condition=Complete", timeout=60)
    made = Pod.gen(name="gen", image="nginx:1.29", namespace=NS, ports=[80])
    made.api = API
    made.create()
    made.wait("condition=Ready", timeout=30)
    Secret({"metadata": {"name": "s", "namespace": NS}, "stringData": {"p": "x"}}, api=API).create()
    equal(Secret.get("s", namespace=NS, api=API).raw.data.p, "eA==")


@check("A custom kind is used through a class made on the spot and through discovery")
def custom():
    group = unique("group") + ".example.org"
    CustomResourceDefinition({"metadata": {"name": f"shrimps.{group}"}, "spec": {
        "group": group, "scope": "Namespaced", "names": {"plural": "shrimps", "kind": "Shrimp", "singular": "shrimp"},
        "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": {
            "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}, api=API).create()
    definition = CustomResourceDefinition.get(f"shrimps.{group}", api=API)
    definition.wait("condition=Established", timeout=20)
    kind = new_class(kind="Shrimp", version=f"{group}/v1", plural="shrimps", namespaced=True, scalable=True)
    one = kind({"metadata": {"name": "one", "namespace": NS}, "spec": {"replicas": 1}}, api=API)
    one.create()
    one.scale(4)
    equal(one.replicas, 4)
    one.patch({"status": {"replicas": 4}}, subresource="status", type="merge")
    equal(one.status.replicas, 4)
    equal([item.name for item in API.get(f"shrimps.{group}", namespace=NS)], ["one"])
    definition.delete()
    definition.wait("delete", timeout=20)


@check("Deleting the namespace removes all that was in it")
def cleanup():
    space = Namespace.get(NS, api=API)
    space.delete()
    space.wait("delete", timeout=60)


main()
