import KubeModel
import KubeServer
import Testing

/// Volumes, claims and their classes: what is refused, and what may not change.
@Suite("Rules for storage")
struct StorageRulesTests {
    typealias Case = ValidationTests.Case

    private static func pod(_ volume: JSON, mount: JSON? = nil) -> JSON {
        var container: JSON = ["name": "c", "image": "i"]
        if let mount { container["volumeMounts"] = [mount] }
        return Sample.pod(spec: ["containers": [container], "volumes": [volume]])
    }

    private static func claim(_ members: JSON) -> JSON {
        var spec: JSON = ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]]
        for (key, value) in members.object ?? [:] { spec[key] = value }
        return ["metadata": ["name": "v"], "spec": spec]
    }

    private static func volume(_ members: JSON) -> JSON {
        var spec: JSON = ["accessModes": ["ReadWriteOnce"], "capacity": ["storage": "1Gi"]]
        for (key, value) in members.object ?? [:] { spec[key] = value }
        return ["metadata": ["name": "v"], "spec": spec]
    }

    private static let v0 = "spec.volumes[0]"

    static let cases = [
        Case(
            "pods",
            pod(["name": "v", "nfs": ["server": "s", "path": "x"]]),
            "\(v0).nfs.path: FieldValueInvalid"
        ),
        // A volume that is not sound is not there for the mounts.
        Case(
            "pods",
            pod(["name": "v", "hostPath": ["path": "/a/../b"]], mount: ["name": "v", "mountPath": "/v"]),
            "\(v0).hostPath.path: FieldValueInvalid",
            "spec.containers[0].volumeMounts[0].name: FieldValueNotFound"
        ),
        Case(
            "pods",
            pod(
                ["name": "v", "emptyDir": [:]],
                mount: ["name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"]
            ),
            "spec.containers[0].volumeMounts.mountPropagation: FieldValueForbidden"
        ),
        Case(
            "pods",
            pod([
                "name": "v",
                "projected": [
                    "sources": [
                        ["secret": ["name": "a", "items": [["key": "k", "path": "f"]]]],
                        ["configMap": ["name": "b", "items": [["key": "k", "path": "f"]]]],
                    ]
                ],
            ]),
            "\(v0).projected: FieldValueInvalid"
        ),
        Case(
            "persistentvolumeclaims",
            claim(["accessModes": ["ReadWriteOncePod", "ReadWriteOnce"]]),
            "spec.accessModes: FieldValueForbidden"
        ),
        Case(
            "persistentvolumes",
            volume(["hostPath": ["path": "/"], "persistentVolumeReclaimPolicy": "Recycle"]),
            "spec.persistentVolumeReclaimPolicy: FieldValueForbidden"
        ),
        Case(
            "persistentvolumes",
            volume(["local": ["path": "/x"]]),
            "spec.nodeAffinity: FieldValueRequired"
        ),
        Case(
            "storageclasses.storage.k8s.io",
            ["metadata": ["name": "s"], "provisioner": "a b", "reclaimPolicy": "Recycle"],
            "provisioner: FieldValueInvalid",
            "reclaimPolicy: FieldValueNotSupported"
        ),
    ]

    @Test("A volume, a claim or a class is judged by where its content comes from", arguments: cases)
    func causes(_ example: Case) async throws {
        let fixture = try await RegistryFixture()
        let error = try await refusal { try await fixture.create(example.resource, example.body) }
        let causes = error.details?["causes"]?.array ?? []
        #expect(
            causes.map { "\($0["field"]?.string ?? ""): \($0["reason"]?.string ?? "")" } == example.causes
        )
    }

    @Test("A claim that is filled from another says so in both of its fields")
    func sources() async throws {
        let fixture = try await RegistryFixture()
        let source: JSON = ["kind": "PersistentVolumeClaim", "name": "other"]
        let made = try await fixture.create("persistentvolumeclaims", Self.claim(["dataSource": source]))
        #expect(made.at("spec", "dataSourceRef", "name") == "other")
        #expect(made.at("spec", "dataSourceRef", "apiGroup") == .null)
    }

    @Test("A Job takes over the labels of its template, also those that the server adds")
    func jobLabels() async throws {
        let fixture = try await RegistryFixture()
        let template: JSON = [
            "metadata": ["labels": ["app": "a"]],
            "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "i"]]],
        ]
        let job: JSON = ["metadata": ["name": "j"], "spec": ["template": template]]
        let made = try await fixture.create("jobs.batch", job)
        #expect(made.at("metadata", "labels") == made.at("spec", "template", "metadata", "labels"))
        #expect(made.at("metadata", "labels", "batch.kubernetes.io/job-name") == "j")
    }
}
