import KubeModel

/// Reads bodies as objects of a served resource.
struct BodyDecoding: Sendable {
    struct Decoded {
        var object: KubeObject
        /// What the kind does not know.
        var unknownFields: [String]
    }

    /// A custom object of another version than the path's: refused, with warnings.
    struct WrongVersion: Error {
        var error: StatusError
        var unknownFields: [String]

        var result: VerbResult {
            VerbResult(
                status: error.code,
                body: error.json,
                warnings: unknownFields.map { "unknown field \($0.goQuoted)" }
            )
        }
    }

    let resource: ServedResource

    private var kind: String { resource.definition.kind }
    private var version: String { resource.gvr.version }

    /// The object of a create or an update: checked, pruned, with defaults.
    ///
    /// - Throws: `StatusError` in Kubernetes' words.
    func decode(_ body: JSON, _ context: WriteContext) throws -> (KubeObject, [String]) {
        let decoded: Decoded
        do {
            decoded = try read(body)
        } catch let error as WireError {
            throw StatusError.badRequest(prefix + error.message)
        }
        let unknown = decoded.unknownFields.map { "unknown field \($0.goQuoted)" }
        switch context.fieldValidation {
        case .strict where !unknown.isEmpty:
            throw StatusError.badRequest(prefix + "strict decoding error: " + unknown.joined(separator: ", "))
        case .strict, .ignore: return (decoded.object, [])
        case .warn: return (decoded.object, unknown)
        }
    }

    private var prefix: String { "\(kind) in version \"\(version)\" cannot be handled as a \(kind): " }

    /// - Throws: ``WireError`` for what is not of the kind, `StatusError` for another kind.
    func read(_ body: JSON) throws -> Decoded {
        switch resource.form {
        case .builtIn(let index): try readBuiltIn(body, index)
        case .custom(let version): try readCustom(body, version)
        }
    }

    private func readBuiltIn(_ body: JSON, _ index: Int) throws -> Decoded {
        try checkKind(body)
        var decoder = WireDecoder(schema: BuiltInResources.shared.wire)
        var json = try decoder.object(body, as: index)
        json["apiVersion"] = .string(resource.gvr.apiVersion)
        json["kind"] = .string(kind)
        resource.strategy.defaults(&json)
        return Decoded(object: KubeObject(json), unknownFields: decoder.unknownFields)
    }

    /// Bodies of built-in kinds may leave out what they are, but not say something else.
    private func checkKind(_ body: JSON) throws {
        let given = GroupVersionKind(
            apiVersion: body["apiVersion"]?.string ?? resource.gvr.apiVersion,
            kind: body["kind"]?.string ?? kind
        )
        let empty = GroupVersionKind(group: "", version: "", kind: "")
        guard given != resource.definition.gvk, given != empty else { return }
        var wanted = given
        if given.version.isEmpty { (wanted.group, wanted.version) = (resource.gvr.group, version) }
        if given.kind.isEmpty { wanted.kind = kind }
        guard wanted != resource.definition.gvk else { return }
        let start = "\(wanted.kind) in version \(wanted.version.goQuoted) cannot be handled as a \(kind): "
        guard BuiltInResources.shared.kinds.contains(wanted) else {
            let version = wanted.apiVersion
            throw StatusError.badRequest(
                start
                    + "no kind \(wanted.kind.goQuoted) is registered for version \(version.goQuoted) in scheme "
                    + "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""
            )
        }
        // Kubernetes reads the body as what it says it is before it finds that this is not wanted.
        let wire = BuiltInResources.shared.wire
        if let index = wire.byKind[wanted] {
            var decoder = WireDecoder(schema: wire)
            _ = try decoder.object(body, as: index)
        }
        let group = resource.gvr.group.split(separator: ".").first.map(String.init) ?? "core"
        throw StatusError.badRequest(
            start + "converting (\(wanted.version).\(wanted.kind)) to (\(group).\(kind)): unknown conversion"
        )
    }

    private func readCustom(_ body: JSON, _ custom: CustomResourceVersion) throws -> Decoded {
        var json = body.withWholeNumbers
        // A body's own text is in the complaint about it already; what a patch made has none.
        for (key, shown) in [("kind", "Kind"), ("apiVersion", "apiVersion")] where json.lacks(key) {
            let text = body.text
            throw StatusError.badRequest(
                "the object provided is unrecognized (must be of type \(kind)): Object '\(shown)' is missing in "
                    + "'\(text)' (\(text.prefix(30)) ...)"
            )
        }
        var unknown: [String] = []
        let wire = BuiltInResources.shared.wire
        if let metadata = json["metadata"], let index = wire.byComponent[BuiltInResources.objectMeta] {
            var decoder = WireDecoder(schema: wire)
            json["metadata"] = try decoder.object(metadata, as: index)
            unknown += decoder.unknownFields.map { "metadata.\($0)" }
        } else {
            json["metadata"] = [:]
        }
        let given = GroupVersionKind(
            apiVersion: json["apiVersion"]?.string ?? "",
            kind: json["kind"]?.string ?? ""
        )
        if given.group != custom.gvk.group || given.version != custom.gvk.version {
            // A version without a schema knows nothing but what every object has.
            let foreign = json.object?.keys.filter { !["apiVersion", "kind", "metadata"].contains($0) } ?? []
            throw WrongVersion(
                error: .badRequest(
                    "the API version in the data (\(given.apiVersion)) does not match the expected API version "
                        + "(\(custom.gvk.apiVersion))"
                ),
                unknownFields: foreign
            )
        }
        if given.kind != kind {
            let name = json.at("metadata", "name")?.string ?? ""
            throw StatusError.invalidObject(
                group: given.group,
                kind: given.kind,
                name: name,
                [.invalid(FieldPath("kind"), .string(given.kind), "must be \(kind)")]
            )
        }
        json = custom.schema.prune(json, "", &unknown, isRoot: true)
        custom.schema.fill(&json)
        return Decoded(object: KubeObject(json), unknownFields: unknown)
    }
}
