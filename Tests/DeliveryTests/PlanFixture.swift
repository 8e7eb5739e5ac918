import Delivery
import KubeClient
import KubeModel
import Rendering

/// An application with objects as a cluster would have them after applying.
struct PlanFixture {
    var id = ApplicationID(tenant: "kart", cluster: "dev", namespace: "kart-web")
    var now = 1_000.0

    var tracking: Tracking { Tracking(id) }

    static let resources: [String: APIResource] = [
        "ConfigMap": .configMaps, "Secret": .secrets, "Service": .services, "Deployment": .deployments,
        "PersistentVolumeClaim": .persistentVolumeClaims, "Namespace": .namespaces, "Role": .roles,
        "Pod": .pods, "Job": .jobs,
        "CustomResourceDefinition": .customResourceDefinitions,
        "APIService": APIResource(
            gvr: GroupVersionResource(
                group: "apiregistration.k8s.io",
                version: "v1",
                resource: "apiservices"
            ),
            kind: "APIService",
            isNamespaced: false
        ),
    ]

    /// A manifest as a repository has it.
    func desired(_ json: JSON, file: String = "app.yaml", document: Int = 1) -> DesiredObject {
        let object = KubeObject(json)
        return DesiredObject(
            Manifest(object: object, origin: ManifestOrigin(file: file, document: document)),
            resource: Self.resources[object.kind],
            tracking: tracking,
            namespace: id.namespace
        )
    }

    func configMap(
        _ name: String,
        _ data: [String: String] = ["a": "1"],
        annotations: [String: String] = [:]
    ) -> DesiredObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", name: name)
        object["data"] = .object(
            JSONObject(data.map { ($0, .string($1)) }, uniquingKeysWith: { first, _ in first })
        )
        if !annotations.isEmpty { object.annotations = annotations }
        return desired(object.json)
    }

    func object(
        _ kind: String,
        _ name: String,
        api: String = "v1",
        annotations: [String: String] = [:]
    ) -> DesiredObject {
        var object = KubeObject(apiVersion: api, kind: kind, name: name)
        if !annotations.isEmpty { object.annotations = annotations }
        return desired(object.json)
    }

    /// What a server keeps of an object that was applied: with managedFields, and a uid.
    func applied(_ desired: DesiredObject, version: String = "1") -> KubeObject {
        var live = desired.object
        var fields = Self.fields(of: live.json.object ?? [:])
        fields["f:apiVersion"] = nil
        fields["f:kind"] = nil
        var metadata = fields["f:metadata"]?.object ?? [:]
        metadata["f:name"] = nil
        metadata["f:namespace"] = nil
        fields["f:metadata"] = .object(metadata)
        live.set(.string(version), at: "metadata", "resourceVersion")
        live.set(.string("uid-" + desired.reference.description), at: "metadata", "uid")
        live.set(
            [
                [
                    "manager": "varde", "operation": "Apply", "apiVersion": .string(live.apiVersion),
                    "fieldsV1": .object(fields),
                ]
            ],
            at: "metadata",
            "managedFields"
        )
        return live
    }

    private static func fields(of object: JSONObject) -> JSONObject {
        var result = JSONObject()
        for (key, value) in object {
            switch value {
            case .object(let child): result["f:\(key)"] = .object(fields(of: child))
            case .array(let items) where items.allSatisfy({ $0["name"] != nil }) && !items.isEmpty:
                var keyed = JSONObject()
                for item in items {
                    guard let name = item["name"], let object = item.object else { continue }
                    var members = fields(of: object)
                    members["."] = [:]
                    keyed["k:" + JSON.object(["name": name]).text] = .object(members)
                }
                result["f:\(key)"] = .object(keyed)
            default: result["f:\(key)"] = [:]
            }
        }
        return result
    }

    func input(_ desired: [DesiredObject], live: [KubeObject] = []) -> PlanInput {
        PlanInput(
            tracking: tracking,
            revision: "abc1234",
            desired: desired,
            live: Dictionary(live.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first }),
            now: now
        )
    }

    func plan(
        _ desired: [DesiredObject],
        live: [KubeObject] = [],
        _ change: (inout PlanInput) -> Void = { _ in }
    ) -> Plan {
        var input = input(desired, live: live)
        change(&input)
        return Planner.plan(input)
    }
}

extension Plan {
    /// For example `create ConfigMap a`.
    var lines: [String] { steps.map { "\($0.action) \($0.reference.kind) \($0.reference.name)" } }

    func step(_ name: String) -> Step? { steps.first { $0.reference.name == name } }
}
