import KubeModel

/// What one DaemonSet needs: a pure function of it, its pods and the nodes.
struct DaemonSetDecision {
    private(set) var createOn: [String] = []
    private(set) var delete: [KubeObject] = []
    private(set) var status: JSON

    /// Finished pods among those to delete, which stand in the way of new ones.
    private(set) var failed: [(pod: KubeObject, node: String)] = []

    /// The pods of one node that may have one.
    private struct Place {
        var node: String
        /// The oldest first.
        var live: [KubeObject]
        var isEmpty: Bool
    }

    /// - Parameter revision: The name of the revision of the set's template.
    init(_ set: KubeObject, pods: [KubeObject], nodes: [KubeObject], revision: String, now: Timestamp) {
        let minReady = set.at("spec", "minReadySeconds")?.int ?? 0
        let rules = PlacementRules(Self.pod(for: set, node: "", revision: revision))
        var byNode: [String: [KubeObject]] = [:]
        for pod in pods { byNode[Self.node(of: pod), default: []].append(pod) }
        var eligible: Set<String> = []
        // Where a taint came later that only keeps new pods away, those that are there stay.
        var tolerated: Set<String> = []
        for node in nodes where !node.isBeingDeleted {
            let view = SchedulableNode(node)
            if rules.obstacle(on: view) == nil {
                eligible.insert(node.name)
            } else if rules.matches(view), rules.taint(on: view, effects: ["NoExecute"]) == nil {
                tolerated.insert(node.name)
            }
        }
        var places: [Place] = []
        for name in eligible.sorted() {
            let here = (byNode[name] ?? []).sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
            let finished = here.filter { $0.isPodFinished && !$0.isBeingDeleted }
            delete += finished
            failed += finished.filter { $0.podPhase == "Failed" }.map { ($0, name) }
            places.append(Place(node: name, live: here.filter(\.isPodActive), isEmpty: here.isEmpty))
        }
        var misplaced = 0
        for (name, pods) in byNode where !eligible.contains(name) {
            let live = pods.filter(\.isPodActive)
            misplaced += live.isEmpty ? 0 : 1
            if !tolerated.contains(name) { delete += live }
        }
        status = Self.status(set, places, misplaced, revision) {
            $0.isPodAvailable(minReadySeconds: minReady, at: now)
        }
        let rolling = set.at("spec", "updateStrategy", "rollingUpdate")
        let surge = (Share(rolling?["maxSurge"]) ?? .count(0)).of(places.count, rounding: .up)
        let isRolling = set.at("spec", "updateStrategy", "type")?.string != "OnDelete"
        // The old one must be gone first.
        createOn = places.filter(\.isEmpty).map(\.node)
        if isRolling, surge > 0 {
            rollWithSurge(places, surge, revision) { $0.isPodAvailable(minReadySeconds: minReady, at: now) }
            return
        }
        for place in places { delete += place.live.dropFirst() }
        guard isRolling else { return }
        let limit = (Share(rolling?["maxUnavailable"]) ?? .count(1)).of(places.count, rounding: .up)
        roll(places, max(1, limit), revision) { $0.isPodAvailable(minReadySeconds: minReady, at: now) }
    }

    private mutating func roll(
        _ places: [Place],
        _ limit: Int,
        _ revision: String,
        isAvailable: (KubeObject) -> Bool
    ) {
        var budget = limit - places.count { !($0.live.first.map(isAvailable) ?? false) }
        for pod in places.compactMap(\.live.first) where pod.revisionHash != revision {
            // One that does not work costs nothing.
            if !isAvailable(pod) {
                delete.append(pod)
            } else if budget > 0 {
                delete.append(pod)
                budget -= 1
            }
        }
    }

    /// New pods come up beside the old ones, which go once those are available.
    private mutating func rollWithSurge(
        _ places: [Place],
        _ surge: Int,
        _ revision: String,
        isAvailable: (KubeObject) -> Bool
    ) {
        var running = 0
        var candidates: [String] = []
        for place in places {
            let new = place.live.filter { $0.revisionHash == revision }
            let old = place.live.filter { $0.revisionHash != revision }
            delete += new.dropFirst() + old.dropFirst()
            guard let oldest = old.first else { continue }
            if let newest = new.first {
                if isAvailable(newest) { delete.append(oldest) } else { running += 1 }
            } else if isAvailable(oldest) {
                candidates.append(place.node)
            } else {
                createOn.append(place.node)
            }
        }
        createOn += candidates.prefix(max(0, surge - running))
    }

    private static func status(
        _ set: KubeObject,
        _ places: [Place],
        _ misplaced: Int,
        _ revision: String,
        isAvailable: (KubeObject) -> Bool
    ) -> JSON {
        var status = set.status
        let shown = places.compactMap(\.live.first)
        let available = shown.count(where: isAvailable)
        status["observedGeneration"] = .integer(Int64(set.generation))
        status["desiredNumberScheduled"] = .integer(Int64(places.count))
        status["currentNumberScheduled"] = .integer(Int64(shown.count))
        status["numberMisscheduled"] = .integer(Int64(misplaced))
        status["numberReady"] = .integer(Int64(shown.count(where: \.isPodReady)))
        let updated = places.count { $0.live.contains { $0.revisionHash == revision } }
        status.setCount("updatedNumberScheduled", updated)
        status.setCount("numberAvailable", available)
        status.setCount("numberUnavailable", places.count - available)
        return status
    }

    /// The node that a pod runs on or is meant for.
    static func node(of pod: KubeObject) -> String {
        if !pod.nodeName.isEmpty { return pod.nodeName }
        let terms = pod.at(
            "spec",
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms"
        )?.array
        return terms?.first?["matchFields"]?[0]?["values"]?[0]?.string ?? ""
    }

    /// The pod for one node; with no node, the pod that shows which nodes are eligible.
    static func pod(for set: KubeObject, node: String, revision: String) -> KubeObject {
        var pod = PodFactory.pod(from: set.spec["template"] ?? [:], ownedBy: set)
        pod.set(.string(revision), at: "metadata", "labels", "controller-revision-hash")
        let generation = set.annotation("deprecated.daemonset.template.generation") ?? String(set.generation)
        pod.set(.string(generation), at: "metadata", "labels", "pod-template-generation")
        func toleration(_ key: String, _ effect: String) -> JSON {
            ["key": .string("node.kubernetes.io/\(key)"), "operator": "Exists", "effect": .string(effect)]
        }
        var tolerations = pod.at("spec", "tolerations")?.array ?? []
        let needed = [
            toleration("not-ready", "NoExecute"), toleration("unreachable", "NoExecute"),
            toleration("disk-pressure", "NoSchedule"), toleration("memory-pressure", "NoSchedule"),
            toleration("pid-pressure", "NoSchedule"), toleration("unschedulable", "NoSchedule"),
        ]
        tolerations += needed.filter { !tolerations.contains($0) }
        pod.set(.array(tolerations), at: "spec", "tolerations")
        guard !node.isEmpty else { return pod }
        let field: JSON = ["key": "metadata.name", "operator": "In", "values": [.string(node)]]
        let path = ["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]
        var terms = pod.json.at(path + ["nodeSelectorTerms"])?.array ?? []
        if terms.isEmpty { terms = [[:]] }
        for index in terms.indices { terms[index]["matchFields"] = [field] }
        pod.json.set(.array(terms), at: path + ["nodeSelectorTerms"])
        return pod
    }
}
