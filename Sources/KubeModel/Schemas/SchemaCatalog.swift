/// The schemas of the built-in kinds.
///
/// Made once from the data file of component schemas, which takes some milliseconds; lookups are cheap.
package struct SchemaCatalog: Sendable {
    private let kinds: [GroupVersionKind: Schema]
    private let components: [String: Schema]

    /// - Parameter bytes: `schemas.json`: an object of component schemas by name. See
    ///   `KubernetesData` for the file's bytes.
    package init(bytes: some Collection<UInt8>) throws(SyntaxError) {
        let json = try JSON.parse(bytes)
        self.init(components: json.object ?? [:])
    }

    /// From component schemas of an OpenAPI 3 document, by name.
    package init(components json: JSONObject) {
        var builder = SchemaBuilder(components: json)
        var kinds: [GroupVersionKind: Schema] = [:]
        var components: [String: Schema] = [:]
        for (name, component) in json {
            let schema = builder.component(name)
            components[name] = schema
            for kind in component["x-kubernetes-group-version-kind"]?.array ?? [] {
                let gvk = GroupVersionKind(
                    group: kind["group"]?.string ?? "",
                    version: kind["version"]?.string ?? "",
                    kind: kind["kind"]?.string ?? ""
                )
                kinds[gvk] = schema
            }
        }
        self.kinds = kinds
        self.components = components
    }

    /// The schema of a built-in kind.
    package func schema(of gvk: GroupVersionKind) -> Schema? { kinds[gvk] }

    /// A schema by its name in OpenAPI: `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`.
    package func component(_ name: String) -> Schema? { components[name] }

    /// The schema of `metadata`, which is the same in all kinds.
    package var objectMeta: Schema {
        components["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"] ?? .deduced
    }
}
