import KubeModel

/// What a pod asks for and a node has, in thousandths, so that `100m` is a whole number.
struct ResourceAmount: Sendable, Hashable {
    var cpu = 0
    var memory = 0
    var others: [String: Int] = [:]

    init() {}

    /// From `requests` or `capacity`; pods and what is not understood are left out.
    init(_ json: JSON?) {
        for (key, value) in json?.object ?? [:] {
            guard let amount = Self.thousandths(value) else { continue }
            switch key {
            case "cpu": cpu = amount
            case "memory": memory = amount
            case "pods": break
            default: others[key] = amount
            }
        }
    }

    /// The requests of a whole pod: the sum of its containers, or its largest init container if that is more.
    init(ofPod pod: KubeObject) {
        for container in pod.at("spec", "containers")?.array ?? [] { self += Self.requests(of: container) }
        for container in pod.at("spec", "initContainers")?.array ?? [] {
            let amount = Self.requests(of: container)
            if container["restartPolicy"]?.string == "Always" {
                self += amount
            } else {
                self = maximum(self, amount)
            }
        }
        self += ResourceAmount(pod.at("spec", "overhead"))
    }

    private static func requests(of container: JSON) -> ResourceAmount {
        ResourceAmount(container.at("resources", "requests") ?? container.at("resources", "limits"))
    }

    static func += (left: inout Self, right: Self) {
        left.cpu += right.cpu
        left.memory += right.memory
        for (key, value) in right.others { left.others[key, default: 0] += value }
    }

    static func -= (left: inout Self, right: Self) {
        left.cpu -= right.cpu
        left.memory -= right.memory
        for (key, value) in right.others { left.others[key, default: 0] -= value }
    }

    private func maximum(_ left: Self, _ right: Self) -> Self {
        var result = left
        result.cpu = max(left.cpu, right.cpu)
        result.memory = max(left.memory, right.memory)
        result.others.merge(right.others) { max($0, $1) }
        return result
    }

    /// A quantity in thousandths of its unit, rounded up; `nil` for what is none.
    static func thousandths(_ json: JSON) -> Int? {
        if let number = json.number { return Int(number * 1_000) }
        guard let text = json.string else { return nil }
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
        guard let value = Double(digits) else { return nil }
        let suffix = text.dropFirst(digits.count)
        let scales: [Substring: Double] = [
            "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
            "E": 1e18,
            "Ki": 1_024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
            "Pi": 1_125_899_906_842_624,
        ]
        if let scale = scales[suffix] { return Int((value * scale * 1_000).rounded(.up)) }
        return Double(text).map { Int(($0 * 1_000).rounded(.up)) }
    }
}
