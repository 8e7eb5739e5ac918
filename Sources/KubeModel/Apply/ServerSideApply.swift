/// Server-side apply, and the tracking of field ownership by all other writes, as Kubernetes does both.
///
/// One value serves one kind in one version, for the object itself or one of its subresources. It is pure: times are
/// passed in. The API server uses it for every write; `Delivery` uses it to know what an apply would do.
///
/// ```swift
/// let engine = ServerSideApply(schema: schema, gvk: gvk)
/// let outcome = try engine.apply(manifest, to: live, manager: "varde", conflicts: .refuse, time: now)
/// if outcome.change == .none { … }
/// ```
package struct ServerSideApply: Sendable {
    /// What happens to fields that other managers own and the configuration changes.
    package enum ConflictMode: Sendable {
        case refuse
        /// The manager takes them over: `force=true`.
        case force
    }

    /// What a write changed.
    package enum Change: Sendable {
        /// Nothing at all: the object is the live one, with its resourceVersion.
        case none
        /// Who owns which fields, and nothing else.
        case ownership
        case content
    }

    package struct Outcome: Sendable {
        /// The merged object with its managedFields; defaulting, validation and a new resourceVersion are to come.
        package var object: KubeObject
        package var change: Change
    }

    let schema: Schema
    let gvk: GroupVersionKind
    let subresource: String
    let ignored: FieldSet

    /// - Parameters:
    ///   - schema: Of the kind: from ``SchemaCatalog``, or ``Schema/customResource(openAPIV3Schema:objectMeta:)``.
    ///   - gvk: The kind in the version that is written.
    ///   - subresource: Empty for the object itself.
    ///   - ignoring: Fields that this endpoint resets (`status` of the object itself, `spec` of `/status`), with what
    ///     is below them: they are not owned and do not conflict. See ``resetFields(of:subresource:)``.
    package init(
        schema: Schema,
        gvk: GroupVersionKind,
        subresource: String = "",
        ignoring: FieldSet = FieldSet()
    ) {
        self.schema = schema
        self.gvk = gvk
        self.subresource = subresource
        self.ignored = ignoring
    }

    /// The fields that an endpoint of a kind with a status subresource resets: `status` of the object itself,
    /// everything else but the metadata of `/status`, where labels count as everything else for built-in kinds.
    package static func resetFields(
        of schema: Schema,
        subresource: String,
        keepsLabels: Bool = false
    ) -> FieldSet {
        guard subresource == "status" else { return FieldSet([FieldPath("status")]) }
        var paths = [FieldPath("spec")]
        for name in schema.fieldNames
        where !["apiVersion", "kind", "metadata", "status", "spec"].contains(name) {
            paths.append(FieldPath(name))
        }
        if !keepsLabels { paths.append(FieldPath("metadata", "labels")) }
        return FieldSet(paths)
    }

    // MARK: Apply

    /// Applies a configuration.
    ///
    /// - Parameters:
    ///   - config: As the client sent it, before any defaulting. Its name and namespace are the caller's to check.
    ///   - live: The stored object; `nil` when there is none, and the apply creates it.
    ///   - manager: The `fieldManager` of the request.
    ///   - time: RFC 3339, in UTC and whole seconds.
    package func apply(
        _ config: KubeObject,
        to live: KubeObject?,
        manager: String,
        conflicts: ConflictMode,
        time: String
    ) throws(ApplyError) -> Outcome {
        let given = config.gvk
        guard given.version == gvk.version, given.group == gvk.group, given.kind == gvk.kind else {
            throw .badRequest("invalid object type: \(Self.text(of: given))")
        }
        if let fields = config.at("metadata", "managedFields"), !fields.isNull {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let live = live ?? emptyObject
        guard var fields = ManagedFields(of: live) else { throw .unreadableManagedFields }
        let before = fields
        var bare = live.json
        Self.setManagedFields(nil, in: &bare)

        trackBeforeFirstApply(bare, &fields, time: time)
        let owner = ManagedFields.Manager(name: manager, operation: .apply, subresource: subresource)
        let entry = ManagedFields.Entry(
            manager: owner,
            apiVersion: gvk.apiVersion,
            time: fields.entry(of: owner, apiVersion: gvk.apiVersion)?.time,
            fields: try self.fields(of: config)
        )
        let merged = try merge(config.json, into: bare, &fields, entry, conflicts)

        var object = merged.isSame ? bare : merged.object
        if manager == LastApplied.kubectl { LastApplied.refresh(in: &object, from: config) }
        finish(&fields, entry, time: merged.isSame ? nil : time)
        if merged.isSame, object == bare {
            if fields == before { return Outcome(object: live, change: .none) }
            Self.setManagedFields(fields.json, in: &object)
            return Outcome(object: KubeObject(object), change: .ownership)
        }
        Self.setManagedFields(fields.json, in: &object)
        return Outcome(object: KubeObject(object), change: .content)
    }

    private func merge(
        _ config: JSON,
        into live: JSON,
        _ fields: inout ManagedFields,
        _ entry: ManagedFields.Entry,
        _ mode: ConflictMode
    ) throws(ApplyError) -> OwnershipUpdate.Merged {
        let update = OwnershipUpdate(schema: schema, ignored: ignored)
        let start = fields
        do {
            return try update.apply(config, to: live, &fields, entry: entry, conflicts: mode)
        } catch {
            // kubectl takes over what its own client-side apply set, and nobody changed since.
            guard case .conflicts(let conflicts) = error, entry.manager.name == LastApplied.kubectl,
                let allowed = LastApplied.untouchedFields(of: live, schema)
            else { throw error }
            let rest = conflicts.filter { !allowed.contains($0.path) }
            guard rest.isEmpty else { throw .conflicts(rest) }
            fields = start
            return try update.apply(config, to: live, &fields, entry: entry, conflicts: .force)
        }
    }

    /// Strips what nobody owns from the manager's entry and sets its time, if it wrote something.
    private func finish(_ fields: inout ManagedFields, _ entry: ManagedFields.Entry, time: String?) {
        guard var own = fields.entry(of: entry.manager, apiVersion: entry.apiVersion) else { return }
        own.fields = own.fields.difference(Self.unowned)
        own.time = time ?? own.time
        if own.fields.isEmpty {
            fields.removeEntry(of: entry.manager, apiVersion: entry.apiVersion)
        } else {
            fields.put(own)
        }
    }

    /// An object that has content and no owners gets one: `before-first-apply`.
    private func trackBeforeFirstApply(_ live: JSON, _ fields: inout ManagedFields, time: String) {
        guard fields.entries.isEmpty, live.at("metadata", "uid") != nil else { return }
        let entry = ManagedFields.Entry(
            manager: .init(name: "before-first-apply", operation: .update, subresource: subresource),
            apiVersion: gvk.apiVersion,
            time: time,
            fields: FieldSet()
        )
        OwnershipUpdate(schema: schema, ignored: ignored).update(
            from: emptyObject.json,
            to: live,
            &fields,
            manager: entry
        )
        strip(entry, &fields)
    }

    /// Takes what nobody owns out of a manager's entry.
    func strip(_ entry: ManagedFields.Entry, _ fields: inout ManagedFields) {
        guard var own = fields.entry(of: entry.manager, apiVersion: entry.apiVersion) else { return }
        own.fields = own.fields.difference(Self.unowned)
        if own.fields.isEmpty {
            fields.removeEntry(of: entry.manager, apiVersion: entry.apiVersion)
        } else {
            fields.put(own)
        }
    }

    private func fields(of config: KubeObject) throws(ApplyError) -> FieldSet {
        do throws(TypedError) {
            return try TypedFields.fields(of: config.json, schema, checks: .all)
        } catch {
            let name = "\(config.namespace)/\(config.name); \(Self.text(of: gvk))"
            throw .invalidConfiguration("failed to create typed patch object (\(name)): \(error)")
        }
    }

    /// What is compared with when nothing is there.
    var emptyObject: KubeObject {
        var object = KubeObject(schema.typeName.isEmpty ? [:] : schema.emptyObject)
        object.apiVersion = gvk.apiVersion
        object.kind = gvk.kind
        return object
    }
}

// MARK: - Metadata that nobody owns

extension ServerSideApply {
    static let unowned = FieldSet(
        [FieldPath("apiVersion"), FieldPath("kind"), FieldPath("metadata")]
            + [
                "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
                "managedFields", "resourceVersion",
            ].map { FieldPath("metadata", $0) }
    )

    static func setManagedFields(_ fields: JSON?, in object: inout JSON) {
        guard fields != nil || object.at("metadata", "managedFields") != nil else { return }
        object.set(fields, at: ["metadata", "managedFields"])
    }

    /// `/v1, Kind=ConfigMap`.
    static func text(of gvk: GroupVersionKind) -> String { "\(gvk.group)/\(gvk.version), Kind=\(gvk.kind)" }
}
