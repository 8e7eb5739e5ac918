import KubeModel

/// What one DaemonSet needs: a pure function of it, its pods and the nodes.
struct DaemonSetDecision {
    private(set) var createOn: [String] = []
    private(set) var delete: [KubeObject] = []
    private(set) var status: JSON

    /// - Parameter revision: The name of the revision of the set's template.
    init(_ set: KubeObject, pods: [KubeObject], nodes: [KubeObject], revision: String, now: Timestamp) {
        let minReady = set.at("spec", "minReadySeconds")?.int ?? 0
        let rules = PlacementRules(Self.pod(for: set, node: "", revision: revision))
        let eligible = nodes.filter { !$0.isBeingDeleted && rules.obstacle(on: Self.view(of: $0)) == nil }
        let eligibleNames = Set(eligible.map(\.name))
        var byNode: [String: [KubeObject]] = [:]
        for pod in pods { byNode[Self.node(of: pod), default: []].append(pod) }

        var unavailable = 0
        var outdated: [KubeObject] = []
        var counts = (current: 0, updated: 0, ready: 0, available: 0, misplaced: 0)
        for name in eligibleNames.sorted() {
            let here = (byNode[name] ?? []).sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
            let live = here.filter(\.isPodActive)
            delete += here.filter { $0.isPodFinished && !$0.isBeingDeleted }
            guard let pod = live.first else {
                if here.isEmpty { createOn.append(name) }  // Else the old one must be gone first.
                unavailable += 1
                continue
            }
            delete += live.dropFirst()
            counts.current += 1
            if pod.isPodReady { counts.ready += 1 }
            let isAvailable = pod.isPodAvailable(minReadySeconds: minReady, at: now)
            if isAvailable { counts.available += 1 } else { unavailable += 1 }
            if pod.revisionHash == revision { counts.updated += 1 } else { outdated.append(pod) }
        }
        for (name, misplaced) in byNode where !eligibleNames.contains(name) {
            let live = misplaced.filter(\.isPodActive)
            counts.misplaced += live.isEmpty ? 0 : 1
            delete += live
        }
        if set.at("spec", "updateStrategy", "type")?.string != "OnDelete" {
            let limit =
                Share(set.at("spec", "updateStrategy", "rollingUpdate", "maxUnavailable")) ?? .count(1)
            var budget = max(1, limit.of(eligible.count, rounding: .up)) - unavailable
            for pod in outdated {
                // One that does not work costs nothing.
                if !pod.isPodAvailable(minReadySeconds: minReady, at: now) {
                    delete.append(pod)
                } else if budget > 0 {
                    delete.append(pod)
                    budget -= 1
                }
            }
        }
        status = set.status
        status["observedGeneration"] = .integer(Int64(set.generation))
        status["desiredNumberScheduled"] = .integer(Int64(eligible.count))
        status["currentNumberScheduled"] = .integer(Int64(counts.current))
        status["numberMisscheduled"] = .integer(Int64(counts.misplaced))
        status["numberReady"] = .integer(Int64(counts.ready))
        status.setCount("updatedNumberScheduled", counts.updated)
        status.setCount("numberAvailable", counts.available)
        status.setCount("numberUnavailable", eligible.count - counts.available)
    }

    private static func view(of node: KubeObject) -> SchedulableNode { SchedulableNode(node) }

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
