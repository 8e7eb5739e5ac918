import KubeModel

/// One term of a pod's affinity or anti-affinity to other pods.
struct AffinityTerm: Sendable, Hashable {
    let topologyKey: String
    private let selector: JSON
    private let namespaces: Set<String>
    /// Whether the term names all namespaces.
    private let isEverywhere: Bool
    let weight: Int

    init(_ term: JSON, of pod: KubeObject, weight: Int = 0) {
        topologyKey = term["topologyKey"]?.string ?? ""
        var selector = term["labelSelector"] ?? .null
        // Keys whose values are the pod's own.
        for (field, sign) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
            for key in (term[field]?.array ?? []).compactMap(\.string) {
                guard let value = pod.label(key) else { continue }
                let rule: JSON = ["key": .string(key), "operator": .string(sign), "values": [.string(value)]]
                selector.set(
                    .array((selector["matchExpressions"]?.array ?? []) + [rule]),
                    at: ["matchExpressions"]
                )
            }
        }
        self.selector = selector
        let named = Set((term["namespaces"]?.array ?? []).compactMap(\.string))
        let byLabels = term["namespaceSelector"]
        isEverywhere = byLabels?.object?.isEmpty ?? false
        namespaces = named.isEmpty && byLabels == nil ? [pod.namespace] : named
        self.weight = weight
    }

    static func required(_ kind: String, of pod: KubeObject) -> [AffinityTerm] {
        let path = "requiredDuringSchedulingIgnoredDuringExecution"
        return (pod.at("spec", "affinity", kind, path)?.array ?? []).map { AffinityTerm($0, of: pod) }
    }

    static func preferred(_ kind: String, of pod: KubeObject) -> [AffinityTerm] {
        let path = "preferredDuringSchedulingIgnoredDuringExecution"
        return (pod.at("spec", "affinity", kind, path)?.array ?? []).map { term in
            AffinityTerm(term["podAffinityTerm"] ?? [:], of: pod, weight: term["weight"]?.int ?? 1)
        }
    }

    func selects(_ labels: [String: String], in namespace: String) -> Bool {
        guard isEverywhere || namespaces.contains(namespace) else { return false }
        return ObjectSelector(selector.isNull ? nil : selector).selects { labels[$0] }
    }

    func selects(_ pod: PlacedPod) -> Bool { selects(pod.labels, in: pod.name.namespace) }
}

/// The rules between a pod and the pods that are placed already, for all nodes.
struct PodAffinityRules: Sendable {
    private let wanted: [AffinityTerm]
    private let unwanted: [AffinityTerm]
    private let preferred: [(term: AffinityTerm, sign: Int)]
    /// By topology key and value: how many pods each term of `wanted` finds there.
    private var near: [[String: Int]] = []
    private var far: [[String: Int]] = []
    private var liked: [[String: Int]] = []
    /// Places (`key=value`) that placed pods keep this pod away from.
    private var forbidden: Set<String> = []
    /// The first pod of a group that wants to be near itself may go anywhere.
    private var mayBeFirst = false

    var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty && preferred.isEmpty && forbidden.isEmpty }

    init(_ pod: KubeObject, nodes: [SchedulableNode]) {
        wanted = AffinityTerm.required("podAffinity", of: pod)
        unwanted = AffinityTerm.required("podAntiAffinity", of: pod)
        preferred =
            AffinityTerm.preferred("podAffinity", of: pod).map { ($0, 1) }
            + AffinityTerm.preferred("podAntiAffinity", of: pod).map { ($0, -1) }
        let labels = pod.labels
        for node in nodes {
            for uid in node.averse {
                for term in node.placed[uid]?.aversions ?? [] where term.selects(labels, in: pod.namespace) {
                    guard let value = node.labels[term.topologyKey] else { continue }
                    forbidden.insert("\(term.topologyKey)=\(value)")
                }
            }
        }
        guard !wanted.isEmpty || !unwanted.isEmpty || !preferred.isEmpty else { return }
        // For affinity a pod counts that all terms select.
        let terms = wanted
        near = Self.counts(wanted, nodes) { placed in terms.allSatisfy { $0.selects(placed) } }
        far = unwanted.flatMap { term in Self.counts([term], nodes, where: term.selects) }
        liked = preferred.flatMap { entry in Self.counts([entry.term], nodes, where: entry.term.selects) }
        mayBeFirst =
            near.allSatisfy(\.isEmpty) && terms.allSatisfy { $0.selects(labels, in: pod.namespace) }
    }

    private static func counts(
        _ terms: [AffinityTerm],
        _ nodes: [SchedulableNode],
        where isMeant: (PlacedPod) -> Bool
    ) -> [[String: Int]] {
        var counts = terms.map { _ in [String: Int]() }
        for node in nodes {
            let number = node.placed.values.count(where: isMeant)
            guard number > 0 else { continue }
            for (index, term) in terms.enumerated() {
                if let value = node.labels[term.topologyKey] { counts[index][value, default: 0] += number }
            }
        }
        return counts
    }

    func obstacle(on node: SchedulableNode) -> Obstacle? {
        for (term, counts) in zip(wanted, near) {
            guard let value = node.labels[term.topologyKey], mayBeFirst || counts[value, default: 0] > 0
            else {
                return Obstacle("node(s) didn't match pod affinity rules", isFinal: true)
            }
        }
        for (term, counts) in zip(unwanted, far) {
            if let value = node.labels[term.topologyKey], counts[value, default: 0] > 0 {
                return Obstacle("node(s) didn't match pod anti-affinity rules")
            }
        }
        if forbidden.contains(where: { place in
            let parts = place.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 && node.labels[parts[0]] == parts[1]
        }) {
            return Obstacle("node(s) didn't satisfy existing pods anti-affinity rules")
        }
        return nil
    }

    /// How much the preferences speak for a node, about from -1 to 1.
    func score(on node: SchedulableNode) -> Double {
        var score = 0.0
        for ((term, sign), counts) in zip(preferred, liked) {
            guard let value = node.labels[term.topologyKey], counts[value, default: 0] > 0 else { continue }
            score += Double(sign * term.weight) / 100
        }
        return score
    }
}
