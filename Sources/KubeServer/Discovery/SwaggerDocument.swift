import KubeModel

/// The OpenAPI v2 document of a cluster: everything in one, made of what the v3 documents have.
struct SwaggerDocument {
    private(set) var paths: JSON = [:]
    private(set) var definitions: JSON = [:]

    /// Adds what a v3 document says.
    mutating func add(paths more: JSON, schemas: JSON) {
        for (path, item) in more.object ?? [:] { paths[path] = Self.pathItem(item) }
        for (name, schema) in schemas.object ?? [:] { definitions[name] = Self.schema(schema) }
    }

    func json(title: String, version: String) -> JSON {
        [
            "swagger": "2.0", "info": ["title": .string(title), "version": .string(version)], "paths": paths,
            "definitions": definitions,
            "securityDefinitions": [
                "BearerToken": [
                    "description": "Bearer Token authentication", "type": "apiKey", "name": "authorization",
                    "in": "header",
                ]
            ],
            "security": [["BearerToken": []]],
        ]
    }

    // MARK: Schemas

    /// What v2 does not know is left out; values that are numbers or texts are texts of a format.
    static func schema(_ value: JSON) -> JSON {
        guard case .object(let object) = value else {
            if case .array(let elements) = value { return .array(elements.map(schema)) }
            return value
        }
        if let reference = value["$ref"]?.string ?? soleReference(value) {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            return ["$ref": .string("#/definitions/\(name)")]
        }
        var result: JSON = [:]
        for (key, member) in object {
            switch key {
            case "oneOf", "anyOf", "allOf", "not", "nullable": continue
            case "properties":
                var properties: JSON = [:]
                for (name, property) in member.object ?? [:] { properties[name] = schema(property) }
                result[key] = properties
            case "items", "additionalProperties": result[key] = schema(member)
            default: result[key] = member
            }
        }
        if result["format"] == "int-or-string" { result["type"] = "string" }
        return result
    }

    /// A reference that stands alone in an `allOf`, as v3 writes it to add a default.
    private static func soleReference(_ value: JSON) -> String? {
        guard let all = value["allOf"]?.array, all.count == 1 else { return nil }
        return all[0]["$ref"]?.string
    }

    // MARK: Paths

    private static func pathItem(_ item: JSON) -> JSON {
        var result: JSON = [:]
        for (key, member) in item.object ?? [:] {
            result[key] =
                key == "parameters" ? .array((member.array ?? []).map(parameter)) : operation(member)
        }
        return result
    }

    private static func operation(_ operation: JSON) -> JSON {
        var result = operation
        var parameters = operation.elements(of: "parameters").map(parameter)
        if let schema = operation.at("requestBody", "content", "*/*", "schema") {
            parameters.insert(
                ["in": "body", "name": "body", "required": true, "schema": self.schema(schema)],
                at: 0
            )
        }
        result["requestBody"] = nil
        result["parameters"] = .array(parameters)
        result["schemes"] = ["https"]
        result["consumes"] = ["*/*"]
        result["produces"] = ["application/json", "application/yaml"]
        if let schema = operation.at("responses", "200", "content", "application/json", "schema") {
            result["responses"] = ["200": ["description": "OK", "schema": self.schema(schema)]]
        }
        return result
    }

    private static func parameter(_ parameter: JSON) -> JSON {
        var result = parameter
        result["schema"] = nil
        for (key, value) in parameter["schema"]?.object ?? [:] { result[key] = value }
        return result
    }
}
