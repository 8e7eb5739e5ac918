import KubeModel

/// Columns and cells of one resource's Table representation.
struct TablePrinter: Sendable {
    /// As `columnDefinitions` has them.
    let columns: [JSON]
    private let row: @Sendable (Cells) -> [JSON]

    init(columns: [JSON], row: @escaping @Sendable (Cells) -> [JSON]) {
        self.columns = columns
        self.row = row
    }

    func cells(of object: KubeObject) -> [JSON] { row(Cells(object, now: .now())) }

    static func column(
        _ name: String,
        type: String,
        format: String = "",
        description: String = "",
        priority: Int = 0
    )
        -> JSON
    {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .integer(Int64(priority)),
        ]
    }
}

/// The printers of all resources of a cluster.
struct TablePrinters: Sendable {
    private let store: ClusterStore

    init(store: ClusterStore) { self.store = store }

    /// - Parameter form: A printer that is not going to be used costs nothing.
    func printer(for definition: ResourceDefinition, _ form: Representation.Form) -> TablePrinter {
        guard case .table = form else { return TablePrinter(columns: []) { _ in [] } }
        if definition.isCustom { return customPrinter(customResource(definition)) }
        let key =
            definition.gvr.group.isEmpty
            ? "\(definition.gvr.version)/\(definition.gvr.resource)"
            : "\(definition.gvr.apiVersion)/\(definition.gvr.resource)"
        let recorded = KubernetesFacts.printerColumns[key]?.array ?? Self.defaultColumns
        let columns = recorded.map { column -> JSON in
            var column = column
            if column["description"] == nil { column["description"] = "" }
            return column
        }
        return TablePrinter(columns: columns, row: BuiltInCells.row(for: definition, columns: columns))
    }

    private static let defaultColumns = [
        TablePrinter.column("Name", type: "string", format: "name"),
        TablePrinter.column("Created At", type: "date"),
    ]

    /// What a CustomResourceDefinition says of one of its versions, beyond what the registry needs.
    func customResource(_ definition: ResourceDefinition) -> CustomResourceFacts {
        let name = ObjectName(name: definition.gvr.groupResource)
        let key = ClusterStore.Key(resource: "customresourcedefinitions.apiextensions.k8s.io", name: name)
        return CustomResourceFacts(store.get(key), version: definition.gvr.version)
    }

    private func customPrinter(_ facts: CustomResourceFacts) -> TablePrinter {
        let columns = facts.columns
        let paths = columns.map { JSONPath($0.path) }
        let definitions =
            [TablePrinter.column("Name", type: "string", format: "name", description: Self.nameDescription)]
            + columns.map {
                TablePrinter.column(
                    $0.name,
                    type: $0.type,
                    format: $0.format,
                    description: $0.description,
                    priority: $0.priority
                )
            }
        return TablePrinter(columns: definitions) { cells in
            [cells.name]
                + zip(columns, paths).map { column, path in
                    Self.cell(path?.first(in: cells.object.json), type: column.type, cells)
                }
        }
    }

    private static let nameDescription = "The name of the object, unique within its namespace."

    private static func cell(_ value: JSON?, type: String, _ cells: Cells) -> JSON {
        guard let value else { return .null }
        switch type {
        case "integer": return value.number.map { .integer(Int64($0)) } ?? .null
        case "number": return value.number.map(JSON.double) ?? .null
        case "boolean": return value.bool.map(JSON.bool) ?? .null
        case "date":
            guard let text = value.string else { return .null }
            return .string(cells.ago(text))
        default: return .string(value.isNull ? "<no value>" : value.string ?? value.text)
        }
    }
}

struct CustomResourceFacts: Sendable {
    struct Column: Sendable {
        var name: String
        var type: String
        var format: String
        var description: String
        var priority: Int
        var path: String
    }

    /// Changes with the definition.
    let version: String
    let columns: [Column]
    /// Dotted paths that field selectors may use.
    let selectableFields: [String]
    let schema: JSON
    let scale: ScaleView

    private static func description(of column: JSON) -> String {
        let given = column["description"]?.string ?? ""
        let path = column["jsonPath"]?.string ?? ""
        return given.isEmpty ? "Custom resource definition column (in JSONPath format): \(path)" : given
    }

    init(_ definition: KubeObject?, version name: String) {
        let served = definition?.at("spec", "versions")?.array?.first { $0["name"]?.string == name } ?? [:]
        version = "\(definition?.resourceVersion ?? "")/\(name)"
        schema = served.at("schema", "openAPIV3Schema") ?? ["type": "object"]
        selectableFields = (served["selectableFields"]?.array ?? []).compactMap { field in
            field["jsonPath"]?.string.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
        }
        let given = (served["additionalPrinterColumns"]?.array ?? []).map { column in
            Column(
                name: column["name"]?.string ?? "",
                type: column["type"]?.string ?? "string",
                format: column["format"]?.string ?? "",
                description: Self.description(of: column),
                priority: column["priority"]?.int ?? 0,
                path: column["jsonPath"]?.string ?? ""
            )
        }
        let age = Column(
            name: "Age",
            type: "date",
            format: "",
            description: "When the object was created.",
            priority: 0,
            path: ".metadata.creationTimestamp"
        )
        columns = given.isEmpty ? [age] : given
        func path(_ key: String) -> [String]? {
            served.at("subresources", "scale", key)?.string
                .map { $0.split(separator: ".").map(String.init) }
        }
        scale = ScaleView(
            specReplicas: path("specReplicasPath") ?? ["spec", "replicas"],
            statusReplicas: path("statusReplicasPath") ?? ["status", "replicas"],
            selector: path("labelSelectorPath") ?? []
        )
    }
}
