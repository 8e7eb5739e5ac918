/// What applying a manifest to a live object would do, worked out without the server.
///
/// The same merge as ``ServerSideApply``, and then what the server does to the result: quantities and times are
/// compared by value, and empty members of built-in kinds count as absent.
package struct ApplyPreview: Sendable {
    /// What would change; nothing when the object is in sync.
    package let differences: [FieldDifference]
    /// Fields that other managers own: the apply needs force for them.
    package let conflicts: [ApplyConflict]
    /// ``ServerSideApply/Change/ownership`` when only managedFields would change: the values are right, but the
    /// manager does not own all of them yet, or still owns some that it no longer applies.
    package let change: ServerSideApply.Change

    /// - Throws: ``ApplyError`` when the manifest does not fit the schema.
    package init(
        of manifest: KubeObject,
        on live: KubeObject,
        manager: String,
        schema: Schema
    ) throws(ApplyError) {
        let engine = ServerSideApply(
            schema: schema,
            gvk: manifest.gvk,
            ignoring: ServerSideApply.resetFields(of: schema, subresource: "")
        )
        let manifest = Self.withoutServerFields(manifest)
        let time = "9999-12-31T23:59:59Z"
        let outcome = try engine.apply(manifest, to: live, manager: manager, conflicts: .force, time: time)
        guard outcome.change != .none else {
            differences = []
            conflicts = []
            change = .none
            return
        }
        var before = live.json
        var after = outcome.object.json
        ServerSideApply.setManagedFields(nil, in: &before)
        ServerSideApply.setManagedFields(nil, in: &after)
        Self.storeStringData(&after, manifest.gvk)
        let found = Comparison(
            live: before,
            merged: after,
            schema,
            ManagedFields(of: live) ?? ManagedFields()
        )
        differences = found.differences(manager: manager)
        conflicts = differences.isEmpty ? [] : Self.conflicts(engine, manifest, live, manager, differences)
        if differences.isEmpty {
            let owned = { (object: KubeObject) in
                ManagedFields(of: object)?.entries.first {
                    $0.manager == .init(name: manager, operation: .apply)
                }?.fields
            }
            change = owned(outcome.object) == owned(live) ? .none : .ownership
        } else {
            change = .content
        }
    }

    /// The live object's own metadata in a manifest is no wish to change it.
    private static func withoutServerFields(_ manifest: KubeObject) -> KubeObject {
        var json = manifest.json
        for name in [
            "managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink",
        ]
        where json.at("metadata", name) != nil {
            json.set(nil, at: ["metadata", name])
        }
        return KubeObject(json)
    }

    /// A Secret's `stringData` is stored as `data`.
    private static func storeStringData(_ object: inout JSON, _ gvk: GroupVersionKind) {
        guard gvk == GroupVersionKind(group: "", version: "v1", kind: "Secret"),
            let texts = object["stringData"]?.object
        else { return }
        object["stringData"] = nil
        for (key, value) in texts {
            object.set(.string(Base64.encoded(Array((value.string ?? "").utf8))), at: ["data", key])
        }
    }

    private static func conflicts(
        _ engine: ServerSideApply,
        _ manifest: KubeObject,
        _ live: KubeObject,
        _ manager: String,
        _ differences: [FieldDifference]
    ) -> [ApplyConflict] {
        do throws(ApplyError) {
            _ = try engine.apply(manifest, to: live, manager: manager, conflicts: .refuse, time: "")
            return []
        } catch {
            guard case .conflicts(let conflicts) = error else { return [] }
            // Differences in spelling alone are conflicts to the server as well; they stay.
            return conflicts
        }
    }
}

extension ServerSideApply {
    /// Where a live object differs from what applying a manifest would make of it; empty when it is in sync.
    ///
    /// ``ApplyPreview`` tells more: conflicts, and whether managedFields would change.
    package static func wouldChange(
        live: KubeObject,
        manifest: KubeObject,
        manager: String,
        schema: Schema
    ) throws(ApplyError) -> [FieldDifference] {
        try ApplyPreview(of: manifest, on: live, manager: manager, schema: schema).differences
    }
}

// MARK: - Comparing by meaning

extension ApplyPreview {
    struct Comparison {
        let live: JSON
        let merged: JSON
        let schema: Schema
        let fields: ManagedFields
        private let typed: TypedComparison

        init(live: JSON, merged: JSON, _ schema: Schema, _ fields: ManagedFields) {
            self.live = live
            self.merged = merged
            self.schema = schema
            self.fields = fields
            typed = TypedComparison(live, merged, schema).without(
                ServerSideApply.resetFields(of: schema, subresource: "")
            )
        }

        private var isBuiltIn: Bool { !schema.typeName.isEmpty }

        func differences(manager: String) -> [FieldDifference] {
            let places = typed.added.topmost.paths + typed.removed.topmost.paths + typed.modified.paths
            var result: [FieldDifference] = []
            for place in places.sorted(by: { $0.elements.lexicographicallyPrecedes($1.elements) }) {
                let old = live.value(at: place, schema)
                let new = merged.value(at: place, schema)
                let relation = Equivalence(isBuiltIn: isBuiltIn).relation(old, new, schema.at(place))
                guard relation != .same else { continue }
                result.append(
                    FieldDifference(
                        place: place,
                        live: old,
                        desired: new,
                        owner: owner(of: place, besides: manager),
                        certainty: relation == .extended ? .mayBeDefaults : .certain
                    )
                )
            }
            return result
        }

        /// The manager that owns a place or a map or list that holds it, and wrote last.
        private func owner(of place: FieldPath, besides manager: String) -> FieldDifference.Owner? {
            let owners = fields.entries.filter { $0.fields.covers(place) }
            let others = owners.filter { $0.manager.name != manager || $0.manager.operation != .apply }
            let last = (others.isEmpty ? owners : others).max { ($0.time ?? "") < ($1.time ?? "") }
            return last.map {
                FieldDifference.Owner(
                    manager: $0.manager.name,
                    operation: $0.manager.operation,
                    time: $0.time
                )
            }
        }
    }
}

extension FieldSet {
    /// Whether a place is a member, is inside of one that has no members below it, or has members below it.
    func covers(_ path: FieldPath) -> Bool { covers(path.elements[...]) }

    private func covers(_ path: ArraySlice<PathElement>) -> Bool {
        guard let first = path.first, let node = self[first] else { return false }
        if path.count == 1 || node.children.isEmpty { return true }
        return node.children.covers(path.dropFirst())
    }
}

extension Schema {
    /// The schema at a place.
    func at(_ path: FieldPath) -> Schema {
        path.elements.reduce(self) { schema, element in
            switch element {
            case .field(let name): schema.member(name) ?? .deduced
            case .item: schema.items ?? .untyped
            }
        }
    }
}
