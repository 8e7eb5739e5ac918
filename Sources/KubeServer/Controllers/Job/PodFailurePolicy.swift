import KubeModel

/// What a Job's `podFailurePolicy` says of a failed pod.
struct PodFailurePolicy: Sendable {
    enum Verdict: Sendable, Hashable {
        case count, ignore
        case failIndex
        /// With the message of the condition.
        case failJob(String)
    }

    private let rules: [JSON]

    init(_ job: KubeObject) { rules = job.at("spec", "podFailurePolicy", "rules")?.array ?? [] }

    /// The first rule that matches decides.
    func verdict(on pod: KubeObject) -> Verdict {
        for (index, rule) in rules.enumerated() {
            guard let match = Self.match(rule, pod) else { continue }
            switch rule["action"]?.string {
            case "Ignore": return .ignore
            case "FailIndex": return .failIndex
            case "FailJob": return .failJob("\(match) matching FailJob rule at index \(index)")
            default: return .count
            }
        }
        return .count
    }

    /// What matched, in words; `nil` if nothing did.
    private static func match(_ rule: JSON, _ pod: KubeObject) -> String? {
        if let codes = rule["onExitCodes"] {
            let statuses =
                (pod.at("status", "initContainerStatuses")?.array ?? [])
                + (pod.at("status", "containerStatuses")?.array ?? [])
            let values = Set((codes["values"]?.array ?? []).compactMap(\.int))
            for status in statuses {
                let name = status["name"]?.string ?? ""
                guard let code = status.at("state", "terminated", "exitCode")?.int, code != 0,
                    codes["containerName"]?.string.map({ $0 == name }) ?? true,
                    values.contains(code) == (codes["operator"]?.string == "In")
                else { continue }
                return "Container \(name) for pod \(pod.namespace)/\(pod.name) failed with exit code \(code)"
            }
        }
        for wanted in rule["onPodConditions"]?.array ?? [] {
            let type = wanted["type"]?.string ?? ""
            if pod.condition(type)?.status == wanted["status"]?.string ?? "True" {
                return "Pod \(pod.namespace)/\(pod.name) has condition \(type)"
            }
        }
        return nil
    }
}
