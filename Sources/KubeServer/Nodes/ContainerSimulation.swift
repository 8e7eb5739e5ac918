import KubeModel

/// One container of a simulated pod: a state machine over time, without I/O.
struct ContainerSimulation: Sendable {
    struct Exit: Sendable, Hashable {
        var code: Int
        var reason: String
        var startedAt: Timestamp
        var finishedAt: Timestamp
        var containerID: String
    }

    enum State: Sendable {
        /// Its turn has not come, or something it needs is missing.
        case waiting(reason: String, message: String?)
        case pulling(since: Timestamp, until: Timestamp)
        case pullFailed(String, until: Timestamp)
        case pullBackOff(String, until: Timestamp)
        case starting(until: Timestamp)
        case running(since: Timestamp, exitAt: Timestamp?, readyAt: Timestamp?)
        case terminated(Exit)
        case crashBackOff(Exit, delay: Duration, until: Timestamp)
    }

    enum Role: Sendable, Hashable { case initial, sidecar, main, ephemeral }

    let name: String
    let image: ImageReference
    let role: Role
    var spec: JSON
    var state: State
    var restarts = 0
    var lastExit: Exit?
    /// Failures to pull, for the backoff.
    var pullAttempts = 0

    init(_ spec: JSON, role: Role) {
        self.spec = spec
        self.role = role
        name = spec["name"]?.string ?? ""
        image = ImageReference(spec["image"]?.string ?? "")
        state = .waiting(reason: role == .initial ? "PodInitializing" : "ContainerCreating", message: nil)
    }

    /// When the state changes by itself.
    var nextMoment: Timestamp? {
        switch state {
        case .waiting, .terminated: nil
        case .pulling(_, let until), .pullFailed(_, let until), .pullBackOff(_, let until),
            .starting(let until):
            until
        case .running(_, let exitAt, _): exitAt
        case .crashBackOff(_, _, let until): until
        }
    }

    var isSidecar: Bool { role == .sidecar }
    var isRunning: Bool { if case .running = state { true } else { false } }
    var exit: Exit? { if case .terminated(let exit) = state { exit } else { nil } }

    /// Whether it runs and has passed its startup probe.
    func hasStarted(at now: Timestamp) -> Bool {
        guard case .running(let since, _, _) = state else { return false }
        return spec["startupProbe"] == nil || since.adding(Probe.startup.delay(in: spec)) <= now
    }

    func isReady(at now: Timestamp) -> Bool {
        guard case .running(_, _, let readyAt?) = state else { return false }
        return readyAt <= now
    }

    // MARK: Status

    func status(of pod: KubeObject, at now: Timestamp) -> JSON {
        let runs = isRunning
        var status: JSON = [
            "name": .string(name), "image": .string(image.text), "imageID": "",
            "ready": .bool(role == .initial ? exit?.code == 0 : isReady(at: now)),
            "restartCount": .integer(Int64(restarts)),
            "started": .bool(self.hasStarted(at: now) && role != .initial),
            "lastState": lastExit.map { ["terminated": Self.terminated($0)] } ?? [:],
            "state": stateJSON,
        ]
        if runs || exit != nil || restarts > 0 {
            let id = exit?.containerID ?? (runs ? containerID(of: pod) : lastExit?.containerID ?? "")
            status["containerID"] = .string(id)
            status["image"] = .string(image.fullName)
            status["imageID"] = .string(image.digestName)
        }
        if let resources = spec["resources"], resources.object?.isEmpty == false {
            status["resources"] = resources
            status["allocatedResources"] = resources["requests"]
        }
        return status
    }

    private var stateJSON: JSON {
        func waiting(_ reason: String, _ message: String?) -> JSON {
            var json: JSON = ["reason": .string(reason)]
            if let message { json["message"] = .string(message) }
            return ["waiting": json]
        }
        switch state {
        case .waiting(let reason, let message): return waiting(reason, message)
        case .pulling, .starting:
            return waiting(role == .initial ? "PodInitializing" : "ContainerCreating", nil)
        case .pullFailed(let message, _): return waiting("ErrImagePull", message)
        case .pullBackOff(let message, _):
            return waiting(
                "ImagePullBackOff",
                "Back-off pulling image \"\(image.text)\": ErrImagePull: \(message)"
            )
        case .running(let since, _, _): return ["running": ["startedAt": .string(since.text)]]
        case .terminated(let exit): return ["terminated": Self.terminated(exit)]
        case .crashBackOff(_, let delay, _):
            return waiting("CrashLoopBackOff", "back-off \(delay.goText) restarting failed container=\(name)")
        }
    }

    private static func terminated(_ exit: Exit) -> JSON {
        [
            "exitCode": .integer(Int64(exit.code)), "reason": .string(exit.reason),
            "startedAt": .string(exit.startedAt.text), "finishedAt": .string(exit.finishedAt.text),
            "containerID": .string(exit.containerID),
        ]
    }

    func containerID(of pod: KubeObject) -> String {
        "simulated://" + Self.digest("\(pod.uid)/\(name)/\(restarts)")
    }

    /// 64 hexadecimal digits that depend on a text.
    static func digest(_ text: String) -> String {
        (UInt8(0)..<4).map { part in
            let hex = String(TemplateHash.fnv(Array(text.utf8) + [part]), radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }.joined()
    }

    // MARK: Taking up what is known

    /// Goes on from a status that an earlier process wrote.
    mutating func resume(from status: JSON, script: PodScript) {
        restarts = status["restartCount"]?.int ?? 0
        lastExit = status.at("lastState", "terminated").map(Self.exit)
        if let running = status.at("state", "running"),
            let since = running["startedAt"]?.string.flatMap({ Timestamp(parsing: $0) })
        {
            let isReady = status["ready"]?.bool ?? false
            state = .running(
                since: since,
                exitAt: PodSimulation.exitTime(self, script, since: since),
                readyAt: isReady ? since : PodSimulation.readyTime(self, script, since: since)
            )
        } else if let terminated = status.at("state", "terminated") {
            state = .terminated(Self.exit(terminated))
        }
    }

    private static func exit(_ json: JSON) -> Exit {
        func time(_ key: String) -> Timestamp {
            json[key]?.string.flatMap { Timestamp(parsing: $0) } ?? Timestamp(seconds: 0)
        }
        return Exit(
            code: json["exitCode"]?.int ?? 0,
            reason: json["reason"]?.string ?? "",
            startedAt: time("startedAt"),
            finishedAt: time("finishedAt"),
            containerID: json["containerID"]?.string ?? ""
        )
    }
}
