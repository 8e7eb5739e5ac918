/// Strategic merge patch: a merge patch that knows which lists are merged, and has directives.
///
/// `$patch: replace | delete`, `$retainKeys`, `$setElementOrder/LIST`, `$deleteFromPrimitiveList/LIST`. Which lists
/// are merged, by which key, is the schema's `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key`.
package struct StrategicMergePatch {
    static let patch = "$patch"
    static let retainKeys = "$retainKeys"
    static let deleteFromList = "$deleteFromPrimitiveList"
    static let setElementOrder = "$setElementOrder"

    private init() {}

    /// The document with the patch merged in.
    ///
    /// - Throws: ``PatchError``: `malformed` for what is no patch, `failed` for a list element without its merge key
    ///   and other contradictions.
    package static func apply(_ patch: JSON, to document: JSON, _ schema: Schema) throws(PatchError) -> JSON {
        guard case .object(let changes) = patch else {
            throw .malformed(
                "json: cannot unmarshal \(PatchError.typeName(patch)) into Go value of type map[string]interface {}"
            )
        }
        return .object(try StrategicMergePatch().merge(changes, into: document.object ?? [:], schema))
    }

    // MARK: Maps

    func merge(
        _ patch: JSONObject,
        into original: JSONObject,
        _ schema: Schema
    ) throws(PatchError) -> JSONObject {
        var patch = patch
        if let directive = patch[Self.patch] {
            switch directive.string {
            case "replace":
                patch[Self.patch] = nil
                return patch
            case "delete": return [:]
            default: throw Self.unknownDirective(directive, patch)
            }
        }
        var result = original
        try retainKeys(&patch, &result)
        try orderLists(&patch, &result, schema)
        for (key, value) in patch {
            let deletesFromList = key.hasPrefix(Self.deleteFromList)
            let name = deletesFromList ? try Self.listName(key, Self.deleteFromList) : key
            if value.isNull {
                result[name] = nil
                continue
            }
            guard let old = result[name] else {
                if !deletesFromList { result[name] = Self.withoutDirectives(value) }
                continue
            }
            let member = schema.member(name) ?? .deduced
            switch (old, value) {
            case (.object(let left), .object(let right)):
                result[name] =
                    member.patchStrategies.contains("replace")
                    ? value : .object(try merge(right, into: left, member))
            case (.array(let left), .array(let right)):
                if deletesFromList {
                    result[name] = .array(left.filter { !right.contains($0) })
                } else if member.patchStrategies.contains("merge") {
                    result[name] = .array(try merge(right, into: left, member))
                } else {
                    result[name] = value
                }
            default: if !deletesFromList { result[name] = Self.withoutDirectives(value) }
            }
        }
        return result
    }

    /// `$retainKeys`: what it does not name goes.
    private func retainKeys(_ patch: inout JSONObject, _ original: inout JSONObject) throws(PatchError) {
        guard let directive = patch[Self.retainKeys] else { return }
        patch[Self.retainKeys] = nil
        guard case .array(let items) = directive else {
            throw .malformed("invalid patch format of retainKeys")
        }
        let kept = Set(items.compactMap(\.string))
        for (key, value) in patch where !value.isNull {
            if key.hasPrefix(Self.deleteFromList) || key.hasPrefix(Self.setElementOrder) { continue }
            guard kept.contains(key) else {
                throw .unprocessable("patch content doesn't match retainKeys list")
            }
        }
        for key in original.keys where !kept.contains(key) { original[key] = nil }
    }

    private static func listName(_ key: String, _ prefix: String) throws(PatchError) -> String {
        let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == prefix[...] else {
            throw .malformed(
                prefix == setElementOrder
                    ? "invalid patch format of setElementOrder list"
                    : "invalid patch format of primitive list"
            )
        }
        return String(parts[1])
    }

    /// A value that takes a place for the first time, without nulls and directives.
    static func withoutDirectives(_ value: JSON) -> JSON {
        switch value {
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object where !value.isNull && !isDirective(key) {
                result[key] = withoutDirectives(value)
            }
            return .object(result)
        case .array(let items):
            return .array(items.filter { $0[patch] == nil }.map(withoutDirectives))
        default: return value
        }
    }

    private static func isDirective(_ key: String) -> Bool {
        key == patch || key == retainKeys || key.hasPrefix(deleteFromList) || key.hasPrefix(setElementOrder)
    }

    static func unknownDirective(_ directive: JSON, _ map: JSONObject) -> PatchError {
        .failed("unknown patch type: \(GoText.value(directive)) in map: \(GoText.value(.object(map)))")
    }
}
