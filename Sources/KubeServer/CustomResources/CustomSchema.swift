import Algorithms
import Foundation
import KubeModel

/// The schema of a custom resource, ready for use: `openAPIV3Schema` read once.
struct CustomSchema: Sendable {
    enum Additional: Sendable {
        case none
        case any
        indirect case schema(CustomSchema)
    }

    /// Rules that several keywords share.
    struct Limits: Sendable {
        var minimum: Double?
        var maximum: Double?
        var excludesMinimum = false
        var excludesMaximum = false
        var multipleOf: Double?
        var minLength: Int?
        var maxLength: Int?
        var minItems: Int?
        var maxItems: Int?
        var minProperties: Int?
        var maxProperties: Int?
        var uniqueItems = false
    }

    var type: String?
    /// In order of their keys.
    var propertyNames: [String] = []
    var propertySchemas: [CustomSchema] = []
    var additional = Additional.none
    /// None, or one: a struct cannot hold itself.
    var items: [CustomSchema] = []
    var isNullable = false
    var preservesUnknownFields = false
    var isIntOrString = false
    var isEmbeddedResource = false
    var listType: String?
    var listMapKeys: [String] = []
    var defaultValue: JSON?
    var required: [String] = []
    var allowed: [JSON] = []
    var limits = Limits()
    var format: String?
    var patternText: String?
    var pattern: NSRegularExpression?
    var allOf: [CustomSchema] = []
    var anyOf: [CustomSchema] = []
    var oneOf: [CustomSchema] = []
    var not: [CustomSchema] = []
    /// Whether anything below has a default, so that defaulting can skip the rest.
    var hasDefaults = false
    /// Whether it or anything below is a list by keys, a set, or a resource inside of another.
    var hasMembersToCompare = false
    /// Whether it or anything below has rules in CEL, which are not evaluated here.
    var hasRules = false

    init(_ json: JSON) {
        type = json["type"]?.string
        for (name, property) in json["properties"]?.object ?? [:] {
            propertyNames.append(name)
            propertySchemas.append(CustomSchema(property))
        }
        switch json["additionalProperties"] {
        case .bool(true)?: additional = .any
        case .object(let schema)?: additional = .schema(CustomSchema(.object(schema)))
        default: break
        }
        switch json["items"] {
        case .object(let schema)?: items = [CustomSchema(.object(schema))]
        case .array(let schemas)?: items = schemas.prefix(1).map(CustomSchema.init)
        default: break
        }
        isNullable = json["nullable"]?.bool ?? false
        preservesUnknownFields = json["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
        isIntOrString = json["x-kubernetes-int-or-string"]?.bool ?? false
        isEmbeddedResource = json["x-kubernetes-embedded-resource"]?.bool ?? false
        listType = json["x-kubernetes-list-type"]?.string
        listMapKeys = json.elements(of: "x-kubernetes-list-map-keys").compactMap(\.string)
        defaultValue = json["default"].map(\.withWholeNumbers)
        required = json.elements(of: "required").compactMap(\.string)
        allowed = json.elements(of: "enum")
        format = json["format"]?.string
        patternText = json["pattern"]?.string
        // Patterns are checked as the definition is validated; one that this platform cannot read lets all values pass.
        pattern = patternText.flatMap { try? NSRegularExpression(pattern: $0) }
        limits = Limits(json)
        allOf = json.elements(of: "allOf").map(CustomSchema.init)
        anyOf = json.elements(of: "anyOf").map(CustomSchema.init)
        oneOf = json.elements(of: "oneOf").map(CustomSchema.init)
        not = json["not"].map { [CustomSchema($0)] } ?? []
        var children = propertySchemas + items
        if case .schema(let schema) = additional { children.append(schema) }
        hasDefaults = children.contains { $0.hasDefaults || $0.defaultValue != nil }
        hasMembersToCompare =
            isEmbeddedResource || listType == "set" || listType == "map"
            || children.contains { $0.hasMembersToCompare }
        hasRules =
            !json.elements(of: "x-kubernetes-validations").isEmpty || children.contains { $0.hasRules }
    }

    func property(_ name: String) -> CustomSchema? {
        let place = propertyNames.partitioningIndex { $0 >= name }
        return place < propertyNames.count && propertyNames[place] == name ? propertySchemas[place] : nil
    }
}

extension CustomSchema.Limits {
    init(_ json: JSON) {
        minimum = json["minimum"]?.number
        maximum = json["maximum"]?.number
        excludesMinimum = json["exclusiveMinimum"]?.bool ?? false
        excludesMaximum = json["exclusiveMaximum"]?.bool ?? false
        multipleOf = json["multipleOf"]?.number
        minLength = json["minLength"]?.int
        maxLength = json["maxLength"]?.int
        minItems = json["minItems"]?.int
        maxItems = json["maxItems"]?.int
        minProperties = json["minProperties"]?.int
        maxProperties = json["maxProperties"]?.int
        uniqueItems = json["uniqueItems"]?.bool ?? false
    }
}

extension JSON {
    /// Whole numbers as integers: `3.0` is written as `3` by Kubernetes, and so is one when it is read again.
    var withWholeNumbers: JSON {
        switch self {
        case .double(let value):
            return Int64(exactly: value).map(JSON.integer) ?? self
        case .array(let elements):
            return .array(elements.map(\.withWholeNumbers))
        case .object(let object):
            return .object(JSONObject(sortedKeys: object.keys, values: object.values.map(\.withWholeNumbers)))
        default: return self
        }
    }
}
