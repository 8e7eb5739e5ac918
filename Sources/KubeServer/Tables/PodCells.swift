import KubeModel

/// The row of a pod: what it is doing, told by its containers rather than by its phase.
struct PodCells {
    private let cells: Cells
    private var restarts = 0
    private var lastRestart: String?
    private var ready = 0
    private var total: Int
    private var reason: String
    private var restartable: Set<String> = []

    static func cells(_ cells: Cells) -> [JSON] {
        var row = PodCells(cells)
        row.read()
        return row.result
    }

    private init(_ cells: Cells) {
        self.cells = cells
        total = cells.count("spec", "containers")
        let special = cells.text("status", "reason")
        reason = special.isEmpty ? cells.text("status", "phase") : special
    }

    private mutating func read() {
        for condition in cells.list("status", "conditions")
        where condition["type"]?.string == "PodScheduled" && condition["reason"]?.string == "SchedulingGated"
        {
            reason = "SchedulingGated"
        }
        for container in cells.list("spec", "initContainers")
        where container["restartPolicy"]?.string == "Always" {
            restartable.insert(container["name"]?.string ?? "")
            total += 1
        }
        let isInitializing = readInitContainers()
        let isInitialized = cells.object.condition("Initialized")?.isTrue ?? false
        if !isInitializing || isInitialized { readContainers() }
        guard cells.object.isBeingDeleted else { return }
        if cells.text("status", "reason") == "NodeLost" {
            reason = "Unknown"
        } else if !["Succeeded", "Failed"].contains(cells.text("status", "phase")) {
            reason = "Terminating"
        }
    }

    private mutating func readInitContainers() -> Bool {
        for (index, status) in cells.list("status", "initContainerStatuses").enumerated() {
            count(status)
            let isRestartable = restartable.contains(status["name"]?.string ?? "")
            let ended = status.at("state", "terminated")
            if let ended, ended["exitCode"]?.int ?? 0 == 0 { continue }
            if isRestartable, status["started"]?.bool == true {
                if status["ready"]?.bool == true { ready += 1 }
                continue
            }
            let waiting = status.at("state", "waiting", "reason")?.string ?? ""
            if let ended {
                reason = "Init:\(Self.end(ended))"
            } else if !waiting.isEmpty, waiting != "PodInitializing" {
                reason = "Init:\(waiting)"
            } else {
                reason = "Init:\(index)/\(cells.count("spec", "initContainers"))"
            }
            return true
        }
        return false
    }

    private mutating func readContainers() {
        restarts = 0
        lastRestart = nil
        for status in cells.list("status", "initContainerStatuses")
        where restartable.contains(status["name"]?.string ?? "") { count(status) }
        var hasRunning = false
        for status in cells.list("status", "containerStatuses").reversed() {
            count(status)
            let waiting = status.at("state", "waiting", "reason")?.string ?? ""
            if !waiting.isEmpty {
                reason = waiting
            } else if let ended = status.at("state", "terminated") {
                reason = Self.end(ended)
            } else if status["ready"]?.bool == true, status.at("state", "running") != nil {
                hasRunning = true
                ready += 1
            }
        }
        if reason == "Completed", hasRunning {
            reason = cells.object.condition("Ready")?.isTrue == true ? "Running" : "NotReady"
        }
    }

    private mutating func count(_ status: JSON) {
        restarts += status["restartCount"]?.int ?? 0
        if let finished = status.at("lastState", "terminated", "finishedAt")?.string,
            finished > lastRestart ?? ""
        {
            lastRestart = finished
        }
    }

    private static func end(_ state: JSON) -> String {
        if let reason = state["reason"]?.string, !reason.isEmpty { return reason }
        if let signal = state["signal"]?.int, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(state["exitCode"]?.int ?? 0)"
    }

    private var result: [JSON] {
        var restartText = String(restarts)
        if restarts != 0, let lastRestart { restartText += " (\(cells.ago(lastRestart)) ago)" }
        let address = cells.list("status", "podIPs").first?["ip"]?.string ?? cells.text("status", "podIP")
        return [
            cells.name, .string("\(ready)/\(total)"), .string(reason), .string(restartText), cells.age,
            Cells.orNone(address), Cells.orNone(cells.text("spec", "nodeName")),
            Cells.orNone(cells.text("status", "nominatedNodeName")), .string(readinessGates),
        ]
    }

    private var readinessGates: String {
        let gates = cells.list("spec", "readinessGates")
        guard !gates.isEmpty else { return "<none>" }
        let passed = gates.filter {
            cells.object.condition($0["conditionType"]?.string ?? "")?.isTrue ?? false
        }
        return "\(passed.count)/\(gates.count)"
    }
}
