import KubeModel

/// Holds pods to what their namespace's labels ask for: refuses what `enforce` forbids, warns of the rest, of templates in
/// workloads, too.
struct PodSecurity: Sendable {
    let store: ClusterStore

    private func policy(_ namespace: String) -> PodSecurityPolicy? {
        let key = ClusterStore.Key(resource: "namespaces", name: ObjectName(name: namespace))
        guard let labels = store.get(key)?.labels, labels.keys.contains(where: Self.isRelevant) else {
            return nil
        }
        return PodSecurityPolicy(labels: labels)
    }

    private static func isRelevant(_ label: String) -> Bool {
        label.hasPrefix("pod-security.kubernetes.io/")
    }

    /// - Throws: 403 for a pod that the enforced level forbids.
    func admit(_ pod: KubeObject, _ request: AdmissionRequest) throws {
        guard isSignificant(pod, request.old), let policy = policy(pod.namespace) else { return }
        let violations = policy.enforce.violations(spec: pod["spec"] ?? [:], annotations: pod.annotations)
        guard !violations.isEmpty else { return }
        throw request.forbidden(
            "violates PodSecurity \"\(policy.enforce.text)\": \(Self.text(violations))"
        )
    }

    /// - Throws: 422 for labels of a namespace that say nothing known; those that were there may stay.
    func admit(namespace: KubeObject, _ request: AdmissionRequest) throws {
        guard namespace.labels.keys.contains(where: Self.isRelevant) else { return }
        let errors = PodSecurityPolicy(labels: namespace.labels).errors
        guard !errors.isEmpty else { return }
        if let old = request.old, PodSecurityPolicy(labels: old.labels).errors == errors { return }
        throw request.resource.invalid(namespace.name, errors)
    }

    /// What the server warns of when it takes an object.
    func warnings(_ object: KubeObject, storageKey: String, old: KubeObject?) -> [String] {
        if storageKey == "namespaces" { return old.map { warnings(namespace: object, $0) } ?? [] }
        guard let template = Self.template(of: object, storageKey), let policy = policy(object.namespace)
        else { return [] }
        if storageKey == "pods", !isSignificant(object, old) { return [] }
        let annotations = (template.at("metadata", "annotations")?.object ?? [:]).compactMap { key, value in
            value.string.map { (key, $0) }
        }
        let violations = policy.warn.violations(
            spec: template["spec"] ?? [:],
            annotations: Dictionary(annotations, uniquingKeysWith: { _, last in last })
        )
        guard !violations.isEmpty else { return [] }
        return ["would violate PodSecurity \"\(policy.warn.text)\": \(Self.text(violations))"]
    }

    /// Of the pods that are there, when a namespace begins to ask for more.
    private func warnings(namespace: KubeObject, _ old: KubeObject) -> [String] {
        let new = PodSecurityPolicy(labels: namespace.labels).enforce
        let before = PodSecurityPolicy(labels: old.labels).enforce
        guard new != before, new.level != .privileged,
            new.version != before.version || new.level > before.level
        else { return [] }
        var pods: [String: [String]] = [:]
        for pod in store.list("pods", namespace: namespace.name).items.prefix(3_000) {
            let violations = new.violations(spec: pod["spec"] ?? [:], annotations: pod.annotations)
            guard !violations.isEmpty else { continue }
            pods[violations.map(\.reason).joined(separator: ", "), default: []].append(pod.name)
        }
        guard !pods.isEmpty else { return [] }
        let list = pods.map { reason, names in
            let others =
                switch names.count {
                case 1: ""
                case 2: " (and 1 other pod)"
                default: " (and \(names.count - 1) other pods)"
                }
            return "\(names.min() ?? "")\(others): \(reason)"
        }
        return [
            "existing pods in namespace \"\(namespace.name)\" violate the new PodSecurity enforce level "
                + "\"\(new.text)\""
        ] + list.sorted()
    }

    private static func text(_ violations: [PodSecurityChecks.Violation]) -> String {
        violations.map(\.text).joined(separator: ", ")
    }

    /// Whether a change is of what the checks look at: images, and containers that were added.
    private func isSignificant(_ pod: KubeObject, _ old: KubeObject?) -> Bool {
        guard let old else { return true }
        return ["containers", "initContainers", "ephemeralContainers"].contains { list in
            func images(_ pod: KubeObject) -> [JSON] {
                (pod.at("spec", list)?.array ?? []).map { $0["image"] ?? "" }
            }
            return images(pod) != images(old)
        }
    }

    private static func template(of object: KubeObject, _ storageKey: String) -> JSON? {
        switch storageKey {
        case "pods": object.json
        case "podtemplates": object["template"]
        case "cronjobs.batch": object.at("spec", "jobTemplate", "spec", "template")
        case "replicationcontrollers", "deployments.apps", "replicasets.apps", "statefulsets.apps",
            "daemonsets.apps", "jobs.batch":
            object.at("spec", "template")
        default: nil
        }
    }
}
