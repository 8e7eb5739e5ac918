import KubeModel

/// What one StatefulSet needs next: a pure function of it, its pods and its revisions.
struct StatefulSetDecision {
    enum Action: Sendable {
        /// Make the pod (and the claims) of an ordinal.
        case create(ordinal: Int, revision: String)
        case delete(KubeObject)
    }

    private(set) var actions: [Action] = []
    /// Pods beyond the wanted number, whose claims may go with them.
    var surplus: [KubeObject] { condemned }
    private(set) var status: JSON
    private(set) var lookAgainAfter: Duration?

    private let set: KubeObject
    private let start: Int
    private let wanted: Int
    private let minReady: Int
    private let now: Timestamp
    /// By ordinal, those in the range of the set.
    private var replicas: [Int: KubeObject] = [:]
    /// Pods beyond the range, the highest ordinal first.
    private var condemned: [KubeObject] = []
    private let currentRevision: String
    private let updateRevision: String

    /// - Parameters:
    ///   - update: The name of the revision of the set's template.
    init(_ set: KubeObject, pods: [KubeObject], update: String, now: Timestamp) {
        self.set = set
        self.now = now
        start = set.at("spec", "ordinals", "start")?.int ?? 0
        wanted = set.at("spec", "replicas")?.int ?? 1
        minReady = set.at("spec", "minReadySeconds")?.int ?? 0
        updateRevision = update
        currentRevision = set.at("status", "currentRevision")?.string ?? update
        status = set.status
        for pod in pods {
            guard let ordinal = Self.ordinal(of: pod, in: set) else { continue }
            if (start..<start + wanted).contains(ordinal) {
                replicas[ordinal] = pod
            } else {
                condemned.append(pod)
            }
        }
        condemned.sort { (Self.ordinal(of: $0, in: set) ?? 0) > (Self.ordinal(of: $1, in: set) ?? 0) }
        if !set.isBeingDeleted { decide() }
        count(pods)
    }

    static func ordinal(of pod: KubeObject, in set: KubeObject) -> Int? {
        guard pod.name.hasPrefix(set.name + "-") else { return nil }
        return Int(pod.name.dropFirst(set.name.count + 1))
    }

    private var isParallel: Bool { self.set.at("spec", "podManagementPolicy")?.string == "Parallel" }
    private var isRolling: Bool { self.set.at("spec", "updateStrategy", "type")?.string != "OnDelete" }
    private var partition: Int {
        self.set.at("spec", "updateStrategy", "rollingUpdate", "partition")?.int ?? 0
    }
    private var maxUnavailable: Int {
        (Share(set.at("spec", "updateStrategy", "rollingUpdate", "maxUnavailable")) ?? .count(1)).of(
            wanted,
            rounding: .up
        )
    }

    private func isHealthy(_ pod: KubeObject) -> Bool {
        pod.podPhase == "Running" && !pod.isBeingDeleted
            && pod.isPodAvailable(minReadySeconds: minReady, at: now)
    }

    private func revision(for ordinal: Int) -> String {
        isRolling && ordinal - start < partition && currentRevision != updateRevision
            ? currentRevision : updateRevision
    }

    // MARK: Steps

    private mutating func decide() {
        guard fillUp() else { return }
        guard shrink() else { return }
        if isRolling { rollOut() }
    }

    /// Makes missing pods and replaces finished ones.
    /// - Returns: Whether all are there and nothing must be waited for.
    private mutating func fillUp() -> Bool {
        for ordinal in start..<start + wanted {
            guard let pod = replicas[ordinal] else {
                actions.append(.create(ordinal: ordinal, revision: revision(for: ordinal)))
                if isParallel { continue }
                return false
            }
            if pod.isPodFinished, !pod.isBeingDeleted {
                actions.append(.delete(pod))
                if isParallel { continue }
                return false
            }
            // The next one waits for this one, also if it never comes up: as with Kubernetes, it takes a person to delete
            // the pod of a template that does not work.
            if !isParallel, !isHealthy(pod) {
                if pod.isPodReady { lookAgainAfter = .seconds(max(1, minReady)) }
                return false
            }
        }
        return isParallel || actions.isEmpty
    }

    private mutating func shrink() -> Bool {
        guard let last = condemned.first else { return true }
        if isParallel {
            actions += condemned.filter { !$0.isBeingDeleted }.map(Action.delete)
            return false
        }
        if last.isBeingDeleted { return false }
        // One that is not ready waits for the lowest that is not, unless it is that one itself.
        let firstBroken = condemned.last { !isHealthy($0) }
        if !isHealthy(last), let firstBroken, firstBroken.uid != last.uid { return false }
        actions.append(.delete(last))
        return false
    }

    private mutating func rollOut() {
        var unavailable = replicas.values.count { !isHealthy($0) }
        for ordinal in (start..<start + wanted).reversed() where ordinal - start >= partition {
            guard let pod = replicas[ordinal] else { return }
            if pod.revisionHash != updateRevision {
                if pod.isBeingDeleted { return }
                guard !isHealthy(pod) || unavailable < maxUnavailable else { return }
                actions.append(.delete(pod))
                unavailable += 1
                if unavailable >= maxUnavailable { return }
            } else if !isHealthy(pod), unavailable >= maxUnavailable {
                return
            }
        }
    }

    // MARK: Status

    private mutating func count(_ pods: [KubeObject]) {
        let live = pods.filter { !$0.isBeingDeleted && !$0.isPodFinished }
        let ready = live.count { $0.podPhase == "Running" && $0.isPodReady }
        let updated = live.count { $0.revisionHash == updateRevision }
        let created = pods.filter { !$0.isPodFinished }.count
        status["observedGeneration"] = .integer(Int64(set.generation))
        status["replicas"] = .integer(Int64(created))
        status.setCount("readyReplicas", ready)
        status["availableReplicas"] = .integer(Int64(live.count { isHealthy($0) }))
        status.setCount("updatedReplicas", updated)
        status["updateRevision"] = .string(updateRevision)
        status["collisionCount"] = status["collisionCount"] ?? 0
        let isDone =
            isRolling && updated == wanted && created == wanted && ready == wanted && partition == 0
            || currentRevision == updateRevision
        status["currentRevision"] = .string(isDone ? updateRevision : currentRevision)
        let current = isDone ? updateRevision : currentRevision
        status.setCount("currentReplicas", live.count { $0.revisionHash == current })
    }
}
