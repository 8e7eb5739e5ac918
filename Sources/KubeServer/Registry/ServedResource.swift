import KubeModel

/// One served resource in one version, with everything its verbs need, so that a request looks it up once.
final class ServedResource: Sendable {
    /// How bodies are read and what is stored.
    enum Form: Sendable {
        /// A built-in kind, by its place in the wire schema.
        case builtIn(Int)
        /// A kind that a CustomResourceDefinition declares.
        case custom(CustomResourceVersion)
    }

    let definition: ResourceDefinition
    let strategy: KindStrategy
    let form: Form
    /// For strategic merge patches.
    let schema: Schema
    /// Who owns which fields, of writes to the object and to its status.
    let ownership: ServerSideApply
    let statusOwnership: ServerSideApply
    /// To and from the version that is stored, where there is more than one.
    let conversion: VersionConversion?

    init(
        definition: ResourceDefinition,
        strategy: KindStrategy,
        form: Form,
        schema: Schema,
        conversion: VersionConversion? = nil
    ) {
        self.definition = definition
        self.strategy = strategy
        self.form = form
        self.schema = schema
        self.conversion = conversion
        let hasStatus = definition.subresources.contains("status")
        ownership = ServerSideApply(
            schema: schema,
            gvk: definition.gvk,
            ignoring: hasStatus ? ServerSideApply.resetFields(of: schema, subresource: "") : FieldSet()
        )
        statusOwnership = ServerSideApply(
            schema: schema,
            gvk: definition.gvk,
            subresource: "status",
            ignoring: ServerSideApply.resetFields(of: schema, subresource: "status")
        )
    }

    var hasStatus: Bool { definition.subresources.contains("status") }
    var gvr: GroupVersionResource { definition.gvr }

    var custom: CustomResourceVersion? {
        guard case .custom(let version) = form else { return nil }
        return version
    }

    /// How its objects are written: those of custom kinds are maps to Kubernetes.
    var order: JSON.MemberOrder { custom == nil ? .structure : .name }

    func key(_ name: ObjectName) -> ClusterStore.Key {
        ClusterStore.Key(resource: definition.storageKey, name: name)
    }

    /// A stored object in this version.
    func served(_ stored: KubeObject) -> KubeObject {
        if let custom { return custom.served(stored) }
        guard let conversion else { return stored }
        return KubeObject(conversion.fromStored(stored.json))
    }

    /// An object of this version as it is stored.
    func stored(_ object: KubeObject) -> KubeObject {
        if let custom { return custom.stored(object) }
        guard let conversion else { return object }
        return KubeObject(conversion.toStored(object.json))
    }

    func invalid(_ name: String, _ errors: [FieldError]) -> StatusError {
        // Events of both groups call themselves by the core group's name.
        let group = definition.storageKey == "events" ? "" : gvr.group
        return .invalidObject(group: group, kind: definition.kind, name: name, errors)
    }
}

/// Conversion between a served version and the one that is stored.
struct VersionConversion: Sendable {
    var fromStored: @Sendable (JSON) -> JSON
    var toStored: @Sendable (JSON) -> JSON
}
