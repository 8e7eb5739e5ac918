import KubeModel

/// The operations of one resource in an OpenAPI v3 document.
struct OpenAPIPaths {
    let definition: ResourceDefinition

    func add(to paths: inout JSON) {
        let root =
            definition.gvr.group.isEmpty
            ? "/api/\(definition.gvr.version)" : "/apis/\(definition.gvr.apiVersion)"
        let collection =
            definition.isNamespaced
            ? "\(root)/namespaces/{namespace}/\(definition.gvr.resource)"
            : "\(root)/\(definition.gvr.resource)"
        paths[collection] = pathItem(operations(ofCollection: true), isCollection: true)
        paths["\(collection)/{name}"] = pathItem(operations(ofCollection: false), isCollection: false)
        if definition.isNamespaced, definition.verbs.contains("list") {
            paths["\(root)/\(definition.gvr.resource)"] = pathItem(
                [("get", "list")],
                isCollection: true,
                isEverywhere: true
            )
        }
        for subresource in definition.subresources.sorted() where ["status", "scale"].contains(subresource) {
            let operations = [("get", "get"), ("put", "put"), ("patch", "patch")]
            paths["\(collection)/{name}/\(subresource)"] = pathItem(operations, isCollection: false)
        }
    }

    private func operations(ofCollection isCollection: Bool) -> [(method: String, action: String)] {
        let all: [(method: String, action: String, verb: String)] =
            isCollection
            ? [
                ("get", "list", "list"), ("post", "post", "create"),
                ("delete", "deletecollection", "deletecollection"),
            ]
            : [
                ("get", "get", "get"), ("put", "put", "update"), ("patch", "patch", "patch"),
                ("delete", "delete", "delete"),
            ]
        return all.filter { definition.verbs.contains($0.verb) }.map { ($0.method, $0.action) }
    }

    private func pathItem(
        _ operations: [(method: String, action: String)],
        isCollection: Bool,
        isEverywhere: Bool = false
    ) -> JSON {
        var item: JSON = [:]
        for (method, action) in operations { item[method] = operation(action) }
        var parameters: [JSON] = []
        if !isCollection { parameters.append(Self.pathParameter("name")) }
        if definition.isNamespaced, !isEverywhere { parameters.append(Self.pathParameter("namespace")) }
        if !parameters.isEmpty { item["parameters"] = .array(parameters) }
        return item
    }

    private func operation(_ action: String) -> JSON {
        let reference = "#/components/schemas/\(OpenAPIDocuments.schemaName(of: definition.gvk))"
        let isList = action == "list"
        let schema: JSON = ["$ref": .string(isList ? reference + "List" : reference)]
        var json: JSON = [
            "tags": [.string(tag)], "operationId": .string(operationID(action)),
            "responses": ["200": ["description": "OK", "content": ["application/json": ["schema": schema]]]],
            "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": OpenAPIDocuments.json(definition.gvk),
        ]
        var parameters: [JSON] = [Self.queryParameter("pretty", "string")]
        switch action {
        case "post", "put", "patch":
            parameters += ["dryRun", "fieldManager", "fieldValidation"].map {
                Self.queryParameter($0, "string")
            }
            if action == "patch" { parameters.append(Self.queryParameter("force", "boolean")) }
            json["requestBody"] = ["required": true, "content": ["*/*": ["schema": schema]]]
        case "delete", "deletecollection":
            parameters += ["dryRun", "propagationPolicy"].map { Self.queryParameter($0, "string") }
            parameters.append(Self.queryParameter("gracePeriodSeconds", "integer"))
        case "list":
            parameters += [
                "continue", "fieldSelector", "labelSelector", "resourceVersion", "resourceVersionMatch",
            ]
            .map { Self.queryParameter($0, "string") }
            parameters += ["limit", "timeoutSeconds"].map { Self.queryParameter($0, "integer") }
            parameters += ["allowWatchBookmarks", "sendInitialEvents", "watch"].map {
                Self.queryParameter($0, "boolean")
            }
        default: break
        }
        json["parameters"] = .array(parameters)
        return json
    }

    private var tag: String {
        let group = definition.gvr.group.isEmpty ? "core" : definition.gvr.group.split(separator: ".")[0]
        return "\(group)_\(definition.gvr.version)"
    }

    private func operationID(_ action: String) -> String {
        let group =
            definition.gvr.group.isEmpty ? "core" : String(definition.gvr.group.split(separator: ".")[0])
        let scope = definition.isNamespaced ? "Namespaced" : ""
        return
            "\(action)\(group.capitalizedFirst)\(definition.gvr.version.capitalizedFirst)\(scope)\(definition.kind)"
    }

    private static func pathParameter(_ name: String) -> JSON {
        [
            "name": .string(name), "in": "path", "required": true,
            "schema": ["type": "string", "uniqueItems": true],
        ]
    }

    private static func queryParameter(_ name: String, _ type: String) -> JSON {
        ["name": .string(name), "in": "query", "schema": ["type": .string(type), "uniqueItems": true]]
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
