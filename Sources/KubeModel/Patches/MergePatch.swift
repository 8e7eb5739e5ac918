/// JSON merge patch: RFC 7386.
package enum MergePatch {
    /// The document with the patch merged in: null removes, objects are merged, everything else is replaced.
    ///
    /// - Throws: ``PatchError/malformed(_:)`` for a patch that is no object.
    package static func apply(_ patch: JSON, to document: JSON) throws(PatchError) -> JSON {
        guard case .object(let changes) = patch else {
            throw .malformed(
                "error decoding patch: json: cannot unmarshal \(PatchError.typeName(patch)) into Go value of type "
                    + "map[string]interface {}"
            )
        }
        return .object(merge(changes, into: document.object ?? [:]))
    }

    private static func merge(_ changes: JSONObject, into object: JSONObject) -> JSONObject {
        var result = object
        for (key, value) in changes {
            guard !value.isNull else {
                result[key] = nil
                continue
            }
            switch (result[key], value) {
            case (.object(let old)?, .object(let new)): result[key] = .object(merge(new, into: old))
            case (.object?, _): result[key] = value
            default: result[key] = withoutNulls(value)
            }
        }
        return result
    }

    /// A value that takes a place for the first time has no nulls in its objects.
    private static func withoutNulls(_ value: JSON) -> JSON {
        switch value {
        case .object(let object):
            .object(object.compactMapValues { $0.isNull ? JSON?.none : withoutNulls($0) })
        case .array(let items): .array(items.map(withoutNulls))
        default: value
        }
    }

    /// The smallest patch that makes `new` of `old`; an empty object when they are equal.
    package static func difference(from old: JSON, to new: JSON) -> JSON {
        guard case .object(let left) = old, case .object(let right) = new else { return new }
        var result = JSONObject()
        for (key, _) in left where right[key] == nil { result[key] = .null }
        for (key, value) in right {
            guard let before = left[key] else {
                result[key] = value
                continue
            }
            if before == value { continue }
            if case .object = before, case .object = value {
                result[key] = difference(from: before, to: value)
            } else {
                result[key] = value
            }
        }
        return .object(result)
    }
}
