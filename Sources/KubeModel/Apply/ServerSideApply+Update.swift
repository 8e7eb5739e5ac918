extension ServerSideApply {
    /// The entries of updaters that are kept apart; older ones are merged.
    static let maximumUpdaters = 10

    /// Notes who owns what after a create, update or patch that is no apply.
    ///
    /// Call it with the object as it will be written: after defaulting, and again after admission changed it (the
    /// second call with the result of the first as `live` and with its own result's entries adds nothing twice).
    ///
    /// - Parameters:
    ///   - new: With the managedFields that the client sent, if any: they replace those of the live object, and
    ///     `[{}]` wipes them. Broken ones are ignored.
    ///   - live: The stored object; `nil` for a create.
    ///   - time: RFC 3339, in UTC and whole seconds.
    /// - Returns: The object with its managedFields. If nothing that counts changed, they are those of `live`.
    package func update(
        _ new: KubeObject,
        from live: KubeObject?,
        manager: String,
        time: String
    ) -> KubeObject {
        let isCreation = live == nil
        let old = live ?? emptyObject
        var fields = startingFields(new, old)
        let before = fields

        var bareNew = new.json
        Self.setManagedFields(nil, in: &bareNew)
        var bareOld = old.json
        Self.setManagedFields(nil, in: &bareOld)
        // Whoever wiped the entries does not want them.
        if fields.entries.isEmpty, !isCreation { return KubeObject(bareNew) }

        let entry = ManagedFields.Entry(
            manager: .init(
                name: manager.isEmpty ? "unknown" : manager,
                operation: .update,
                subresource: subresource
            ),
            apiVersion: gvk.apiVersion,
            time: time,
            fields: FieldSet()
        )
        OwnershipUpdate(schema: schema, ignored: ignored).update(
            from: bareOld,
            to: bareNew,
            &fields,
            manager: entry
        )
        if fields != before {
            strip(entry, &fields)
            mergeOldest(&fields)
        }
        Self.setManagedFields(fields.json, in: &bareNew)
        return Self.keepingTimes(KubeObject(bareNew), of: old)
    }

    private func startingFields(_ new: KubeObject, _ live: KubeObject) -> ManagedFields {
        let kept = ManagedFields(of: live) ?? ManagedFields()
        guard subresource.isEmpty else { return kept }
        let given = new.json.at("metadata", "managedFields")
        if ManagedFields.isReset(given) { return ManagedFields() }
        guard let fields = ManagedFields(json: given), !fields.entries.isEmpty else { return kept }
        return fields
    }

    /// Puts the oldest updaters of a version together as `ancient-changes` until there are few enough.
    private func mergeOldest(_ fields: inout ManagedFields) {
        var updaters = fields.entries.filter { $0.manager.operation == .update }
        guard updaters.count > Self.maximumUpdaters else { return }
        updaters.sort { ($0.time ?? "", $0.manager.name) < ($1.time ?? "", $1.manager.name) }
        var count = updaters.count
        var firsts: [String: ManagedFields.Entry] = [:]
        for updater in updaters {
            guard count > Self.maximumUpdaters else { break }
            guard let first = firsts[updater.apiVersion] else {
                firsts[updater.apiVersion] = updater
                continue
            }
            let bucket = ManagedFields.Manager(name: "ancient-changes", operation: .update)
            var merged = fields.entry(of: bucket, apiVersion: updater.apiVersion) ?? first
            if merged.manager != bucket {
                fields.removeEntry(of: first.manager, apiVersion: first.apiVersion)
            }
            merged.manager = bucket
            merged.fields = merged.fields.union(updater.fields)
            merged.time = updater.time
            fields.removeEntry(of: updater.manager, apiVersion: updater.apiVersion)
            fields.put(merged)
            count -= 1
        }
    }

    /// The new object with the live one's times, if times in managedFields are all that differs: such a write must not
    /// make a new version.
    ///
    /// Call it last, on what admission and strategies left.
    package static func keepingTimes(_ new: KubeObject, of live: KubeObject) -> KubeObject {
        guard let newFields = new.at("metadata", "managedFields"),
            let oldFields = live.at("metadata", "managedFields"),
            newFields != oldFields, withoutTimes(newFields) == withoutTimes(oldFields)
        else { return new }
        var candidate = new.json
        candidate.set(oldFields, at: ["metadata", "managedFields"])
        return candidate == live.json ? KubeObject(candidate) : new
    }

    private static func withoutTimes(_ fields: JSON) -> JSON {
        guard case .array(let entries) = fields else { return fields }
        return .array(
            entries.map { entry in
                var entry = entry
                entry["time"] = nil
                return entry
            }
        )
    }
}
