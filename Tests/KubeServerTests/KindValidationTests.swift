import KubeModel
import KubeServer
import Testing

/// Rules of single kinds: field and reason of what is wrong, in Kubernetes' order.
@Suite("Validation of kinds")
struct KindValidationTests {
    typealias Case = ValidationTests.Case

    private static func container(_ members: JSON) -> JSON {
        var container: JSON = ["name": "c", "image": "i"]
        for (key, value) in members.object ?? [:] { container[key] = value }
        return Sample.pod(spec: ["containers": [container]])
    }

    private static func spec(_ spec: JSON) -> JSON { ["metadata": ["name": "x"], "spec": spec] }

    private static func job(_ members: JSON, restart: JSON = "Never") -> JSON {
        var spec: JSON = [
            "template": ["spec": ["restartPolicy": restart, "containers": [["name": "c", "image": "i"]]]]
        ]
        for (key, value) in members.object ?? [:] { spec[key] = value }
        return Self.spec(spec)
    }

    private static let c0 = "spec.containers[0]"

    static let pods = [
        Case(
            "pods",
            container(["env": [["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "spec.foo"]]]]]),
            "\(c0).env[0].valueFrom.fieldRef.fieldPath: FieldValueInvalid"
        ),
        Case(
            "pods",
            container(["livenessProbe": ["successThreshold": 2, "httpGet": ["port": 0], "exec": [:]]]),
            "\(c0).livenessProbe.exec.command: FieldValueRequired",
            "\(c0).livenessProbe.httpGet: FieldValueForbidden",
            "\(c0).livenessProbe.successThreshold: FieldValueInvalid"
        ),
        Case(
            "pods",
            container(["resources": ["limits": ["example.com/gpu": "1500m"]]]),
            "\(c0).resources.limits[example.com/gpu]: FieldValueInvalid",
            "\(c0).resources.requests[example.com/gpu]: FieldValueInvalid"
        ),
        Case(
            "pods",
            container(["resources": ["requests": ["example.com/gpu": 1]]]),
            "\(c0).resources.limits: FieldValueRequired"
        ),
        Case(
            "pods",
            container([
                "ports": [
                    ["containerPort": 80, "hostPort": 8080], ["containerPort": 81, "hostPort": 8080],
                ]
            ]),
            "\(c0).ports[1].hostPort: FieldValueDuplicate"
        ),
        Case(
            "pods",
            Sample.pod(spec: ["ephemeralContainers": [["name": "e", "image": "i"]]]),
            "spec.ephemeralContainers: FieldValueForbidden"
        ),
        Case(
            "pods",
            Sample.pod(
                spec: [
                    "volumes": [
                        ["name": "a", "hostPath": ["path": "/x/../y", "type": "Odd"]],
                        ["name": "b", "secret": ["secretName": "s", "defaultMode": 1000]],
                    ]
                ]
            ),
            "spec.volumes[0].hostPath.path: FieldValueInvalid",
            "spec.volumes[0].hostPath.type: FieldValueNotSupported",
            "spec.volumes[1].secret.defaultMode: FieldValueInvalid"
        ),
        Case(
            "pods",
            Sample.pod(
                spec: [
                    "affinity": [
                        "nodeAffinity": [
                            "requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": []]
                        ]
                    ]
                ]
            ),
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: "
                + "FieldValueRequired"
        ),
    ]

    static let workloads = [
        Case(
            "deployments.apps",
            spec(["template": Sample.template]),
            "spec.selector: FieldValueRequired",
            "spec.template.metadata.labels: FieldValueInvalid"
        ),
        Case(
            "jobs.batch",
            job([:], restart: "Odd"),
            "spec.template.spec.restartPolicy: FieldValueNotSupported",
            "spec.template.spec.restartPolicy: FieldValueNotSupported"
        ),
        Case(
            "jobs.batch",
            job(["selector": ["matchLabels": ["a": "b"]]]),
            "spec.selector: FieldValueInvalid",
            "spec.template.metadata.labels: FieldValueInvalid"
        ),
        Case("jobs.batch", job(["backoffLimitPerIndex": 1]), "spec.backoffLimitPerIndex: FieldValueInvalid"),
    ]

    static let others = [
        Case("ingresses.networking.k8s.io", spec([:]), "spec: FieldValueInvalid"),
        Case(
            "ingresses.networking.k8s.io",
            spec([
                "rules": [
                    [
                        "host": "a.*.b",
                        "http": ["paths": [["path": "x", "pathType": "Exact", "backend": [:]]]],
                    ]
                ]
            ]),
            "spec.rules[0].host: FieldValueInvalid",
            "spec.rules[0].http.paths[0].path: FieldValueInvalid",
            "spec.rules[0].http.paths[0].backend: FieldValueInvalid"
        ),
        Case(
            "networkpolicies.networking.k8s.io",
            spec(["ingress": [["from": [["ipBlock": ["cidr": "10.0.0.0/8", "except": ["11.0.0.0/9"]]]]]]]),
            "spec.ingress[0].from[0].ipBlock.except[0]: FieldValueInvalid"
        ),
        Case(
            "services",
            Sample.service(spec: ["ports": [["port": 80, "nodePort": 30_080]], "loadBalancerClass": "a/b"]),
            "spec.ports[0].nodePort: FieldValueForbidden",
            "spec.loadBalancerClass: FieldValueForbidden"
        ),
        Case(
            "resourcequotas",
            spec(["hard": ["foo": 1, "pods": "1500m"]]),
            "spec.hard[foo]: FieldValueInvalid",
            "spec.hard[foo]: FieldValueInvalid",
            "spec.hard[pods]: FieldValueInvalid"
        ),
        Case(
            "limitranges",
            spec(["limits": [["type": "Pod", "min": ["cpu": 2], "max": ["cpu": 1]]]]),
            "spec.limits[0].min[cpu]: FieldValueInvalid"
        ),
        Case(
            "endpointslices.discovery.k8s.io",
            ["metadata": ["name": "x"], "addressType": "IPv4", "endpoints": [["addresses": ["::1"]]]],
            "endpoints[0].addresses[0]: FieldValueInvalid"
        ),
        Case(
            "endpoints",
            ["metadata": ["name": "x"], "subsets": [[:]]],
            "subsets[0]: FieldValueRequired"
        ),
    ]

    @Test("Fields of a kind are judged by its own rules", arguments: pods + workloads + others)
    func causes(_ example: Case) async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal { try await fixture.create(example.resource, example.body) }
        let causes = error.details?["causes"]?.array ?? []
        #expect(
            causes.map { "\($0["field"]?.string ?? ""): \($0["reason"]?.string ?? "")" } == example.causes
        )
    }

    @Test("A pod that is gated says so, a pod template keeps its labels where they are")
    func gates() async throws {
        let fixture = try await RegistryFixture()
        let pod = try await fixture.create("pods", Sample.pod(spec: ["schedulingGates": [["name": "a"]]]))
        #expect(pod.condition("PodScheduled")?.reason == "SchedulingGated")
    }

    @Test("A job keeps the selector it is given only if it may choose its pods itself")
    func manualSelector() async throws {
        let fixture = try await RegistryFixture()
        let made = try await fixture.create("jobs.batch", Self.job([:]))
        let labels = made.at("spec", "selector", "matchLabels")?.object
        #expect(labels?.keys == ["batch.kubernetes.io/controller-uid"])
        #expect(labels?["batch.kubernetes.io/controller-uid"]?.string == made.uid)
    }
}
