import KubeModel
import KubeServer
import Testing

/// A registry over an empty store in memory, with the namespace `team`, for tests of the verbs.
struct RegistryFixture: Sendable {
    let store: ClusterStore
    let registry: ResourceRegistry

    init() async throws {
        store = try ClusterStore()
        registry = ResourceRegistry(store: store)
        try await create("namespaces", ["metadata": ["name": "team"]], namespace: "")
    }

    static func context(
        manager: String = "test",
        isDryRun: Bool = false,
        validation: WriteContext.FieldValidation = .warn,
        isForced: Bool = false
    ) -> WriteContext {
        WriteContext(
            user: .admin,
            fieldManager: manager,
            isDryRun: isDryRun,
            fieldValidation: validation,
            isForced: isForced
        )
    }

    /// A resource in version v1 by `plural` or `plural.group`.
    func definition(_ name: String) throws -> ResourceDefinition {
        try #require(registry.definition(of: Self.gvr(name)))
    }

    func serves(_ name: String) -> Bool { registry.definition(of: Self.gvr(name)) != nil }

    private static func gvr(_ name: String) -> GroupVersionResource {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        let group = parts.count > 1 ? parts[1] : ""
        return GroupVersionResource(group: group, version: "v1", resource: parts[0])
    }

    @discardableResult
    func create(
        _ resource: String,
        _ body: JSON,
        namespace: String = "team",
        name: String? = nil,
        subresource: String? = nil,
        _ context: WriteContext = context()
    ) async throws -> KubeObject {
        try await KubeObject(
            registry.create(
                definition(resource),
                namespace: namespace,
                name: name,
                subresource: subresource,
                body: body,
                context
            ).body
        )
    }

    func replace(
        _ resource: String,
        _ name: String,
        _ body: JSON,
        namespace: String = "team",
        subresource: String? = nil,
        _ context: WriteContext = context()
    ) async throws -> KubeObject {
        try await KubeObject(
            registry.replace(
                definition(resource),
                ObjectName(namespace: namespace, name: name),
                subresource: subresource,
                body: body,
                context
            ).body
        )
    }

    @discardableResult
    func patch(
        _ resource: String,
        _ name: String,
        _ patch: JSON,
        type: ResourceRegistry.PatchType = .merge,
        namespace: String = "team",
        subresource: String? = nil,
        _ context: WriteContext = context()
    ) async throws -> KubeObject {
        try await KubeObject(
            registry.patch(
                definition(resource),
                ObjectName(namespace: namespace, name: name),
                subresource: subresource,
                type: type,
                patch: patch,
                context
            ).body
        )
    }

    @discardableResult
    func delete(
        _ resource: String,
        _ name: String,
        _ options: JSON = [:],
        namespace: String = "team",
        _ context: WriteContext = context()
    ) async throws -> JSON {
        try await registry.delete(
            definition(resource),
            ObjectName(namespace: namespace, name: name),
            options: options,
            context
        ).body
    }

    func get(_ resource: String, _ name: String, namespace: String = "team") -> KubeObject? {
        store.get(ClusterStore.Key(resource: resource, name: ObjectName(namespace: namespace, name: name)))
    }
}

/// The refusal of an operation; the test fails if it is not refused.
func refusal(
    of operation: () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> StatusError {
    do {
        try await operation()
    } catch let error as StatusError {
        return error
    }
    Issue.record("was not refused", sourceLocation: sourceLocation)
    throw CancellationError()
}

extension StatusError {
    /// The fields of its causes.
    var fields: [String] { details?["causes"]?.array?.compactMap { $0["field"]?.string } ?? [] }
}

/// Small valid objects.
enum Sample {
    static let template: JSON = [
        "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": "nginx:1"]]],
    ]

    static func configMap(_ name: String = "a", data: JSON = ["k": "v"]) -> JSON {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": data]
    }

    static func deployment(_ name: String = "web") -> JSON {
        [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
            "spec": ["selector": ["matchLabels": ["app": "web"]], "template": template],
        ]
    }

    static func pod(_ name: String = "p", spec: JSON = [:]) -> JSON {
        var all: JSON = ["containers": [["name": "c", "image": "nginx:1"]]]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        return ["metadata": ["name": .string(name), "labels": ["app": "web"]], "spec": all]
    }

    static func service(_ name: String = "s", spec: JSON = [:]) -> JSON {
        var all: JSON = ["ports": [["port": 80]]]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        return ["metadata": ["name": .string(name)], "spec": all]
    }
}
