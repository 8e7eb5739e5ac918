import KubeModel
import KubernetesData

/// The built-in kinds, from the data files: read once per process.
struct BuiltInResources: Sendable {
    static let shared = BuiltInResources()

    let wire: WireSchema
    let resources: [ServedResource]
    let byResource: [GroupVersionResource: ServedResource]
    /// Every kind a client could know, served or not.
    let kinds: Set<GroupVersionKind>
    /// Of `metadata`, which custom resources have, too.
    let objectMetaSchema: Schema

    static let objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    private init() {
        let components = Self.data(varde_kubernetes_schemas, varde_kubernetes_schemas_size).object ?? [:]
        wire = WireSchema(components: components)
        kinds = Set(wire.byKind.keys)
        var resources: [ServedResource] = []
        let core = Self.data(varde_kubernetes_discovery_api, varde_kubernetes_discovery_api_size)
        let groups = Self.data(varde_kubernetes_discovery_apis, varde_kubernetes_discovery_apis_size)
        let schemas = SchemaCatalog(components: components)
        objectMetaSchema = schemas.objectMeta
        for group in core.elements(of: "items") + groups.elements(of: "items") {
            let name = group.at("metadata", "name")?.string ?? ""
            for version in group.elements(of: "versions") {
                for resource in version.elements(of: "resources") {
                    let served = Self.resource(
                        resource,
                        group: name,
                        version: version["version"]?.string ?? "",
                        wire,
                        schemas
                    )
                    if let served { resources.append(served) }
                }
            }
        }
        self.resources = resources
        byResource = Dictionary(
            resources.map { ($0.definition.gvr, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The files are compiled into the binary; one that cannot be read would be a broken build.
    private static func data(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> JSON {
        do {
            return try JSON.parse(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            preconditionFailure("the Kubernetes data in this binary cannot be read: \(error)")
        }
    }

    private static func resource(
        _ json: JSON,
        group: String,
        version: String,
        _ wire: WireSchema,
        _ schemas: SchemaCatalog
    ) -> ServedResource? {
        guard let plural = json["resource"]?.string else { return nil }
        let kind = json.at("responseKind", "kind")?.string ?? ""
        let gvr = GroupVersionResource(group: group, version: version, resource: plural)
        let gvk = GroupVersionKind(group: group, version: version, kind: kind)
        let subresources = json.elements(of: "subresources").compactMap { $0["subresource"]?.string }
        var definition = ResourceDefinition(
            gvr: gvr,
            kind: kind,
            singular: json["singularResource"]?.string ?? kind.lowercased(),
            isNamespaced: json["scope"] == "Namespaced",
            verbs: Set(json.elements(of: "verbs").compactMap(\.string)),
            shortNames: json.elements(of: "shortNames").compactMap(\.string),
            categories: json.elements(of: "categories").compactMap(\.string),
            subresources: Set(subresources),
            isCustom: false
        )
        // Events of both groups are the same objects.
        if gvr.groupResource == "events.events.k8s.io" { definition.storageKey = "events" }
        guard let index = wire.byKind[gvk] else { return nil }
        return ServedResource(
            definition: definition,
            strategy: KindStrategies.strategy(
                for: gvr.groupResource,
                hasStatus: subresources.contains("status")
            ),
            form: .builtIn(index),
            schema: schemas.schema(of: gvk) ?? .deduced,
            conversion: Conversions.conversion(for: gvk)
        )
    }
}
