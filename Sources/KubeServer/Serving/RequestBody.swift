import KubeClient
import KubeModel

/// The body of a request, read by its content type, with Kubernetes' complaints about it.
struct RequestBody {
    private let body: APIRequest.Body
    /// Without parameters; empty where the client gave none.
    private let contentType: String

    init(_ request: ServerRequest) {
        body = request.body
        let header = request.headers["content-type"] ?? ""
        contentType = String(header.split(separator: ";").first ?? "").trimmed.lowercased()
    }

    var isEmpty: Bool {
        switch body {
        case .none: true
        case .json: false
        case .bytes(let bytes): bytes.isEmpty
        }
    }

    var patchType: ResourceRegistry.PatchType? {
        switch contentType {
        case "application/json-patch+json": .json
        case "application/merge-patch+json": .merge
        case "application/strategic-merge-patch+json": .strategic
        case "application/apply-patch+yaml": .apply
        default: nil
        }
    }

    /// The bytes of a body that says that it is JSON, or does not say what it is.
    var jsonBytes: [UInt8]? {
        guard contentType.isEmpty || contentType == "application/json", case .bytes(let bytes) = body else {
            return nil
        }
        return bytes
    }

    /// Complaints about the fields of the body that occur twice.
    var repetitions: Repetitions {
        guard case .bytes(let bytes) = body else { return Repetitions() }
        // A body that cannot be parsed is complained about elsewhere.
        if contentType == "application/yaml" || contentType == "application/apply-patch+yaml" {
            var found: [SyntaxError] = []
            _ = try? YAML.documents(bytes, repeated: &found)
            return Repetitions(lines: found.map { "line \($0.line): \($0.message)" })
        }
        guard contentType != "application/vnd.kubernetes.protobuf" else { return Repetitions() }
        var found: [String] = []
        _ = try? JSON.parse(bytes, duplicates: &found)
        return Repetitions(fields: found.map { "duplicate field \($0.goQuoted)" })
    }

    /// What is said of keys that occur twice: of JSON by field, of YAML by line.
    struct Repetitions {
        var fields: [String] = []
        var lines: [String] = []

        var isEmpty: Bool { fields.isEmpty && lines.isEmpty }
        /// As warnings.
        var warnings: [String] { fields + lines }
        /// As parts of a strict decoding error.
        var errors: [String] {
            lines.isEmpty
                ? fields : ["yaml: unmarshal errors:\n" + lines.map { "  \($0)" }.joined(separator: "\n")]
        }
    }

    private enum Form { case json, yaml, protobuf }

    /// The object of a create or an update.
    func object(for definition: ResourceDefinition, subresource: String?) throws -> JSON {
        let form = try form(isCustom: definition.isCustom)
        let value: JSON
        switch body {
        case .json(let json): value = json
        case .none: throw Self.unrecognized(definition, "unexpected end of JSON input", [], form)
        case .bytes(let bytes):
            do {
                value = try Self.read(bytes, form, keepsNumbers: !definition.isCustom)
            } catch {
                throw Self.unrecognized(definition, error.goMessage ?? error.message, bytes, form)
            }
        }
        if value.isNull { return [:] }
        if definition.isCustom, subresource != "scale" { try checkNames(value, definition, form) }
        guard case .object = value else {
            let kind = value.array == nil ? value.string == nil ? "number" : "string" : "array"
            let detail =
                "json: cannot unmarshal \(kind) into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"
            throw Self.unrecognized(definition, detail, bytes, form)
        }
        return value
    }

