import KubeModel

/// Patches of all types but apply.
enum PatchEngines {
    static func patched(
        _ object: JSON,
        with patch: JSON,
        _ type: ResourceRegistry.PatchType,
        _ schema: Schema
    ) throws -> JSON {
        switch type {
        case .merge: return merged(object, patch)
        case .json, .strategic, .apply: throw StatusError.plain("this patch type is not served yet")
        }
    }

    private static func merged(_ object: JSON, _ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = object.object ?? [:]
        for (key, change) in changes {
            result[key] = change.isNull ? nil : merged(result[key] ?? .null, change)
        }
        return .object(result)
    }

    /// A patched object in messages, as Kubernetes shows it: metadata that the patch left alone is in Go's order.
    static func shown(_ patched: JSON, _ type: ResourceRegistry.PatchType, _ patch: JSON) -> String {
        patched.text
    }
}
