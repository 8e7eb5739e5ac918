import KubeModel

/// The questions that controllers ask about a pod.
extension KubeObject {
    var podPhase: String { at("status", "phase")?.string ?? "Pending" }
    var isPodFinished: Bool { podPhase == "Succeeded" || podPhase == "Failed" }
    /// Counts as a replica: neither finished nor on its way out.
    var isPodActive: Bool { !isPodFinished && !isBeingDeleted }
    var isPodReady: Bool { condition("Ready")?.isTrue ?? false }
    var nodeName: String { at("spec", "nodeName")?.string ?? "" }
    var podReadySince: Timestamp? {
        guard let condition = condition("Ready"), condition.isTrue else { return nil }
        // An unreadable time is as none.
        return condition.lastTransitionTime.flatMap { Timestamp(parsing: $0) }
    }

    /// Whether the pod has been ready for so long.
    func isPodAvailable(minReadySeconds: Int, at now: Timestamp) -> Bool {
        guard isPodReady else { return false }
        if minReadySeconds == 0 { return true }
        guard let since = podReadySince else { return false }
        return since.adding(seconds: minReadySeconds) <= now
    }

    var podRestarts: Int {
        (at("status", "containerStatuses")?.array ?? []).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }
    }

    /// `metadata.creationTimestamp` as a moment; the beginning of time where there is none.
    var createdAt: Timestamp { creationTimestamp.flatMap { Timestamp(parsing: $0) } ?? Timestamp(seconds: 0) }
}

/// An `IntOrString`: an absolute number or a percentage.
enum Share: Sendable, Hashable {
    case count(Int)
    case percent(Int)

    init?(_ json: JSON?) {
        if let count = json?.int {
            self = .count(count)
        } else if let text = json?.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) {
            self = .percent(percent)
        } else {
            return nil
        }
    }

    enum Rounding { case up, down }

    func of(_ total: Int, rounding: Rounding) -> Int {
        switch self {
        case .count(let count): count
        case .percent(let percent):
            rounding == .up ? (percent * total + 99) / 100 : percent * total / 100
        }
    }
}

/// Conditions of a status under construction.
struct ConditionList {
    var conditions: [JSON]

    init(_ status: JSON) { conditions = status["conditions"]?.array ?? [] }

    subscript(type: String) -> Condition? {
        conditions.first { $0["type"]?.string == type }.map(Condition.init)
    }

    func value(_ type: String, _ field: String) -> String? {
        conditions.first { $0["type"]?.string == type }?[field]?.string
    }

    mutating func remove(_ type: String) { conditions.removeAll { $0["type"]?.string == type } }

    /// Sets a condition; `lastTransitionTime` moves only when its status does.
    mutating func set(
        _ type: String,
        _ status: String,
        reason: String?,
        message: String?,
        at now: Timestamp,
        updateTimeField: String? = nil,
        more: JSON? = nil
    ) {
        var condition: JSON = ["type": .string(type), "status": .string(status)]
        if let reason { condition["reason"] = .string(reason) }
        if let message { condition["message"] = .string(message) }
        for (key, value) in more?.object ?? [:] { condition[key] = value }
        let place = conditions.firstIndex { $0["type"]?.string == type }
        let old = place.map { conditions[$0] }
        let isSame = old?["status"]?.string == status
        condition["lastTransitionTime"] =
            isSame ? old?["lastTransitionTime"] ?? .string(now.text) : .string(now.text)
        if let field = updateTimeField { condition[field] = .string(now.text) }
        if let place { conditions[place] = condition } else { conditions.append(condition) }
    }
}
