"""What is written: ConfigMaps, pods as they are in real clusters, and the mix of an application's objects."""
import json

NAMESPACE = "bench"


def path(resource, name=""):
    group = "apis/apps/v1" if resource == "deployments" else "api/v1"
    return f"/{group}/namespaces/{NAMESPACE}/{resource}" + (f"/{name}" if name else "")


def config_map(index, mark, size=1000):
    return json.dumps({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": f"config-{index}", "namespace": NAMESPACE, "labels": {"app": "bench"}},
        "data": {"text": f"{mark}-{index} " + "x" * size},
    }).encode()


def pod(index):
    """Between 3 and 4 KB as stored, with what charts give a pod."""
    container = {
        "name": "web", "image": f"registry.example.com/platform/web:1.{index % 20}.3",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "SETTING", "value": "value-of-the-setting"},
                {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": True}],
    }
    return json.dumps({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": f"web-{index % 300:03}-7d4b9c6f5d-{index:05}", "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": f"web-{index % 300}",
                       "pod-template-hash": "7d4b9c6f5d"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8081"},
        },
        "spec": {
            "containers": [container],
            "volumes": [{"name": "config", "configMap": {"name": "web"}}],
            "nodeSelector": {"kubernetes.io/os": "linux"}, "schedulerName": "none",
        },
    }).encode()
