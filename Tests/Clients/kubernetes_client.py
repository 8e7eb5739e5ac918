"""The official Python client against an embedded cluster, as its users use it."""
import datetime
import logging
import queue
import tempfile
import threading

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from harness import CONTEXT, check, contains, equal, holds, main, raises, unique, until

logging.disable(logging.INFO)
API = config.new_client_from_config(context=CONTEXT)
CORE, APPS, BATCH = client.CoreV1Api(API), client.AppsV1Api(API), client.BatchV1Api(API)
NS = unique("py")


def config_map(name, labels=None, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def deployment(name, replicas=2, image="nginx:1.29"):
    labels = {"app": name}
    container = client.V1Container(name="web", image=image, ports=[client.V1ContainerPort(container_port=80)])
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name, labels=labels),
        spec=client.V1DeploymentSpec(
            replicas=replicas, selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels),
                                              spec=client.V1PodSpec(containers=[container]))))


@check("Namespaces, version and API groups are typed objects")
def basics():
    CORE.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NS)))
    equal(CORE.read_namespace(NS).status.phase, "Active")
    equal(client.VersionApi(API).get_code().major, "1")
    holds("apps" in [group.name for group in client.ApisApi(API).get_api_versions().groups], "no group apps")
    holds("v1" in client.CoreApi(API).get_api_versions().versions, "no core v1")
    holds(any(r.name == "pods/log" for r in CORE.get_api_resources().resources), "no pods/log")
    until(lambda: CORE.read_namespaced_service_account("default", NS), "the default service account")
    until(lambda: CORE.read_namespaced_config_map("kube-root-ca.crt", NS), "the root certificate")


@check("Objects are created, read, replaced, patched in four ways and deleted")
def crud():
    made = CORE.create_namespaced_config_map(NS, config_map("a", k="1"))
    holds(isinstance(made.metadata.creation_timestamp, datetime.datetime), "creationTimestamp is no time")
    made.data["k"] = "2"
    CORE.replace_namespaced_config_map("a", NS, made)
    error = raises(ApiException, lambda: CORE.replace_namespaced_config_map("a", NS, made))
    equal((error.status, error.reason), (409, "Conflict"))
    contains(error.body, "the object has been modified")
    CORE.patch_namespaced_config_map("a", NS, {"data": {"strategic": "1"}})
    CORE.patch_namespaced_config_map("a", NS, [{"op": "add", "path": "/data/json", "value": "1"}])
    CORE.patch_namespaced_config_map("a", NS, {"data": {"merge": "1"}}, _content_type="application/merge-patch+json")
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"applied": "1"}}
    CORE.patch_namespaced_config_map("a", NS, applied, _content_type="application/apply-patch+yaml", field_manager="py")
    found = CORE.read_namespaced_config_map("a", NS)
    equal(found.data, {"k": "2", "strategic": "1", "json": "1", "merge": "1", "applied": "1"})
    holds("py" in [entry.manager for entry in found.metadata.managed_fields], "the applier is no manager")
    taken = {**applied, "data": {"k": "3"}}
    error = raises(ApiException, lambda: CORE.patch_namespaced_config_map(
        "a", NS, taken, _content_type="application/apply-patch+yaml", field_manager="py"))
    equal(error.status, 409)
    CORE.patch_namespaced_config_map("a", NS, taken, _content_type="application/apply-patch+yaml", field_manager="py", force=True)
    equal(CORE.read_namespaced_config_map("a", NS).data["k"], "3")
    holds("applied" not in CORE.read_namespaced_config_map("a", NS).data, "a field that was given up stayed")
    equal(CORE.delete_namespaced_config_map("a", NS)["status"], "Success")
    equal(raises(ApiException, lambda: CORE.read_namespaced_config_map("a", NS)).status, 404)


@check("A dry run writes nothing; unknown fields are refused when asked")
def careful():
    CORE.create_namespaced_config_map(NS, config_map("dry", k="1"), dry_run="All")
    equal(raises(ApiException, lambda: CORE.read_namespaced_config_map("dry", NS)).status, 404)
    dyn = dynamic.DynamicClient(API).resources.get(api_version="v1", kind="ConfigMap")
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "strict"}, "dataa": {}}
    error = raises(dynamic.exceptions.BadRequestError, lambda: dyn.create(body, NS, query_params=[("fieldValidation", "Strict")]))
    contains(error.body, 'unknown field \\"dataa\\"')


