import KubeClient
import KubeModel

/// What of a plan can only be told from all the applications of a commit together.
///
/// Each object is tried by itself, on the cluster as it is before the commit.
struct CommitEffects: Sendable, Hashable {
    /// An object that is created or changed, and that what others may be can rest on.
    struct Ground: Sendable, Hashable {
        var object: KubeObject
        var resource: APIResource?
        var isNew: Bool
        var place: Place
    }

    /// What the cluster refuses as it is now.
    struct Refusal: Sendable, Hashable {
        /// As the cluster said it, masked where it may tell of secrets.
        var message: String
        var code: Int
        var object: ObjectReference
        var place: Place
    }

    /// When in the sync: what comes after an object cannot help it.
    struct Place: Sendable, Hashable {
        var phase: SyncPhase
        var wave: Int

        init(_ step: Plan.Step) { (phase, wave) = (step.phase, step.wave) }
    }

    var grounds: [Ground] = []
    /// By object.
    var refusals: [String: Refusal] = [:]
    /// Objects of kinds that the cluster does not have.
    var unknown: [String: GroupVersionKind] = [:]

    /// Takes from a plan what others can rest on.
    ///
    /// - Parameter objects: What the cluster says to its steps.
    mutating func add(_ plan: Plan, _ objects: [ObjectPreview]) {
        let steps = Dictionary(plan.steps.map { ($0.reference.description, $0) }) { first, _ in first }
        for object in objects where object.failure == nil {
            guard object.action == .create || object.action == .update, let step = steps[object.object],
                let desired = step.desired
            else { continue }
            if step.obstacle == .unknownKind { unknown[object.object] = desired.object.gvk }
            grounds.append(
                Ground(
                    object: desired.object,
                    resource: desired.resource,
                    isNew: object.action == .create,
                    place: Place(step)
                )
            )
        }
    }
}

extension CommitEffects.Ground {
    /// Whether the cluster may say something else once this is there.
    func mayLift(_ refusal: CommitEffects.Refusal) -> Bool {
        let words = refusal.message
        let namespace = refusal.object.namespace
        let (kind, name) = (object.kind, object.name)
        let isAdmission =
            words.contains("admission webhook \"") || words.contains("calling webhook \"")
            || words.contains("AdmissionPolicy '")
        switch (object.gvk.group, kind) {
        case ("", "ResourceQuota"):
            return object.namespace == namespace
                && ["quota: \(name),", "quota: \(name):"].contains { words.contains($0) }
        case ("", "LimitRange"):
            let bounds = ["Container", "Pod", "PersistentVolumeClaim"]
            return object.namespace == namespace
                && (words.contains("failed quota: ") || bounds.contains { words.contains(" per \($0) is ") })
        case ("", "Namespace"):
            if name == namespace, isAdmission || words.contains("violates PodSecurity") { return true }
        case ("admissionregistration.k8s.io", _): return isAdmission
        case ("apiextensions.k8s.io", "CustomResourceDefinition"):
            // A schema is what refuses by these codes, unless somebody else did.
            return !isAdmission && [400, 422, 500].contains(refusal.code)
                && defines(group: refusal.object.group, kind: refusal.object.kind)
        default: break
        }
        return isNew && isMissed(in: words)
    }

    func defines(group: String, kind: String) -> Bool {
        object.kind == "CustomResourceDefinition" && object.at("spec", "group")?.string == group
            && object.at("spec", "names", "kind")?.string == kind
    }

    /// Whether an answer says that this very object is not there.
    private func isMissed(in words: String) -> Bool {
        var names = [object.kind.lowercased()]
        if let resource { names.append(resource.gvr.groupResource) }
        let words = words.lowercased()
        return names.contains { words.contains("\($0) \"\(object.name)\" not found") }
            || words.contains("no \(object.kind.lowercased()) with name \(object.name) was found")
    }

    var words: String { "\(object.kind) \(object.name)" }
}

extension CommitEffects {
    /// Makes notes of refusals that another object of the commit may lift.
    static func settle(_ applications: inout [ApplicationPreview?]) {
        var grounds: [String: [(ApplicationID, Ground)]] = [:]
        for application in applications.lazy.compactMap(\.self) {
            grounds[application.id.cluster, default: []] += application.effects.grounds.map {
                (application.id, $0)
            }
        }
        for index in applications.indices {
            guard var application = applications[index] else { continue }
            let id = application.id
            let known = grounds[id.cluster] ?? []
            application.settle { refusal in
                known.first { other, ground in
                    // Applications do not wait for each other; within one, what comes later comes too late.
                    let isInTime =
                        other != id
                        || (ground.place.phase, ground.place.wave) <= (
                            refusal.place.phase, refusal.place.wave
                        )
                    return isInTime && ground.mayLift(refusal)
                }?.1.words
            } definition: { gvk in
                known.first { $0.1.defines(group: gvk.group, kind: gvk.kind) }?.1.words
            }
            application.effects = CommitEffects()
            applications[index] = application
        }
    }
}

extension ApplicationPreview {
    fileprivate mutating func settle(
        refusal ground: (CommitEffects.Refusal) -> String?,
        definition: (GroupVersionKind) -> String?
    ) {
        for index in objects.indices {
            let object = objects[index].object
            guard let refusal = effects.refusals[object], let words = ground(refusal) else { continue }
            objects[index].failure = nil
            notes.append(
                "\(object): the cluster refuses it as it is now: \(refusal.message). "
                    .replacing(".. ", with: ". ")
                    + "\(words) of this commit changes that, so what it will say is not known before."
            )
        }
        for index in findings.indices where findings[index].code == .unknownKind {
            guard let object = findings[index].object, let gvk = effects.unknown[object],
                findings[index].severity == .error, let words = definition(gvk)
            else { continue }
            findings[index].severity = .info
            findings[index].message = "\(object) waits for \(words), which is of this commit."
        }
    }
}
