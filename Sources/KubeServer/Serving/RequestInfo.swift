import KubeModel

/// What a request is about, read from its method, path and query alone.
struct RequestInfo: Sendable, Hashable {
    /// As authorization names it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for
    /// paths that are no resources the method in lower case.
    var verb: String
    /// Decoded, without a trailing slash.
    var path: String
    var isResource = false
    var group = ""
    var version = ""
    var namespace = ""
    var resource = ""
    var subresource = ""
    var name = ""
    /// Path segments after the subresource, as a proxy has them.
    var rest: [String] = []

    var gvr: GroupVersionResource { GroupVersionResource(group: group, version: version, resource: resource) }
    var objectName: ObjectName { ObjectName(namespace: namespace, name: name) }

    /// - Throws: `StatusError` for a path that cannot be decoded.
    init(method: String, path rawPath: String, isWatch: Bool, fieldSelector: String?) throws {
        let segments = try rawPath.split(separator: "/", omittingEmptySubsequences: true).map(Self.decode)
        path = "/" + segments.joined(separator: "/")
        verb = method.lowercased()
        guard let root = segments.first, root == "api" || root == "apis" else { return }
        let groupSegments = root == "api" ? 0 : 1
        guard segments.count > 2 + groupSegments else { return }
        isResource = true
        group = root == "api" ? "" : segments[1]
        version = segments[1 + groupSegments]
        verb = Self.verb(of: method)
        var parts = Array(segments[(2 + groupSegments)...])
        var isWatch = isWatch
        // The old way to ask for a watch.
        if parts[0] == "watch", parts.count > 1, method == "GET" {
            parts.removeFirst()
            isWatch = true
        }
        if parts[0] == "namespaces", parts.count > 1 {
            namespace = parts[1]
            if parts.count > 2, parts[2] != "status", parts[2] != "finalize" { parts.removeFirst(2) }
        }
        resource = parts[0]
        if parts.count > 1 { name = parts[1] }
        if parts.count > 2 { subresource = parts[2] }
        rest = Array(parts.dropFirst(3))
        guard name.isEmpty else { return }
        switch verb {
        case "get": verb = isWatch ? "watch" : "list"
        case "delete": verb = "deletecollection"
        default: return
        }
        // A selection by name is authorized like the one object it selects.
        if let fieldSelector, let selected = Self.selectedName(fieldSelector) { name = selected }
    }

    /// Whether ``name`` came from a field selector and the request is still one of a collection.
    var isCollection: Bool {
        ["list", "watch", "deletecollection", "create"].contains(verb) && subresource.isEmpty
    }

    private static func verb(of method: String) -> String {
        switch method {
        case "POST": "create"
        case "GET", "HEAD": "get"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": "delete"
        default: method.lowercased()
        }
    }

    private static func selectedName(_ selector: String) -> String? {
        for term in selector.split(separator: ",") {
            for sign in ["metadata.name==", "metadata.name="] where term.hasPrefix(sign) {
                let name = String(term.dropFirst(sign.count))
                return name.contains("/") || name.isEmpty ? nil : name
            }
        }
        return nil
    }

    private static func decode(_ segment: Substring) throws -> String {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return String(segment) }
        guard let text = PercentEncoding.decode(segment, plusIsSpace: false) else {
            throw StatusError.badRequest("invalid URL escape in \"\(segment)\"")
        }
        return text
    }
}