@check("A list comes in pages that belong together, by selectors, and only as metadata")
def lists():
    for number in range(25):
        CORE.create_namespaced_config_map(NS, config_map(f"page-{number:02}", {"parity": str(number % 2)}, n=str(number)))
    names, token, versions = [], None, set()
    while True:
        page = CORE.list_namespaced_config_map(NS, limit=7, _continue=token)
        names += [item.metadata.name for item in page.items]
        versions.add(page.metadata.resource_version)
        token = page.metadata._continue
        if not token:
            break
        CORE.create_namespaced_config_map(NS, config_map(unique("page-later")))
    equal(sorted(n for n in names if n.startswith("page-")), [f"page-{n:02}" for n in range(25)], "the pages")
    equal(len(versions), 1, "resource versions of the pages")
    equal(len(CORE.list_namespaced_config_map(NS, label_selector="parity=1").items), 12)
    equal(len(CORE.list_namespaced_config_map(NS, label_selector="parity in (0,1),parity!=1").items), 13)
    equal(len(CORE.list_namespaced_config_map(NS, field_selector="metadata.name=page-03").items), 1)
    holds(len(CORE.list_config_map_for_all_namespaces(label_selector="parity").items) >= 25, "too few of all namespaces")
    CORE.delete_collection_namespaced_config_map(NS, label_selector="parity")
    equal(CORE.list_namespaced_config_map(NS, label_selector="parity").items, [])


@check("A watch tells of additions, changes and deletions, and goes on from a resource version")
def watches():
    start = CORE.list_namespaced_config_map(NS).metadata.resource_version
    CORE.create_namespaced_config_map(NS, config_map("w", k="1"))
    CORE.patch_namespaced_config_map("w", NS, {"data": {"k": "2"}})
    CORE.delete_namespaced_config_map("w", NS)
    seen = []
    for event in watch.Watch().stream(CORE.list_namespaced_config_map, NS, resource_version=start, timeout_seconds=20):
        seen.append((event["type"], event["object"].data["k"], event["object"].metadata.resource_version))
        if event["type"] == "DELETED":
            break
    equal([entry[:2] for entry in seen], [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])
    again = [event["type"] for event in watch.Watch().stream(
        CORE.list_namespaced_config_map, NS, resource_version=seen[0][2], timeout_seconds=1)]
    equal(again, ["MODIFIED", "DELETED"], "events after the first")


@check("A watch from a version that is long gone is answered 410")
def gone():
    def follow(version):
        for event in watch.Watch().stream(CORE.list_namespaced_config_map, NS, resource_version=version, timeout_seconds=5):
            return event["type"]
    # The server was started anew before this, and keeps no changes of its earlier life.
    error = raises(ApiException, lambda: follow("1"))
    equal(error.status, 410)
    contains(error.reason, "too old resource version: 1 (")
    error = raises(ApiException, lambda: CORE.list_namespaced_config_map(NS, resource_version="1", resource_version_match="Exact"))
    equal((error.status, error.reason), (410, "Gone"))
    # What every client does then: list again, and go on from there.
    equal(follow("0"), "ADDED")


@check("A watch that runs in a thread sees what another client does")
def live():
    seen, ready = [], threading.Event()

    def follow():
        ready.set()
        for event in watch.Watch().stream(CORE.list_namespaced_secret, NS, timeout_seconds=20):
            seen.append((event["type"], event["object"].metadata.name))
            if event["object"].metadata.name == "last":
                return
    thread = threading.Thread(target=follow)
    thread.start()
    ready.wait()
    for name in ["first", "last"]:
        CORE.create_namespaced_secret(NS, client.V1Secret(metadata=client.V1ObjectMeta(name=name), string_data={"p": "x"}))
    thread.join(20)
    equal(seen[-1], ("ADDED", "last"))
    equal(CORE.read_namespaced_secret("first", NS).data, {"p": "eA=="})