    /// Custom objects say what they are.
    private func checkNames(_ value: JSON, _ definition: ResourceDefinition, _ form: Form) throws {
        guard case .object = value else { return }
        for (key, shown) in [("kind", "Kind"), ("apiVersion", "apiVersion")] where value.lacks(key) {
            let text = form == .json && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self) : value.text
            let detail = "Object '\(shown)' is missing in '\(text)'"
            throw StatusError.badRequest(
                "the object provided is unrecognized (must be of type \(definition.kind)): \(detail) "
                    + "(\(Self.summary(bytes.isEmpty ? Array(text.utf8) : bytes)))"
            )
        }
    }

    /// Complaints about the fields of a patch itself: those that occur twice, and members that operations do not have.
    func patchComplaints(_ type: ResourceRegistry.PatchType, _ patch: JSON) -> [String] {
        guard type == .json else { return repetitions.errors }
        var complaints = repetitions.errors
        for (index, operation) in (patch.array ?? []).enumerated() {
            for key in operation.object?.keys ?? [] where !["op", "path", "from", "value"].contains(key) {
                complaints.append("unknown field \("[\(index)].\(key)".goQuoted)")
            }
        }
        return complaints.map { "json patch \($0)" }
    }

    func patch(_ type: ResourceRegistry.PatchType) throws -> JSON {
        switch body {
        case .json(let json): return json
        case .none: return try decodePatch([], type)
        case .bytes(let bytes): return try decodePatch(bytes, type)
        }
    }

    func deleteOptions() throws -> JSON {
        let form = try form(isCustom: false)
        guard case .bytes(let bytes) = body else {
            if case .json(let json) = body { return json }
            return [:]
        }
        do throws(SyntaxError) {
            let value = try Self.read(bytes, form, keepsNumbers: false)
            guard case .object = value else {
                throw SyntaxError(message: "json: cannot unmarshal into DeleteOptions", line: 1, column: 1)
            }
            return value
        } catch {
            throw StatusError.badRequest(
                "the object provided is unrecognized (must be of type DeleteOptions): couldn't get version/kind; json "
                    + "parse error: \(error.message) (\(Self.summary(bytes)))"
            )
        }
    }

    private var bytes: [UInt8] { if case .bytes(let bytes) = body { bytes } else { [] } }

    /// How the body is written; JSON is assumed where the client did not say.
    private func form(isCustom: Bool) throws -> Form {
        switch contentType {
        case "", "application/json": return .json
        case "application/yaml": return .yaml
        case "application/vnd.kubernetes.protobuf" where !isCustom: return .protobuf
        default:
            throw StatusError(
                code: 415,
                reason: "UnsupportedMediaType",
                message: "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json, application/yaml"
                    + (isCustom ? "" : ", application/vnd.kubernetes.protobuf")
            )
        }
    }

    private static func read(_ bytes: [UInt8], _ form: Form, keepsNumbers: Bool) throws(SyntaxError) -> JSON {
        switch form {
        case .json: try json(bytes, keepsNumbers: keepsNumbers)
        case .yaml: try yaml(bytes)
        case .protobuf: try ProtobufDecoder.object(bytes)
        }
    }

    private func decodePatch(_ bytes: [UInt8], _ type: ResourceRegistry.PatchType) throws -> JSON {
        do throws(SyntaxError) {
            let value = try type == .apply ? Self.yaml(bytes) : Self.json(bytes, keepsNumbers: false)
            try Self.checkShape(value, type)
            return value
        } catch {
            switch type {
            case .apply:
                let text =
                    error.goMessage.map { "error converting YAML to JSON: yaml: \($0)" } ?? error.message
                throw StatusError.badRequest("error decoding YAML: \(text)")
            case .strategic: throw StatusError.badRequest(error.message)
            case .json, .merge: throw StatusError.badRequest("error decoding patch: \(error.message)")
            }
        }
    }

    private static func checkShape(_ value: JSON, _ type: ResourceRegistry.PatchType) throws(SyntaxError) {
        let kind: String
        switch value {
        case .object: kind = "object"
        case .array: kind = "array"
        case .string: kind = "string"
        case .bool: kind = "bool"
        case .null: return
        default: kind = "number"
        }
        if kind == (type == .json ? "array" : "object") { return }
        let wanted = type == .json ? "[]handlers.jsonPatchOp" : "map[string]interface {}"
        throw SyntaxError(
            message: "json: cannot unmarshal \(kind) into Go value of type \(wanted)",
            line: 1,
            column: 1
        )
    }

    private static func json(_ bytes: [UInt8], keepsNumbers: Bool) throws(SyntaxError) -> JSON {
        try JSON.parse(bytes, limits: JSON.Limits(numbers: keepsNumbers ? .kept : .values))
    }

    /// The first document of a stream; an empty one is an empty object.
    private static func yaml(_ bytes: [UInt8]) throws(SyntaxError) -> JSON {
        // What is JSON is read as such; flow style only looks like it.
        if bytes.first == UInt8(ascii: "{"), let value = try? json(bytes, keepsNumbers: false) {
            return value
        }
        // Repeated keys are told in another way.
        var repeated: [SyntaxError] = []
        return try YAML.documents(bytes, repeated: &repeated).first?.value ?? [:]
    }

    private static func unrecognized(
        _ definition: ResourceDefinition,
        _ detail: String,
        _ bytes: [UInt8],
        _ form: Form
    ) -> StatusError {
        let detail =
            switch form {
            case .json: "couldn't get version/kind; json parse error: \(detail)"
            case .yaml: "yaml: \(detail)"
            case .protobuf: detail
            }
        return .badRequest(
            "the object provided is unrecognized (must be of type \(definition.kind)): \(detail) (\(summary(bytes)))"
        )
    }

    /// The beginning of a body, as messages show it: text if it looks like JSON, else hexadecimal.
    private static func summary(_ bytes: [UInt8]) -> String {
        guard let first = bytes.first else { return "<empty>" }
        let start = bytes.prefix(30)
        let rest = bytes.count > 30 ? " ..." : ""
        if first == UInt8(ascii: "{") { return String(decoding: start, as: UTF8.self) + rest }
        return start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + rest
    }
}
