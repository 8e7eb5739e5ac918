/// The changes of field ownership that a write brings about, and the merge of an apply.
///
/// Of one kind in one version: entries of other versions are taken to name the same fields.
struct OwnershipUpdate {
    let schema: Schema
    /// Fields that requests of this kind cannot set: nobody owns them.
    let ignored: FieldSet

    /// Takes ownership of what `new` changes away from all others, and gives it to `manager`.
    func update(from live: JSON, to new: JSON, _ fields: inout ManagedFields, manager: ManagedFields.Entry) {
        let comparison = TypedComparison(live, new, schema)
        guard !comparison.isEmpty else { return }
        let visible = comparison.without(ignored)
        take(visible, from: &fields, except: nil)
        let own = visible.modified.union(visible.added)
        guard !own.isEmpty else { return }
        var entry = manager
        if let previous = fields.entry(of: manager.manager, apiVersion: manager.apiVersion) {
            entry.fields = previous.fields.union(own)
        } else {
            entry.fields = own
        }
        fields.put(entry)
    }

    /// What an apply came to.
    struct Merged {
        var object: JSON
        /// Whether the object, its managedFields aside, is as it was.
        var isSame: Bool
    }

    /// Merges a configuration into the live object, removes what the manager applied before and no longer does, and
    /// brings the ownership up to date.
    ///
    /// - Parameter entry: The manager's new entry, with the fields of the configuration.
    func apply(
        _ config: JSON,
        to live: JSON,
        _ fields: inout ManagedFields,
        entry: ManagedFields.Entry,
        conflicts mode: ServerSideApply.ConflictMode
    ) throws(ApplyError) -> Merged {
        var merged = TypedMerge.merge(live, config, schema)
        var entry = entry
        let last = fields.entry(of: entry.manager, apiVersion: entry.apiVersion)?.fields ?? FieldSet()
        entry.fields = entry.fields.recursiveDifference(ignored)
        if entry.fields.isEmpty {
            fields.removeEntry(of: entry.manager, apiVersion: entry.apiVersion)
        } else {
            fields.put(entry)
        }
        if !last.difference(entry.fields).isEmpty { merged = pruned(merged, last: last, fields) }

        let comparison = TypedComparison(live, merged, schema)
        guard !comparison.isEmpty else { return Merged(object: merged, isSame: true) }
        let visible = comparison.without(ignored)
        if mode == .refuse {
            let found = conflicts(with: visible, in: fields, except: entry.manager)
            if !found.isEmpty { throw .conflicts(found) }
        }
        take(visible, from: &fields, except: entry.manager)
        return Merged(object: merged, isSame: false)
    }

    private func conflicts(
        with comparison: TypedComparison,
        in fields: ManagedFields,
        except manager: ManagedFields.Manager
    ) -> [ApplyConflict] {
        let changed = comparison.modified.union(comparison.added)
        var found: [ApplyConflict] = []
        for entry in fields.entries where entry.manager != manager {
            for path in entry.fields.intersection(changed).paths {
                found.append(ApplyConflict(manager: entry.manager, apiVersion: entry.apiVersion, path: path))
            }
        }
        return found
    }

    /// Everybody but `manager` loses what changed, and what is gone.
    private func take(
        _ comparison: TypedComparison,
        from fields: inout ManagedFields,
        except manager: ManagedFields.Manager?
    ) {
        let changed = comparison.modified.union(comparison.added)
        for index in fields.entries.indices where fields.entries[index].manager != manager {
            let own = fields.entries[index].fields
            fields.entries[index].fields = own.difference(changed).difference(comparison.removed)
        }
        fields.entries.removeAll { $0.fields.isEmpty }
    }

    /// The object without what the manager applied last time and now leaves out, unless somebody else owns it.
    private func pruned(_ merged: JSON, last: FieldSet, _ fields: ManagedFields) -> JSON {
        let last = last.includingDeclaredFields(schema)
        var pruned = merged.removing(last, schema)
        let mergedFields = Self.fields(of: merged, schema)

        let managed = fields.entries.reduce(FieldSet()) { $0.union($1.fields) }
        let kept = Self.fields(of: pruned, schema).union(managed.includingDeclaredFields(schema))
        pruned = merged.removing(mergedFields.difference(kept), schema)

        let left = Self.fields(of: pruned, schema)
        return merged.removing(mergedFields.difference(left).intersection(last), schema)
    }

    private static func fields(of value: JSON, _ schema: Schema) -> FieldSet {
        // Without checks nothing is thrown.
        let fields = (try? TypedFields.fields(of: value, schema)) ?? FieldSet()
        return fields.includingDeclaredFields(schema)
    }
}