@check("A deployment rolls out, scales, and its pods have logs")
def workloads():
    APPS.create_namespaced_deployment(NS, deployment("web"))
    until(lambda: APPS.read_namespaced_deployment_status("web", NS).status.available_replicas == 2, "two available pods")
    scale = APPS.read_namespaced_deployment_scale("web", NS)
    equal((scale.kind, scale.spec.replicas, scale.status.selector), ("Scale", 2, "app=web"))
    APPS.patch_namespaced_deployment_scale("web", NS, {"spec": {"replicas": 3}})
    until(lambda: APPS.read_namespaced_deployment("web", NS).status.ready_replicas == 3, "three ready pods")
    pods = CORE.list_namespaced_pod(NS, label_selector="app=web", field_selector="status.phase=Running").items
    equal(len(pods), 3)
    holds(all(pod.spec.node_name and pod.status.pod_ip for pod in pods), "a running pod has no node or address")
    holds(isinstance(CORE.read_namespaced_pod_log(pods[0].metadata.name, NS), str), "a log is text")
    for _ in watch.Watch().stream(CORE.read_namespaced_pod_log, pods[0].metadata.name, NS, follow=True, _request_timeout=3):
        break
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.30"}]}}}}
    APPS.patch_namespaced_deployment("web", NS, patch)
    until(lambda: (lambda s: s.updated_replicas == 3 and s.replicas == 3 and s.available_replicas == 3)(
        APPS.read_namespaced_deployment("web", NS).status), "the new image rolled out")
    CORE.create_namespaced_pod_eviction(
        pods[0].metadata.name, NS, client.V1Eviction(metadata=client.V1ObjectMeta(name=pods[0].metadata.name))
    ) if any(p.metadata.name == pods[0].metadata.name for p in CORE.list_namespaced_pod(NS).items) else None
    APPS.delete_namespaced_deployment("web", NS, propagation_policy="Foreground")
    until(lambda: not CORE.list_namespaced_pod(NS, label_selector="app=web").items, "the pods are gone")


@check("A job runs to its end and leaves events")
def jobs():
    pod = client.V1PodTemplateSpec(spec=client.V1PodSpec(
        restart_policy="Never", containers=[client.V1Container(name="c", image="busybox:1.37", command=["true"])]))
    BATCH.create_namespaced_job(NS, client.V1Job(metadata=client.V1ObjectMeta(name="once"), spec=client.V1JobSpec(template=pod)))
    until(lambda: BATCH.read_namespaced_job_status("once", NS).status.succeeded == 1, "the job succeeds", 60)
    reasons = until(lambda: {e.reason for e in CORE.list_namespaced_event(
        NS, field_selector="involvedObject.kind=Job,involvedObject.name=once").items}, "events of the job")
    holds("SuccessfulCreate" in reasons, f"no SuccessfulCreate in {reasons}")
    events = dynamic.DynamicClient(API).resources.get(api_version="events.k8s.io/v1", kind="Event").get(namespace=NS).items
    holds(any(e.regarding.name == "once" for e in events), "events.k8s.io has not the same")


@check("create_from_yaml and create_from_dict make what a file says")
def from_yaml():
    text = """
apiVersion: v1
kind: Service
metadata: {name: from-file}
spec: {selector: {app: x}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: from-file}
spec:
  serviceName: from-file
  selector: {matchLabels: {app: x}}
  template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: "nginx:1.29", ports: [{name: http, containerPort: 80}]}]}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: from-file}, spec: {podSelector: {}}}
- {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: from-file}, spec: {minAvailable: 1, selector: {matchLabels: {app: x}}}}
"""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        utils.create_from_yaml(API, file.name, namespace=NS)
        error = raises(utils.FailToCreateError, lambda: utils.create_from_yaml(API, file.name, namespace=NS))
        equal({e.reason for e in error.api_exceptions}, {"Conflict"})
        utils.create_from_yaml(API, file.name, namespace=NS, apply=True)
    until(lambda: APPS.read_namespaced_stateful_set("from-file", NS).status.ready_replicas == 1, "the pod is ready")
    until(lambda: any(e.addresses for s in client.DiscoveryV1Api(API).list_namespaced_endpoint_slice(
        NS, label_selector="kubernetes.io/service-name=from-file").items for e in s.endpoints or []), "an endpoint")


