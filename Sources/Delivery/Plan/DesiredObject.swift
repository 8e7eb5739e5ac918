package import KubeClient
package import KubeModel
package import Rendering

/// A manifest as it will be sent: with its destination, its marks, and without what a server would ignore.
///
/// Never changed: plans, steps and passes share one.
package final class DesiredObject: Sendable {
    package let object: KubeObject
    package let reference: ObjectReference
    /// `nil` while the cluster does not know the kind.
    package let resource: APIResource?
    package let origin: ManifestOrigin
    package let rules: ObjectRules
    /// Fields that are left to others once the object is there.
    package let ignored: IgnoredFields
    /// Equal for equal manifests that are to be written in the same way, within this process.
    package let digest: Int
    /// Of a hook that names several phases: as it is in each of them; else empty.
    package let variants: [DesiredObject]

    package init(
        _ manifest: Manifest,
        resource: APIResource?,
        tracking: Tracking,
        namespace: String,
        marksSource: SourceMark = .none,
        revision: String = "",
        settings: ApplicationSettings = ApplicationSettings(),
        as hook: ObjectRules.Hook? = nil
    ) {
        var object = manifest.object
        if let resource, !resource.isNamespaced {
            object.namespace = ""
        } else if object.namespace.isEmpty {
            object.namespace = namespace
        }
        Self.clean(&object, hasStatus: resource?.subresources.contains("status") ?? true)
        var rules = ObjectRules(object, defaults: settings.syncOptions)
        if settings.force { rules.takesOwnership = true }
        let phases = rules.hooks
        if let hook { rules.hook = hook }
        self.rules = rules
        Self.name(&object, rules.phase, revision)
        if rules.hook != nil, !revision.isEmpty {
            object.set(.string(revision), at: "metadata", "annotations", Self.hookRevision)
            if phases.count > 1 {
                object.set(.string(rules.phase.word), at: "metadata", "annotations", Self.hookPhase)
            }
        }
        tracking.mark(&object, source: marksSource == .file ? manifest.origin.file : nil)
        self.object = object
        self.resource = resource
        reference = object.reference
        ignored = IgnoredFields(settings.ignoreDifferences, for: object.reference)
        origin = manifest.origin
        var hasher = Hasher()
        hasher.combine(object.json)
        hasher.combine(rules)
        hasher.combine(ignored)
        digest = hasher.finalize()
        guard phases.count > 1, hook == nil else {
            variants = []
            return
        }
        variants = phases.map { phase in
            DesiredObject(
                manifest,
                resource: resource,
                tracking: tracking,
                namespace: namespace,
                marksSource: marksSource,
                revision: revision,
                settings: settings,
                as: phase
            )
        }
    }

    private init(_ other: DesiredObject, object: KubeObject) {
        self.object = object
        reference = other.reference
        resource = other.resource
        origin = other.origin
        rules = other.rules
        ignored = other.ignored
        digest = other.digest
        variants = other.variants
    }

    /// The same, with less in it than the manifest says.
    func replaced(by object: KubeObject) -> DesiredObject { DesiredObject(self, object: object) }

    /// Of a hook that names several phases, the one whose turn it is: each runs when the one before has succeeded.
    package func current(after results: [ObjectReference: HookResult], hasFailed: Bool) -> DesiredObject {
        guard !variants.isEmpty else { return self }
        if hasFailed, let last = variants.first(where: { $0.rules.hook == .syncFail }) { return last }
        let sequence = variants.filter { $0.rules.hook != .syncFail }
        for (index, variant) in sequence.enumerated().reversed() {
            guard let result = results[variant.reference], result.isOf(variant) else { continue }
            return result.outcome == .succeeded ? sequence[min(index + 1, sequence.count - 1)] : variant
        }
        return sequence.first ?? variants[0]
    }

    /// The manifest as it is compared with a live object and sent over it.
    package func manifest(over live: KubeObject?) -> KubeObject {
        live.map { ignored.applied(to: object, over: $0, manager: Planner.manager) } ?? object
    }

    /// A hook without a name gets one of its own for each commit and phase, the same at every try.
    private static func name(_ object: inout KubeObject, _ phase: SyncPhase, _ revision: String) {
        guard object.name.isEmpty, let prefix = object.at("metadata", "generateName")?.string else { return }
        object.set(nil, at: "metadata", "generateName")
        let commit = revision.isEmpty ? "hook" : String(revision.prefix(7))
        object.name = String(prefix.prefix(44)) + "\(commit)-\(phase.word)"
    }

    /// On hooks: the commit they ran for, so that they run once for each, whatever is restarted meanwhile.
    package static let hookRevision = "varde.dev/hook-revision"

    /// On hooks of several phases: the one that they ran in.
    package static let hookPhase = "varde.dev/hook-phase"

    package enum SourceMark: Sendable {
        case none
        /// Names the file in an annotation, so that objects of a file that cannot be read are known.
        case file
    }

    private static func clean(_ object: inout KubeObject, hasStatus: Bool) {
        for field in [
            "managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink",
        ]
        where object.at("metadata", field) != nil {
            object.set(nil, at: "metadata", field)
        }
        if hasStatus { object["status"] = nil }
        AppliedForm.adapt(&object)
        if object.gvk == GroupVersionKind(group: "", version: "v1", kind: "Secret") {
            encodeTexts(of: &object)
        }
    }

    /// `stringData` is for writing only; sent as `data` it can be compared with what is there.
    private static func encodeTexts(of secret: inout KubeObject) {
        guard let texts = secret["stringData"]?.object else { return }
        var data = secret["data"]?.object ?? [:]
        for (key, text) in texts {
            guard let text = text.string else { return }
            data[key] = .string(Base64.encoded(Array(text.utf8)))
        }
        secret["data"] = .object(data)
        secret["stringData"] = nil
    }
}
