import KubeModel

/// What one Deployment needs next: a pure function of it, its ReplicaSets and the time.
///
/// One decision is one step of a rollout; what the step changes wakes the controller for the next one.
struct DeploymentDecision {
    enum Action {
        /// Make the ReplicaSet of the current template.
        case create(KubeObject)
        /// Set the size of a ReplicaSet (and the annotations that go with it).
        case scale(KubeObject, to: Int)
        case annotate(KubeObject, [String: String])
        case delete(KubeObject)
    }

    var actions: [Action] = []
    /// The revision that the Deployment's annotation must show.
    var revision: Int?
    var lookAgainAfter: Duration?

    let deployment: KubeObject
    let replicas: DeploymentReplicas
    /// The ReplicaSet of the current template, if it exists.
    let current: KubeObject?
    /// The others, oldest first.
    let old: [KubeObject]

    /// - Parameters:
    ///   - replicaSets: All that the Deployment controls.
    ///   - hasOldPods: Whether a pod of another template still runs; matters to `Recreate`.
    init(_ deployment: KubeObject, replicaSets: [KubeObject], hasOldPods: Bool) {
        self.deployment = deployment
        replicas = DeploymentReplicas(deployment)
        let sorted = replicaSets.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
        let template = TemplateHash.normalized(deployment.spec["template"] ?? [:])
        let current = sorted.first { TemplateHash.normalized($0.spec["template"] ?? [:]) == template }
        self.current = current
        old = sorted.filter { $0.uid != current?.uid }
        guard !deployment.isBeingDeleted else { return }

        let isPaused = deployment.at("spec", "paused")?.bool ?? false
        let isScaled = sorted.contains { set in
            set.wantedReplicas > 0
                && set.annotation(DeploymentAnnotations.desired).map { Int($0) != replicas.wanted } ?? false
        }
        if isPaused || isScaled {
            annotateCurrent()
            scaleProportionally()
            if isPaused { cleanUp() }
            return
        }
        if replicas.isRolling { rollOut() } else { recreate(hasOldPods: hasOldPods) }
        if current != nil, isComplete { cleanUp() }
    }

    var all: [KubeObject] { old + (current.map { [$0] } ?? []) }
    var totalWanted: Int { all.reduce(0) { $0 + $1.wantedReplicas } }
    var totalAvailable: Int { all.reduce(0) { $0 + $1.availableReplicas } }

    private var isComplete: Bool {
        guard let current else { return false }
        return current.availableReplicas == replicas.wanted
            && old.allSatisfy { $0.statusReplicas == 0 && $0.wantedReplicas == 0 }
    }

    /// Gives the current ReplicaSet its revision and annotations.
    private mutating func annotateCurrent() {
        guard let current else { return }
        let newRevision = max(
            (old.map(DeploymentAnnotations.revision(of:)).max() ?? 0) + 1,
            DeploymentAnnotations.revision(of: current)
        )
        let annotations = DeploymentAnnotations.ofCurrent(
            current,
            deployment: deployment,
            revision: newRevision,
            replicas: replicas
        )
        if annotations != current.annotations { actions.append(.annotate(current, annotations)) }
        let minReady = deployment.at("spec", "minReadySeconds")?.int ?? 0
        if current.at("spec", "minReadySeconds")?.int ?? 0 != minReady {
            actions.append(.scale(current, to: current.wantedReplicas))
        }
        setRevision(Int(annotations[DeploymentAnnotations.revision] ?? "") ?? newRevision)
    }

    private mutating func setRevision(_ number: Int) {
        if DeploymentAnnotations.revision(of: deployment) != number { revision = number }
    }

    private mutating func createCurrent(wanted: Int) {
        let newRevision = (old.map(DeploymentAnnotations.revision(of:)).max() ?? 0) + 1
        actions.append(
            .create(ReplicaSetFactory.make(for: deployment, wanted: wanted, revision: newRevision, replicas))
        )
        setRevision(newRevision)
    }

    // MARK: RollingUpdate

    private mutating func rollOut() {
        guard let current else {
            // Surge limits the first pods of a new template; without old ones this is all of them.
            let room = replicas.maximum - totalWanted
            createCurrent(wanted: max(0, min(room, replicas.wanted)))
            return
        }
        annotateCurrent()
        if current.wantedReplicas > replicas.wanted {
            actions.append(.scale(current, to: replicas.wanted))
            return
        }
        let room = replicas.maximum - totalWanted
        if current.wantedReplicas < replicas.wanted, room > 0 {
            actions.append(.scale(current, to: min(replicas.wanted, current.wantedReplicas + room)))
            return
        }
        scaleDownOld(current)
    }

    private mutating func scaleDownOld(_ current: KubeObject) {
        let unavailableNew = current.wantedReplicas - current.availableReplicas
        var budget = totalWanted - replicas.minimumAvailable - unavailableNew
        guard budget > 0 else { return }
        var sizes = Dictionary(uniqueKeysWithValues: old.map { ($0.uid, $0.wantedReplicas) })
        // Pods that do not work are no loss: they go first, whatever the minimum.
        for set in old where set.wantedReplicas > set.availableReplicas && budget > 0 {
            let count = min(budget, set.wantedReplicas - set.availableReplicas)
            sizes[set.uid] = set.wantedReplicas - count
            budget -= count
        }
        var spare = totalAvailable - replicas.minimumAvailable
        for set in old where spare > 0 {
            let size = sizes[set.uid] ?? 0
            let count = min(size, spare)
            sizes[set.uid] = size - count
            spare -= count
        }
        for set in old {
            if let size = sizes[set.uid], size != set.wantedReplicas { actions.append(.scale(set, to: size)) }
        }
    }