@check("The dynamic client finds every kind, and works with custom ones")
def dynamic_client():
    group = unique("group") + ".example.org"
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"boats.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "boats", "kind": "Boat", "shortNames": ["bt"]},
                 "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}, "schema": {
                     "openAPIV3Schema": {"type": "object", "properties": {
                         "spec": {"type": "object", "properties": {"length": {"type": "integer", "minimum": 1, "default": 7}}},
                         "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}}
    dyn = dynamic.DynamicClient(API)
    definitions = dyn.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    definitions.create(body=definition)
    until(lambda: any(c.type == "Established" and c.status == "True"
                      for c in definitions.get(name=f"boats.{group}").status.conditions), "the definition is served")
    boats = until(lambda: dynamic.DynamicClient(API).resources.get(api_version=f"{group}/v1", kind="Boat"), "discovery")
    body = {"apiVersion": f"{group}/v1", "kind": "Boat", "metadata": {"name": "b"}, "spec": {}}
    equal(boats.create(body=body, namespace=NS).spec.length, 7, "the default")
    body["spec"]["length"] = 9
    equal(boats.server_side_apply(body=body, namespace=NS, field_manager="py", force_conflicts=True).spec.length, 9)
    equal(boats.patch(body={"spec": {"length": 10}}, name="b", namespace=NS, content_type="application/merge-patch+json").spec.length, 10)
    boats.status.patch(body={"status": {"afloat": True}}, name="b", namespace=NS, content_type="application/merge-patch+json")
    equal(boats.get(name="b", namespace=NS).status.afloat, True)
    error = raises(dynamic.exceptions.UnprocessibleEntityError, lambda: boats.patch(
        body={"spec": {"length": 0}}, name="b", namespace=NS, content_type="application/merge-patch+json"))
    contains(error.body, "spec.length in body should be greater than or equal to 1")
    for event in boats.watch(namespace=NS, timeout=5):
        equal((event["type"], event["object"].metadata.name), ("ADDED", "b"))
        break
    holds(dyn.resources.get(api_version="v1", kind="Pod").get(namespace=NS).items, "no pods")
    custom = client.CustomObjectsApi(API)
    equal(len(custom.list_namespaced_custom_object(group, "v1", NS, "boats")["items"]), 1)
    custom.delete_namespaced_custom_object(group, "v1", NS, "boats", "b")
    definitions.delete(name=f"boats.{group}")
    until(lambda: raises(ApiException, lambda: custom.list_namespaced_custom_object(group, "v1", NS, "boats")).status == 404,
          "the kind is gone")


@check("Two candidates elect one leader with a Lease, and the second takes over")
def election():
    leases, led = client.CoordinationV1Api(API), queue.Queue()

    class Lock(LeaseLock):
        """A candidate's lock, that can be made to fail as when its process hangs."""
        hangs = False

        def update(self, *arguments):
            return False if self.hangs else super().update(*arguments)

    def stand(name):
        lock = Lock("leader", NS, name)
        lock.api_instance = leases
        settings = electionconfig.Config(lock, lease_duration=4, renew_deadline=2, retry_period=1.1,
                                         onstarted_leading=lambda: led.put(name), onstopped_leading=lambda: led.put(f"{name} stops"))
        threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()
        return lock
    first = stand("first")
    equal(led.get(timeout=20), "first")
    stand("second")
    equal(leases.read_namespaced_lease("leader", NS).spec.holder_identity, "first")
    first.hangs = True
    equal({led.get(timeout=20), led.get(timeout=20)}, {"first stops", "second"})
    equal(leases.read_namespaced_lease("leader", NS).spec.holder_identity, "second")


@check("Access is asked about, and tokens of service accounts are honoured")
def access():
    auth = client.AuthorizationV1Api(API)
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(
        resource_attributes=client.V1ResourceAttributes(namespace=NS, verb="create", resource="pods")))
    equal(auth.create_self_subject_access_review(review).status.allowed, True)
    token = CORE.create_namespaced_service_account_token(
        "default", NS, client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[]))).status.token
    settings = client.Configuration()
    settings.host, settings.ssl_ca_cert = API.configuration.host, API.configuration.ssl_ca_cert
    settings.api_key = {"authorization": f"Bearer {token}"}
    limited = client.CoreV1Api(client.ApiClient(settings))
    error = raises(ApiException, lambda: limited.list_namespaced_pod(NS))
    equal(error.status, 403)
    contains(error.body, f"system:serviceaccount:{NS}:default")
    rbac = client.RbacAuthorizationV1Api(API)
    rbac.create_namespaced_role_binding(NS, client.V1RoleBinding(
        metadata=client.V1ObjectMeta(name="see"), role_ref=client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="view"),
        subjects=[client.RbacV1Subject(kind="ServiceAccount", name="default", namespace=NS)]))
    until(lambda: limited.list_namespaced_pod(NS) is not None, "the role counts")


@check("Deleting the namespace removes all that was in it")
def cleanup():
    CORE.delete_namespace(NS)
    until(lambda: NS not in [n.metadata.name for n in CORE.list_namespace().items], "the namespace is gone")


main()
