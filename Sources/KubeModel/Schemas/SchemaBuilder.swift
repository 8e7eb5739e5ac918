/// Makes ``Schema`` graphs from OpenAPI 3 schemas.
struct SchemaBuilder {
    private static let prefix = "#/components/schemas/"

    private let components: JSONObject
    private var built: [String: Schema] = [:]

    init(components: JSONObject = [:]) { self.components = components }

    /// The schema of a component; types that refer to themselves get the same node again.
    mutating func component(_ name: String) -> Schema {
        if let schema = built[name] { return schema }
        let schema = Schema()
        built[name] = schema
        let short = name.split(separator: ".").last.map(String.init) ?? name
        schema.typeName = short
        switch short {
        case "Quantity": take(.scalar(.untyped, .quantity), schema)
        case "IntOrString":
            take(.deduced, schema)
            schema.meaning = .intOrString
        case "RawExtension": take(.untyped, schema)
        default:
            fill(schema, from: components[name] ?? [:], preservesUnknown: false)
            if short == "Time" { schema.meaning = .time }
            if short == "MicroTime" { schema.meaning = .microTime }
        }
        return schema
    }

    /// The schema of a place: its own or a component's, with what is said beside the reference.
    mutating func schema(of json: JSON, preservesUnknown: Bool) -> Schema {
        guard let reference = json["$ref"]?.string ?? json["allOf"]?[0]?["$ref"]?.string else {
            let schema = Schema()
            fill(schema, from: json, preservesUnknown: preservesUnknown)
            return schema
        }
        let target = component(String(reference.dropFirst(Self.prefix.count)))
        let extras = [
            "default", "x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key", "x-kubernetes-map-type",
        ]
        guard extras.contains(where: { json[$0] != nil }) else { return target }
        if json["default"] == target.defaultValue, extras.dropFirst().allSatisfy({ json[$0] == nil }) {
            return target
        }
        // The target may still be under construction, if a type refers to itself; those references have no extras.
        let schema = Schema()
        take(target, schema)
        annotate(schema, from: json)
        if let type = json["x-kubernetes-map-type"]?.string { schema.isAtomicMap = type == "atomic" }
        return schema
    }

    private func take(_ other: Schema, _ schema: Schema) {
        schema.scalar = other.scalar
        schema.allowsList = other.allowsList
        schema.allowsMap = other.allowsMap
        schema.meaning = other.meaning
        schema.fieldNames = other.fieldNames
        schema.fields = other.fields
        schema.additional = other.additional
        schema.isAtomicMap = other.isAtomicMap
        schema.required = other.required
        schema.items = other.items
        schema.listType = other.listType
        if schema.typeName.isEmpty { schema.typeName = other.typeName }
    }

    private func annotate(_ schema: Schema, from json: JSON) {
        schema.defaultValue = json["default"]
        schema.patchStrategies = Set(
            json["x-kubernetes-patch-strategy"]?.string?.split(separator: ",").map(String.init) ?? []
        )
        schema.patchMergeKey = json["x-kubernetes-patch-merge-key"]?.string
    }

    mutating func fill(_ schema: Schema, from json: JSON, preservesUnknown: Bool) {
        annotate(schema, from: json)
        let preservesUnknown = preservesUnknown || json["x-kubernetes-preserve-unknown-fields"]?.bool == true
        switch json["type"]?.string {
        case "string":
            schema.scalar = .string
            if json["format"]?.string == "byte" { schema.meaning = .bytes }
        case "integer", "number": schema.scalar = .numeric
        case "boolean": schema.scalar = .boolean
        case "array": fillList(schema, from: json, preservesUnknown: preservesUnknown)
        case "object": fillMap(schema, from: json, preservesUnknown: preservesUnknown)
        default:
            schema.scalar = .untyped
            if json["x-kubernetes-int-or-string"]?.bool == true { schema.meaning = .intOrString }
            fillList(schema, from: json, preservesUnknown: preservesUnknown)
            fillMap(schema, from: json, preservesUnknown: preservesUnknown)
        }
    }

    private mutating func fillList(_ schema: Schema, from json: JSON, preservesUnknown: Bool) {
        schema.allowsList = true
        schema.items =
            json["items"].map { self.schema(of: $0, preservesUnknown: preservesUnknown) } ?? .untyped
        let keys = json["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
        switch json["x-kubernetes-list-type"]?.string {
        case "map": schema.listType = .map(keys: keys.sorted())
        case "set": schema.listType = .set
        default: schema.listType = .atomic
        }
    }

    private mutating func fillMap(_ schema: Schema, from json: JSON, preservesUnknown: Bool) {
        schema.allowsMap = true
        schema.isAtomicMap = json["x-kubernetes-map-type"]?.string == "atomic"
        schema.required = json["required"]?.array?.compactMap(\.string) ?? []
        let properties = json["properties"]?.object ?? [:]
        schema.fieldNames = properties.keys
        schema.fields = properties.values.map { self.schema(of: $0, preservesUnknown: preservesUnknown) }
        switch json["additionalProperties"] {
        case nil: schema.additional = preservesUnknown || properties.isEmpty ? .deduced : nil
        case .bool(let isAllowed)?: schema.additional = isAllowed ? .deduced : nil
        case let additional?:
            schema.additional = self.schema(of: additional, preservesUnknown: preservesUnknown)
        }
    }
}
