import Fleet
import KubeClient
import KubeModel
import KubeRuntime
import Tenancy

/// Varde's own kinds and namespace, put into the admin cluster before anything uses them.
enum OwnDefinitions {
    /// Where the platform's own namespaced objects are.
    static let namespace = "varde-system"

    /// Applies the CustomResourceDefinitions and waits until all of them are served.
    static func install(in admin: KubeClient) async throws {
        _ = try await admin.apply(
            .namespaces,
            KubeObject(apiVersion: "v1", kind: "Namespace", name: namespace),
            force: true
        )
        for yaml in [ClusterDefinition.yaml, TenantDefinition.yaml, ApplicationDefinition.yaml] {
            for document in try YAML.documents(Array(yaml.utf8)) {
                let definition = KubeObject(document.value)
                _ = try await admin.apply(.customResourceDefinitions, definition, force: true)
                try await waitUntilEstablished(definition.objectName, in: admin)
            }
        }
        try await admin.discovery.refresh()
    }

    private static func waitUntilEstablished(_ name: ObjectName, in admin: KubeClient) async throws {
        let selector = "metadata.name=\(name.name)"
        let (items, version) = try await admin.list(.customResourceDefinitions, fieldSelector: selector)
        if items.contains(where: isEstablished) { return }
        let events = try await admin.watch(.customResourceDefinitions, fieldSelector: selector, from: version)
        for try await event in events {
            switch event {
            case .added(let object), .modified(let object): if isEstablished(object) { return }
            default: continue
            }
        }
    }

    private static func isEstablished(_ definition: KubeObject) -> Bool {
        definition.condition("Established")?.isTrue == true
    }
}
