import KubeModel
import Synchronization

/// The OpenAPI documents: of v3 one for each group version, of v2 one for all, made when they are first asked for.
final class OpenAPIDocuments: Sendable {
    struct Document: Sendable {
        let bytes: [UInt8]
        let hash: String

        init(_ json: JSON) {
            bytes = json.encoded()
            hash = DiscoveryDocuments.hash(of: bytes)
        }
    }

    private let registry: ResourceRegistry
    private let printers: TablePrinters
    private let custom = Mutex<[String: (versions: String, document: Document)]>([:])
    private let old = Mutex<(versions: String, document: Document)?>(nil)
    /// Built-in documents are the same for all clusters of the process.
    private static let builtIn = Mutex<[String: Document]>([:])

    init(registry: ResourceRegistry, printers: TablePrinters) {
        self.registry = registry
        self.printers = printers
    }

    /// `api/v1`, `apis/apps/v1`, … of everything that is served.
    var paths: [String] {
        Set(registry.definitions.map { Self.path(of: $0) }).sorted()
    }

    private static func path(of definition: ResourceDefinition) -> String {
        (definition.gvr.group.isEmpty ? "api/" : "apis/") + definition.gvr.apiVersion
    }

    /// The index, with the hash of each document in its address.
    var index: JSON {
        var paths: JSON = [:]
        for path in self.paths {
            guard let document = document(path) else { continue }
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(document.hash)")]
        }
        return ["paths": paths]
    }

    /// The document of a group version; `nil` if it is not served.
    func document(_ path: String) -> Document? {
        let definitions = registry.definitions.filter { Self.path(of: $0) == path }
        guard let first = definitions.first else { return nil }
        if !first.isCustom {
            if let known = Self.builtIn.withLock({ $0[path] }) { return known }
            let made = Self.make(definitions, schemas: Self.schemas(for: definitions))
            Self.builtIn.withLock { $0[path] = made }
            return made
        }
        let versions = definitions.map { printers.customResource($0).version }.sorted().joined(separator: ",")
        if let known = custom.withLock({ $0[path] }), known.versions == versions { return known.document }
        let made = Self.make(definitions, schemas: customSchemas(for: definitions))
        custom.withLock { $0[path] = (versions, made) }
        return made
    }

    /// The OpenAPI v2 document of everything that is served.
    var swagger: Document {
        let definitions = registry.definitions
        let key = definitions.filter(\.isCustom).map { printers.customResource($0).version }.sorted()
            .joined(separator: ",")
        if let known = old.withLock({ $0 }), known.versions == key { return known.document }
        var swagger = SwaggerDocument()
        let builtIn = definitions.filter { !$0.isCustom }
        swagger.add(paths: Self.paths(of: builtIn), schemas: Self.schemas(for: builtIn))
        let custom = definitions.filter(\.isCustom)
        swagger.add(paths: Self.paths(of: custom), schemas: customSchemas(for: custom))
        let made = Document(swagger.json(title: "Kubernetes", version: Self.release))
        old.withLock { $0 = (key, made) }
        return made
    }

    private static func paths(of definitions: [ResourceDefinition]) -> JSON {
        var paths: JSON = [:]
        for definition in definitions.sorted(by: { $0.gvr < $1.gvr }) {
            OpenAPIPaths(definition: definition).add(to: &paths)
        }
        return paths
    }

    private static func make(_ definitions: [ResourceDefinition], schemas: JSON) -> Document {
        Document([
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": .string(release)],
            "paths": paths(of: definitions), "components": ["schemas": schemas],
        ])
    }

    private static let release = "v1.36.2"

    // MARK: Schemas

    /// The names of schemas, by the kind that they describe.
    private static let namesByKind: [GroupVersionKind: String] = {
        var names: [GroupVersionKind: String] = [:]
        for (name, schema) in KubernetesFacts.schemas {
            for kind in schema["x-kubernetes-group-version-kind"]?.array ?? [] {
                let gvk = GroupVersionKind(
                    group: kind["group"]?.string ?? "",
                    version: kind["version"]?.string ?? "",
                    kind: kind["kind"]?.string ?? ""
                )
                names[gvk] = name
            }
        }
        return names
    }()

    /// The name of the schema of a kind; custom kinds are named by their reversed group.
    static func schemaName(of gvk: GroupVersionKind) -> String {
        namesByKind[gvk]
            ?? (gvk.group.split(separator: ".").reversed().map(String.init) + [gvk.version, gvk.kind])
            .joined(separator: ".")
    }

    /// The schemas of the kinds, and everything that they refer to.
    private static func schemas(for definitions: [ResourceDefinition]) -> JSON {
        var names: [String] = []
        for definition in definitions {
            let gvk = definition.gvk
            for kind in [gvk.kind, gvk.kind + "List"] {
                let name = namesByKind[GroupVersionKind(group: gvk.group, version: gvk.version, kind: kind)]
                if let name { names.append(name) }
            }
        }
        return closure(of: names + commonNames)
    }

    private static let commonNames = [
        "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
        "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    ]

    static func closure(of names: [String]) -> JSON {
        var result: [String: JSON] = [:]
        var open = names
        while let name = open.popLast() {
            guard result[name] == nil, let schema = KubernetesFacts.schemas[name] else { continue }
            result[name] = schema
            collectReferences(in: schema, into: &open)
        }
        return .object(JSONObject(result.map { ($0, $1) }, uniquingKeysWith: { _, last in last }))
    }

    private static func collectReferences(in value: JSON, into names: inout [String]) {
        switch value {
        case .object(let object):
            if case .string(let reference)? = object["$ref"], let slash = reference.lastIndex(of: "/") {
                names.append(String(reference[reference.index(after: slash)...]))
            }
            for child in object.values { collectReferences(in: child, into: &names) }
        case .array(let elements):
            for element in elements { collectReferences(in: element, into: &names) }
        default: break
        }
    }

    private func customSchemas(for definitions: [ResourceDefinition]) -> JSON {
        var schemas = Self.closure(of: Self.commonNames + [Self.objectMeta, Self.listMeta])
        for definition in definitions {
            let gvk = definition.gvk
            let name = Self.schemaName(of: gvk)
            var schema = printers.customResource(definition).schema
            schema["properties", "apiVersion"] = ["type": "string"]
            schema["properties", "kind"] = ["type": "string"]
            schema["properties", "metadata"] = [
                "allOf": [["$ref": .string("#/components/schemas/\(Self.objectMeta)")]]
            ]
            schema["x-kubernetes-group-version-kind"] = [Self.json(gvk)]
            schemas[name] = schema
            var listKind = gvk
            listKind.kind += "List"
            schemas[name + "List"] = [
                "type": "object", "required": ["items"],
                "x-kubernetes-group-version-kind": [Self.json(listKind)],
                "properties": [
                    "apiVersion": ["type": "string"], "kind": ["type": "string"],
                    "metadata": ["allOf": [["$ref": .string("#/components/schemas/\(Self.listMeta)")]]],
                    "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(name)")]],
                ],
            ]
        }
        return schemas
    }

    private static let objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    private static let listMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"

    static func json(_ gvk: GroupVersionKind) -> JSON {
        ["group": .string(gvk.group), "version": .string(gvk.version), "kind": .string(gvk.kind)]
    }
}

extension JSON {
    /// Two levels at once, making the first if it is missing.
    fileprivate subscript(first: String, second: String) -> JSON? {
        get { self[first]?[second] }
        set {
            var inner = self[first] ?? [:]
            inner[second] = newValue
            self[first] = inner
        }
    }
}
