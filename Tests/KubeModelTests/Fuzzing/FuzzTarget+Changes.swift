import KubeModel

/// Patches and applies: the input is a JSON array of a document and what changes it.
extension FuzzTarget {
    static func patch(_ bytes: [UInt8], _ schema: Schema?) throws(Violation) {
        guard let input = value(bytes), let document = input[0], let patch = input[1] else { return }
        if let operations = try? JSONPatch(patch), let result = try? operations.applied(to: document) {
            try isWritable(result)
            try expect(result.depth <= JSON.Limits().depth, "deeper than allowed")
            let most = bytes.count + JSONPatch.maximumCopied
            try expect(result.encoded().count <= 2 * most, "a patch of \(bytes.count) bytes makes too much")
        }
        if let once = try? MergePatch.apply(patch, to: document) {
            try isWritable(once)
            try expect(
                (try? MergePatch.apply(patch, to: once)) == once,
                "a merge patch twice is not the same as once: \(input.text)"
            )
        }
        if let schema, let result = try? StrategicMergePatch.apply(patch, to: document, schema) {
            try isWritable(result)
        }
    }

    static func apply(_ bytes: [UInt8], _ schema: Schema?) throws(Violation) {
        guard let schema, let input = value(bytes), case .object = input[0], case .object = input[1],
            let first = input[0], let second = input[1]
        else { return }
        let engine = ServerSideApply(
            schema: schema,
            gvk: GroupVersionKind(apiVersion: "v1", kind: "Pod"),
            ignoring: ServerSideApply.resetFields(of: schema, subresource: "")
        )
        func apply(_ config: JSON, to live: KubeObject?, _ manager: String) -> ServerSideApply.Outcome? {
            var config = config
            config["apiVersion"] = "v1"
            config["kind"] = "Pod"
            config.set(nil, at: ["metadata", "managedFields"])
            return try? engine.apply(
                KubeObject(config),
                to: live,
                manager: manager,
                conflicts: .force,
                time: "2026-01-01T00:00:00Z"
            )
        }
        guard var live = apply(first, to: nil, "a")?.object else { return }
        live.set("1", at: "metadata", "uid")
        try isWritable(live.json)
        guard let again = apply(first, to: live, "a") else {
            throw Violation("what could be applied cannot be applied again: \(first.text)")
        }
        if case .content = again.change {
            throw Violation("applying again changes something: \(first.text)\n\(live.json.text)")
        }
        guard let other = apply(second, to: live, "b") else { return }
        try isWritable(other.object.json)
        guard let settled = apply(second, to: other.object, "b") else {
            throw Violation("what was applied over another's cannot be applied again: \(input.text)")
        }
        if case .content = settled.change {
            throw Violation("applying over another's again changes something: \(input.text)")
        }
    }

    private static func isWritable(_ json: JSON) throws(Violation) {
        try expect(settled(json) != nil, "the result cannot be read back: \(json.text)")
    }
}
