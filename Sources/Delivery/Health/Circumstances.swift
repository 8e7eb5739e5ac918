package import KubeModel

/// What decides about an object's health beside the object itself.
package struct Circumstances: Sendable {
    /// Seconds since 1970.
    package var now: Double
    /// Storage classes that bind a claim only when a pod uses it; `""` when the default class is one.
    package var waitingClasses: Set<String> = []
    /// Kinds for which the cluster has somebody who gives addresses, as far as can be seen.
    package var controllers: Set<String> = []
    /// The disruption budgets that select the same pods as another one, and which.
    package var overlaps: [ObjectReference: String] = [:]

    /// Kinds for which the cluster certainly has nobody who gives addresses.
    package var withoutController: Set<String> = []
    /// The classes of ingresses that somebody serves, `""` for those that name none; `nil` while that is not known.
    package var ingressClasses: Set<String>?

    /// How long an object without an address waits for one before the cluster is taken to have nobody who gives one.
    package static let addressDeadline = 60.0
    /// The same where it is known that there is nobody.
    package static let shortAddressDeadline = 5.0

    package init(now: Double) { self.now = now }

    /// Changes what an object's own status says of its health, where the surroundings say more.
    ///
    /// - Returns: When to look again, seconds since 1970, where time alone may change it.
    func adjust(_ health: inout Health, of object: KubeObject) -> Double? {
        guard !object.isBeingDeleted else { return nil }
        switch (object.gvk.group, object.kind) {
        case ("", "PersistentVolumeClaim") where health.state == .progressing:
            guard waitingClasses.contains(object.at("spec", "storageClassName")?.string ?? "") else {
                return nil
            }
            health = Health(.healthy, summary: "waits for its first pod")
        case ("", "Service") where health.state == .progressing,
            ("networking.k8s.io", "Ingress") where health.state == .progressing:
            let wait: Double
            switch prospect(of: object) {
            case .served: return nil
            case .unserved: wait = Self.shortAddressDeadline
            case .unclear: wait = Self.addressDeadline
            }
            let created = object.creationTimestamp.flatMap(Timestamp.init(parsing:))?.sinceEpoch ?? now
            let deadline = created + wait
            guard now >= deadline else { return deadline }
            var who = object.kind == "Service" ? "load balancers" : "ingresses"
            if let name = Self.className(of: object) { who += " of class \(name)" }
            health = Health(
                .healthy,
                summary: "no address: the cluster seems to have no controller for \(who)"
            )
        case ("policy", "PodDisruptionBudget"):
            guard let other = overlaps[object.reference] else { return nil }
            health = Health(
                .degraded,
                "selects pods of PodDisruptionBudget \(other), too",
                summary: health.summary
            )
        default: break
        }
        return nil
    }

    private enum Prospect { case served, unserved, unclear }

    /// Whether the cluster has somebody who will give an object its address.
    private func prospect(of object: KubeObject) -> Prospect {
        let name = Self.className(of: object)
        if object.kind == "Ingress", let classes = ingressClasses, !classes.isEmpty {
            if classes.contains(name ?? "") { return .served }
            // What the spec names has to be there; an annotation, or no class at all, some controllers take all the same.
            if object.at("spec", "ingressClassName")?.string != nil { return .unserved }
        }
        if controllers.contains(object.kind) {
            // Whoever gave others an address need not serve this class.
            return object.kind == "Service" && name != nil ? .unclear : .served
        }
        return withoutController.contains(object.kind) ? .unserved : .unclear
    }

    private static func className(of object: KubeObject) -> String? {
        object.at("spec", object.kind == "Service" ? "loadBalancerClass" : "ingressClassName")?.string
            ?? (object.kind == "Ingress" ? object.annotation("kubernetes.io/ingress.class") : nil)
    }

    /// Finds budgets of one namespace that select the same pods.
    ///
    /// - Parameter labels: The labels of pods that are there, and of those that workloads make, by namespace.
    package static func overlaps(
        of budgets: [KubeObject],
        labels: [(namespace: String, labels: [String: String])]
    ) -> [ObjectReference: String] {
        var found: [ObjectReference: String] = [:]
        // In the old version an empty selector selects nothing; since `policy/v1` it selects everything.
        let budgets = budgets.filter {
            $0.gvk.version != "v1beta1" || $0.at("spec", "selector")?.object?.isEmpty == false
        }
        for (index, first) in budgets.enumerated() {
            for second in budgets[(index + 1)...] where first.namespace == second.namespace {
                let isSame = first.at("spec", "selector") == second.at("spec", "selector")
                let pods =
                    labels.filter { $0.namespace == first.namespace }.map(\.labels)
                    + examples(of: first) + examples(of: second)
                guard isSame || pods.contains(where: { selects(first, $0) && selects(second, $0) }) else {
                    continue
                }
                found[first.reference] = second.name
                found[second.reference] = first.name
            }
        }
        return found
    }

    /// Labels of pods that a budget was made for, whether there are any yet.
    private static func examples(of budget: KubeObject) -> [[String: String]] {
        guard let selector = budget.at("spec", "selector") else { return [] }
        var examples: [[String: String]] = [[:]]
        for (key, value) in selector["matchLabels"]?.object ?? [:] {
            guard let value = value.string else { continue }
            examples = examples.map { $0.merging([key: value]) { _, new in new } }
        }
        for expression in selector["matchExpressions"]?.array ?? [] {
            guard let key = expression["key"]?.string else { continue }
            let values: [String] =
                switch expression["operator"]?.string {
                case "In": (expression["values"]?.array ?? []).compactMap(\.string)
                case "Exists": [""]
                default: []
                }
            guard !values.isEmpty, examples.count * values.count <= 64 else { continue }
            examples = examples.flatMap { example in
                values.map { value in example.merging([key: value]) { old, _ in old } }
            }
        }
        return examples
    }

    private static func selects(_ budget: KubeObject, _ labels: [String: String]) -> Bool {
        guard let selector = LabelSelector(budget.at("spec", "selector")) else { return false }
        return selector.matches(labels)
    }
}
