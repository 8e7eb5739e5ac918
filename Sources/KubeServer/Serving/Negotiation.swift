import KubeModel

/// What form of an answer a client asked for: encoding, and Table or PartialObjectMetadata instead of the objects.
struct Representation: Sendable, Hashable {
    enum Form: Sendable, Hashable {
        case object
        case table(version: String)
        case metadata(version: String)
        case metadataList(version: String)
    }

    var encoding: ServerResponse.Encoding = .json
    var form = Form.object

    var contentType: String { encoding == .yaml ? "application/yaml" : "application/json" }
}

/// One clause of an `Accept` header.
struct AcceptClause: Sendable {
    var type: String
    var parameters: [String: String] = [:]
    var quality = 1.0

    /// The clauses in the order of preference.
    static func parse(_ header: String) -> [AcceptClause] {
        let clauses = header.split(separator: ",").map { text in
            let parts = text.split(separator: ";").map { String($0).trimmed }
            var clause = AcceptClause(type: (parts.first ?? "").lowercased())
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
                guard pair.count == 2 else { continue }
                if pair[0] == "q" {
                    clause.quality = Double(pair[1]) ?? 1
                } else {
                    clause.parameters[pair[0]] = pair[1]
                }
            }
            return clause
        }
        return clauses.enumerated().sorted { left, right in
            left.element.quality == right.element.quality
                ? left.offset < right.offset : left.element.quality > right.element.quality
        }.map(\.element)
    }
}

/// Chooses the form of an answer from a request's `Accept`, `pretty` and `User-Agent`.
struct Negotiation: Sendable {
    var accept: String?
    var pretty: String?
    var userAgent: String

    init(_ request: ServerRequest) {
        accept = request.headers["accept"]
        pretty = request.parameter("pretty")
        userAgent = request.headers["user-agent"] ?? ""
    }

    /// For answers that are not objects of a resource: errors, and whatever must be answered in some form.
    var fallback: Representation {
        for clause in AcceptClause.parse(accept ?? "") {
            if clause.type == "application/yaml" { return Representation(encoding: .yaml) }
            if clause.type == "application/json" || clause.type == "*/*" { break }
        }
        return Representation(encoding: jsonEncoding)
    }

    /// - Parameter isCollection: Whether the resource's path can also be watched, for the message.
    /// - Throws: `StatusError` 406.
    func representation(isCollection: Bool) throws -> Representation {
        guard let accept, !accept.trimmed.isEmpty else { return Representation(encoding: jsonEncoding) }
        let clauses = AcceptClause.parse(accept)
        let known = clauses.filter { Self.types.contains($0.type) }
        guard !known.isEmpty else { throw Self.notAcceptable(isCollection: isCollection) }
        for clause in known {
            if let representation = representation(clause) { return representation }
        }
        throw StatusError(
            code: 406,
            reason: "NotAcceptable",
            message: "only the following media types are accepted: application/json, application/yaml, "
                + "application/vnd.kubernetes.protobuf"
        )
    }

    private func representation(_ clause: AcceptClause) -> Representation? {
        var result = Representation()
        switch clause.type {
        case "application/json", "*/*":
            result.encoding = clause.parameters["pretty"] == "1" ? .indentedJSON : jsonEncoding
        case "application/yaml": result.encoding = .yaml
        default: return nil
        }
        guard let kind = clause.parameters["as"] else { return result }
        let group = clause.parameters["g"] ?? ""
        let version = clause.parameters["v"] ?? ""
        guard group == "meta.k8s.io", version == "v1" || version == "v1beta1" else { return nil }
        switch kind {
        case "Table": result.form = .table(version: version)
        case "PartialObjectMetadata": result.form = .metadata(version: version)
        case "PartialObjectMetadataList": result.form = .metadataList(version: version)
        default: return nil
        }
        return result
    }

    var jsonEncoding: ServerResponse.Encoding {
        if let pretty { return pretty == "false" || pretty == "0" ? .json : .indentedJSON }
        let isPerson = ["curl", "Wget", "Mozilla/5.0"].contains { userAgent.hasPrefix($0) }
        return isPerson ? .indentedJSON : .json
    }

    private static let types: Set = ["application/json", "application/yaml", "*/*"]

    private static func notAcceptable(isCollection: Bool) -> StatusError {
        var types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
        if isCollection {
            types += ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"]
        }
        return StatusError(
            code: 406,
            reason: "NotAcceptable",
            message: "406: Not Acceptable\n\nAvailable representations: \(types.joined(separator: ", "))",
            details: [:]
        )
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
        else {
            return ""
        }
        return String(self[first...last])
    }
}
