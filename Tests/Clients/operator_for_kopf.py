"""A small operator as kopf's users write them: it makes a ConfigMap for every Garden, and cleans up after it."""
import datetime

import kopf
import kubernetes

GROUP = "gardens.example.org"


@kopf.on.startup()
def configure(settings, **_):
    settings.persistence.finalizer = f"{GROUP}/kopf-finalizer"
    settings.posting.level = 20
    settings.posting.loggers = True
    settings.watching.server_timeout = 20
    kubernetes.config.load_kube_config()


def child(name, spec):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-plan", "labels": {"garden": name}},
            "data": {"beds": str(spec.get("beds"))}}


@kopf.on.create(GROUP, "v1", "gardens")
def created(name, namespace, spec, patch, retry, **_):
    if spec.get("beds") == 13 and retry < 1:
        raise kopf.TemporaryError("thirteen is not planted at once", delay=0.5)
    if spec.get("beds") == 99:
        raise kopf.PermanentError("no garden has that many beds")
    body = child(name, spec)
    kopf.adopt(body)
    kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, body)
    patch.status["beds"] = spec.get("beds")
    return {"plan": body["metadata"]["name"]}


@kopf.on.update(GROUP, "v1", "gardens", field="spec.beds")
def changed(old, new, name, namespace, body, patch, **_):
    kubernetes.client.CoreV1Api().patch_namespaced_config_map(f"{name}-plan", namespace, {"data": {"beds": str(new)}})
    kopf.info(body, reason="Replanted", message=f"{old} beds became {new}")
    patch.status["beds"] = new


@kopf.on.resume(GROUP, "v1", "gardens")
def resumed(patch, **_):
    patch.status["resumed"] = "yes"


@kopf.on.delete(GROUP, "v1", "gardens")
def removed(name, namespace, **_):
    kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-compost"}})


@kopf.timer(GROUP, "v1", "gardens", interval=0.5)
def watered(patch, status, **_):
    patch.status["watered"] = status.get("watered", 0) + 1


@kopf.daemon(GROUP, "v1", "gardens", cancellation_timeout=2)
def tended(stopped, patch, **_):
    patch.status["tended"] = datetime.datetime.now(datetime.timezone.utc).isoformat()
    stopped.wait(0.1)


@kopf.on.event("", "v1", "configmaps", labels={"garden": kopf.PRESENT})
def seen(event, name, namespace, logger, **_):
    logger.info(f"saw {event['type']} {name}")


@kopf.index("", "v1", "configmaps", labels={"garden": kopf.PRESENT})
def plans(name, labels, **_):
    return {labels["garden"]: name}