    // MARK: Recreate

    private mutating func recreate(hasOldPods: Bool) {
        annotateCurrent()
        let running = old.filter { $0.wantedReplicas > 0 }
        if !running.isEmpty {
            actions += running.map { .scale($0, to: 0) }
            return
        }
        guard !hasOldPods else { return }
        guard let current else { return createCurrent(wanted: replicas.wanted) }
        if current.wantedReplicas != replicas.wanted { actions.append(.scale(current, to: replicas.wanted)) }
    }

    // MARK: Scaling and history

    /// Brings a Deployment whose size changed (or that is paused) to its size, without moving its rollout.
    private mutating func scaleProportionally() {
        let active = all.filter { $0.wantedReplicas > 0 }
        if active.count <= 1 {
            guard let only = active.first ?? current ?? old.last else { return }
            actions.append(.scale(only, to: replicas.wanted))
            return
        }
        if let current, current.wantedReplicas == replicas.wanted,
            current.availableReplicas == replicas.wanted
        {
            actions += old.filter { $0.wantedReplicas > 0 }.map { .scale($0, to: 0) }
            return
        }
        guard replicas.isRolling else { return }
        let allowed = replicas.wanted > 0 ? replicas.maximum : 0
        var toAdd = allowed - active.reduce(0) { $0 + $1.wantedReplicas }
        // The largest first; among equals a growing Deployment prefers the newest, a shrinking one the oldest.
        let ordered = active.sorted { left, right in
            if left.wantedReplicas != right.wantedReplicas {
                return left.wantedReplicas > right.wantedReplicas
            }
            return toAdd > 0 ? left.createdAt > right.createdAt : left.createdAt < right.createdAt
        }
        var sizes = ordered.map(\.wantedReplicas)
        for (index, set) in ordered.enumerated() where toAdd != 0 {
            let before =
                set.annotation(DeploymentAnnotations.maximum).flatMap { Int($0) }
                ?? max(1, deployment.statusReplicas)
            let exact = Double(set.wantedReplicas) * Double(allowed) / Double(max(1, before))
            let share = Int(exact.rounded()) - set.wantedReplicas
            let change = toAdd > 0 ? min(max(share, 0), toAdd) : max(min(share, 0), toAdd)
            sizes[index] += change
            toAdd -= change
        }
        if toAdd != 0, !sizes.isEmpty { sizes[0] = max(0, sizes[0] + toAdd) }
        for (set, size) in zip(ordered, sizes) { actions.append(.scale(set, to: size)) }
    }

    /// Removes the oldest empty ReplicaSets beyond the history limit.
    private mutating func cleanUp() {
        guard let limit = deployment.at("spec", "revisionHistoryLimit")?.int else { return }
        let empty = old.filter { set in
            !set.isBeingDeleted && set.wantedReplicas == 0 && set.statusReplicas == 0
                && (set.at("status", "observedGeneration")?.int ?? 0) >= set.generation
        }
        let surplus = old.filter { !$0.isBeingDeleted }.count - limit
        guard surplus > 0 else { return }
        let byRevision = empty.sorted {
            DeploymentAnnotations.revision(of: $0) < DeploymentAnnotations.revision(of: $1)
        }
        actions += byRevision.prefix(surplus).map(Action.delete)
    }
}

extension KubeObject {
    var wantedReplicas: Int { at("spec", "replicas")?.int ?? 1 }
    var statusReplicas: Int { at("status", "replicas")?.int ?? 0 }
    var readyReplicas: Int { at("status", "readyReplicas")?.int ?? 0 }
    var availableReplicas: Int { at("status", "availableReplicas")?.int ?? 0 }
}

/// Makes ReplicaSets from Deployments.
enum ReplicaSetFactory {
    static func make(
        for deployment: KubeObject,
        wanted: Int,
        revision: Int,
        _ replicas: DeploymentReplicas
    ) -> KubeObject {
        var template = deployment.spec["template"] ?? [:]
        let hash = TemplateHash.name(
            of: template,
            collisions: deployment.at("status", "collisionCount")?.int ?? 0
        )
        template.set(.string(hash), at: ["metadata", "labels", "pod-template-hash"])
        var selector = deployment.spec["selector"] ?? [:]
        selector.set(.string(hash), at: ["matchLabels", "pod-template-hash"])
        var set = KubeObject(
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            namespace: deployment.namespace,
            name: "\(deployment.name)-\(hash)"
        )
        set.set(template.at("metadata", "labels"), at: "metadata", "labels")
        set.annotations = DeploymentAnnotations.ofCurrent(
            nil,
            deployment: deployment,
            revision: revision,
            replicas: replicas
        )
        set.set([OwnerReference(controlledBy: deployment).json], at: "metadata", "ownerReferences")
        var spec: JSON = ["replicas": .integer(Int64(wanted)), "selector": selector, "template": template]
        spec["minReadySeconds"] = deployment.at("spec", "minReadySeconds")
        set.spec = spec
        return set
    }
}
