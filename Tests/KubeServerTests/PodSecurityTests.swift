import KubeModel
import Testing

@testable import KubeServer

@Suite("Pod security")
struct PodSecurityTests {
    private static func violations(_ spec: JSON, _ level: PodSecurityPolicy.Level) -> [String] {
        PodSecurityChecks(spec: spec, annotations: [:], minor: .max).violations(level).map(\.text)
    }

    @Test("An ordinary pod lacks four things for the restricted level, told as Kubernetes does")
    func restricted() {
        #expect(
            Self.violations(["containers": [["name": "c", "image": "i"]]], .restricted) == [
                "allowPrivilegeEscalation != false (container \"c\" must set "
                    + "securityContext.allowPrivilegeEscalation=false)",
                "unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"])",
                "runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true)",
                "seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to "
                    + "\"RuntimeDefault\" or \"Localhost\")",
            ]
        )
        let good: JSON = [
            "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
            "containers": [
                [
                    "name": "c", "image": "i",
                    "securityContext": [
                        "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
                    ],
                ]
            ],
        ]
        #expect(Self.violations(good, .restricted).isEmpty)
    }

    @Test(
        "Every control of the baseline speaks",
        arguments: [
            (["hostNetwork": true, "hostPID": true], "host namespaces (hostNetwork=true, hostPID=true)"),
            (
                ["volumes": [["name": "a", "hostPath": ["path": "/"]], ["name": "b", "hostPath": [:]]]],
                "hostPath volumes (volumes \"a\", \"b\")"
            ),
            (
                ["containers": [["name": "c", "ports": [["hostPort": 80], ["hostPort": 8080]]]]],
                "hostPort (container \"c\" uses hostPorts 80, 8080)"
            ),
            (
                [
                    "containers": [
                        ["name": "c", "securityContext": ["capabilities": ["add": ["SYS_ADMIN", "CHOWN"]]]]
                    ]
                ],
                "non-default capabilities (container \"c\" must not include \"SYS_ADMIN\" in "
                    + "securityContext.capabilities.add)"
            ),
            (
                ["containers": [["name": "c", "securityContext": ["privileged": true]]]],
                "privileged (container \"c\" must not set securityContext.privileged=true)"
            ),
            (
                ["securityContext": ["seccompProfile": ["type": "Unconfined"]]],
                "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"
            ),
            (
                ["securityContext": ["seLinuxOptions": ["type": "foo", "user": "bar"]]],
                "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"foo\"; "
                    + "user may not be set)"
            ),
            (
                ["securityContext": ["sysctls": [["name": "kernel.msgmax"]]]],
                "forbidden sysctls (kernel.msgmax)"
            ),
            (
                ["securityContext": ["appArmorProfile": ["type": "Unconfined"]]],
                "forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\")"
            ),
            (
                ["containers": [["name": "c", "securityContext": ["procMount": "Unmasked"]]]],
                "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")"
            ),
            (
                ["securityContext": ["windowsOptions": ["hostProcess": true]]],
                "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"
            ),
            (
                ["containers": [["name": "c", "livenessProbe": ["httpGet": ["host": "h"]]]]],
                "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"h\")"
            ),
        ] as [(JSON, String)]
    )
    func baseline(spec: JSON, expected: String) {
        #expect(Self.violations(spec, .baseline) == [expected])
    }

    @Test("Labels say what is enforced; what is enforced is warned of, unless another level is named")
    func policies() {
        let prefix = "pod-security.kubernetes.io/"
        let plain = PodSecurityPolicy(labels: [
            prefix + "enforce": "baseline", prefix + "enforce-version": "v1.30",
        ])
        #expect(plain.enforce.text == "baseline:v1.30" && plain.warn.text == "baseline:v1.30")
        let warns = PodSecurityPolicy(labels: [prefix + "warn": "restricted"])
        #expect(warns.enforce.level == .privileged && warns.warn.text == "restricted:latest")
        let wrong = PodSecurityPolicy(labels: [prefix + "enforce": "strict", prefix + "warn-version": "1"])
        #expect(wrong.enforce.level == .restricted)
        #expect(
            wrong.errors.map(\.description) == [
                "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of "
                    + "privileged, baseline, restricted",
                "metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1\": must be "
                    + "\"latest\" or \"v1.x\"",
            ]
        )
    }

    @Test("A workload whose pods would be refused is taken with a warning")
    func warnsOfTemplates() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.create(
            "namespaces",
            ["metadata": ["name": "strict", "labels": ["pod-security.kubernetes.io/enforce": "baseline"]]],
            namespace: ""
        )
        let template: JSON = [
            "metadata": ["labels": ["a": "b"]],
            "spec": ["hostNetwork": true, "containers": [["name": "c", "image": "i"]]],
        ]
        let result = try await fixture.registry.create(
            try fixture.definition("deployments.apps"),
            namespace: "strict",
            name: nil,
            subresource: nil,
            body: [
                "metadata": ["name": "d"],
                "spec": ["selector": ["matchLabels": ["a": "b"]], "template": template],
            ],
            RegistryFixture.context()
        )
        #expect(
            result.warnings == [
                "would violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)"
            ]
        )
    }
}

@Suite("Service accounts of pods")
struct ServiceAccountAdmissionTests {
    private static func registry() async throws -> (ResourceRegistry, ClusterStore) {
        let store = try ClusterStore()
        let registry = ResourceRegistry(
            store: store,
            authorizer: nil,
            settings: ServerSettings(admission: .kubeadm)
        )
        try await create(registry, "namespaces", "", ["metadata": ["name": "team"]])
        return (registry, store)
    }

    @discardableResult
    private static func create(
        _ registry: ResourceRegistry,
        _ resource: String,
        _ namespace: String,
        _ body: JSON
    ) async throws -> JSON {
        let gvr = GroupVersionResource(version: "v1", resource: resource)
        return try await registry.create(
            try #require(registry.definition(of: gvr)),
            namespace: namespace,
            name: nil,
            subresource: nil,
            body: body,
            RegistryFixture.context()
        ).body
    }

    @Test("A pod gets its account's name, pull secrets and a token at the known place")
    func fills() async throws {
        let (registry, _) = try await Self.registry()
        try await Self.create(
            registry,
            "serviceaccounts",
            "team",
            ["metadata": ["name": "default"], "imagePullSecrets": [["name": "pull"]]]
        )
        let pod = try await Self.create(registry, "pods", "team", Sample.pod())
        let spec = pod["spec"] ?? [:]
        #expect(spec["serviceAccountName"] == "default" && spec["serviceAccount"] == "default")
        #expect(spec["imagePullSecrets"] == [["name": "pull"]])
        let mount = spec.at("containers")?[0]?["volumeMounts"]?[0]
        #expect(mount?["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount")
        let volume = spec["volumes"]?[0]
        #expect(volume?["name"]?.string?.hasPrefix("kube-api-access-") == true)
        #expect(volume?["name"] == mount?["name"])
        #expect(volume?.at("projected", "sources")?.array?.count == 3)
    }

    @Test("A pod or an account that wants no token gets none; a missing account is refused")
    func refuses() async throws {
        let (registry, _) = try await Self.registry()
        try await Self.create(
            registry,
            "serviceaccounts",
            "team",
            ["metadata": ["name": "quiet"], "automountServiceAccountToken": false]
        )
        let spec: JSON = ["serviceAccountName": "quiet", "containers": [["name": "c", "image": "i"]]]
        let pod = try await Self.create(registry, "pods", "team", Sample.pod("q", spec: spec))
        #expect(pod.at("spec", "volumes") == nil)
        let missing: JSON = ["serviceAccountName": "none", "containers": [["name": "c", "image": "i"]]]
        let error = try await refusal {
            try await Self.create(registry, "pods", "team", Sample.pod("r", spec: missing))
        }
        #expect(
            error.message == "pods \"r\" is forbidden: error looking up service account team/none: "
                + "serviceaccount \"none\" not found"
        )
    }
}
