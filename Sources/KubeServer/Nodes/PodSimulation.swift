import KubeModel

/// One pod on a simulated node: a state machine over time, without I/O.
///
/// All delays follow from the pod's uid and its images, so that the same pod always takes the same time.
struct PodSimulation: Sendable {
    /// An event that a kubelet writes.
    struct Report: Sendable, Hashable {
        var type = EventType.normal
        var reason: String
        var message: String
        var fieldPath: String?
    }

    /// What the pod's surroundings say: images on its node, and what it refers to that is missing.
    struct Surroundings: Sendable {
        var images: Set<String> = []
        /// The reason why volumes cannot be mounted.
        var missingVolume: String?
        /// By container: the message of `CreateContainerConfigError`.
        var missingReferences: [String: String] = [:]
        var podIP = ""
        var hostIP = ""
    }

    private(set) var containers: [ContainerSimulation]
    /// Images that this pod pulled since they were last taken.
    var pulled: Set<String> = []
    private(set) var script: PodScript
    private var pod: KubeObject
    private let startedAt: Timestamp
    private let hash: UInt64
    private var sandboxAt: Timestamp?
    private(set) var stopsAt: Timestamp?
    private var podIP = ""
    private var hostIP = ""
    private var reported: Set<String> = []

    init(_ pod: KubeObject, now: Timestamp) {
        self.pod = pod
        script = PodScript(pod)
        hash = TemplateHash.fnv(pod.uid.utf8)
        startedAt = pod.at("status", "startTime")?.string.flatMap { Timestamp(parsing: $0) } ?? now
        containers = (pod.at("spec", "initContainers")?.array ?? []).map {
            ContainerSimulation($0, role: $0["restartPolicy"]?.string == "Always" ? .sidecar : .initial)
        }
        containers += (pod.at("spec", "containers")?.array ?? []).map { ContainerSimulation($0, role: .main) }
        podIP = pod.at("status", "podIP")?.string ?? ""
        hostIP = pod.at("status", "hostIP")?.string ?? ""
        let known =
            (pod.at("status", "initContainerStatuses")?.array ?? [])
            + (pod.at("status", "containerStatuses")?.array ?? [])
        for status in known {
            guard let place = containers.firstIndex(where: { $0.name == status["name"]?.string }) else {
                continue
            }
            containers[place].resume(from: status, script: script)
        }
        if podIP.isEmpty {
            sandboxAt = now.adding(.milliseconds(160 + Int(hash % 120)))
        }
    }

    /// The same simulation with the pod's newest state; what it is told to do may have changed.
    func with(_ pod: KubeObject) -> PodSimulation {
        var copy = self
        copy.pod = pod
        copy.script = PodScript(pod)
        return copy
    }

    /// Whether a container waits for a ConfigMap or a Secret.
    var isWaitingForReferences: Bool {
        containers.contains {
            if case .waiting(reason: "CreateContainerConfigError", _) = $0.state { true } else { false }
        }
    }

    /// Lets the containers that wait for something start again.
    mutating func tryAgain() {
        for index in containers.indices {
            if case .waiting(reason: "CreateContainerConfigError", _) = containers[index].state {
                containers[index].state = .starting(until: Timestamp(seconds: 0))
            }
        }
    }

    // MARK: Time

    /// When something happens next without anybody's doing.
    func nextMoment(after now: Timestamp) -> Timestamp? {
        if let stopsAt { return stopsAt }
        var moments = containers.compactMap(\.nextMoment)
        if let sandboxAt { moments.append(sandboxAt) }
        for container in containers {
            if case .running(_, _, let readyAt?) = container.state, readyAt > now { moments.append(readyAt) }
        }
        return moments.min()
    }

    /// Everything that happened up to `now`.
    mutating func advance(to now: Timestamp, _ surroundings: Surroundings) -> [Report] {
        var reports: [Report] = []
        if stopsAt != nil || isFinished { return reports }
        if podIP.isEmpty {
            hostIP = surroundings.hostIP
            guard let sandboxAt, sandboxAt <= now else { return reports }
            if let missing = surroundings.missingVolume {
                reports.append(Report(type: .warning, reason: "FailedMount", message: missing))
                self.sandboxAt = now.adding(.seconds(2))
                return reports
            }
            podIP = surroundings.podIP
            self.sandboxAt = nil
        }
        // A few rounds: one transition may make another one due. Bounded, since each costs time.
        for _ in 0..<64 {
            let before = reports.count
            var changed = false
            for index in containers.indices { changed = step(index, now, surroundings, &reports) || changed }
            if !changed, before == reports.count { break }
        }
        return reports
    }

    /// Begins to stop the containers, once; `stopsAt` says when they have stopped.
    mutating func stop(at now: Timestamp, grace: Duration) -> [Report] {
        guard stopsAt == nil else {
            stopsAt = min(stopsAt ?? now, now.adding(grace))
            return []
        }
        let delay = min(grace, .milliseconds(80 + Int(hash % 170)))
        stopsAt = containers.contains(where: \.isRunning) ? now.adding(delay) : now
        return containers.filter(\.isRunning).map {
            Report(reason: "Killing", message: "Stopping container \($0.name)", fieldPath: Self.path($0))
        }
    }

    /// The containers as they are after the stop.
    mutating func finishStop(at now: Timestamp) {
        for index in containers.indices {
            guard case .running(let since, _, _) = containers[index].state else { continue }
            containers[index].state = .terminated(
                .init(
                    code: 0,
                    reason: "Completed",
                    startedAt: since,
                    finishedAt: now,
                    containerID: containers[index].containerID(of: pod)
                )
            )
        }
    }

    // MARK: One container

    private var restartPolicy: String { pod.at("spec", "restartPolicy")?.string ?? "Always" }

    private static func path(_ container: ContainerSimulation) -> String {
        container.role == .main
            ? "spec.containers{\(container.name)}" : "spec.initContainers{\(container.name)}"
    }

    /// Whether all init containers before this one have done their part.
    private func isTurn(of index: Int) -> Bool {
        containers[..<index].allSatisfy { earlier in
            switch earlier.role {
            case .initial: earlier.exit?.code == 0
            case .sidecar: earlier.isRunning
            case .main: true
            }
        }
    }

    private mutating func step(
        _ index: Int,
        _ now: Timestamp,
        _ surroundings: Surroundings,
        _ reports: inout [Report]
    ) -> Bool {
        var container = containers[index]
        defer { containers[index] = container }
        let path = Self.path(container)
        func report(_ reason: String, _ message: String, _ type: EventType = .normal) {
            reports.append(Report(type: type, reason: reason, message: message, fieldPath: path))
        }
        switch container.state {
        case .waiting(reason: "CreateContainerConfigError", _):
            return false  // Tried again by `tryAgain`.
        case .waiting:
            guard isTurn(of: index) else {
                if container.role == .main, containers.contains(where: { $0.role != .main }) {
                    container.state = .waiting(reason: "PodInitializing", message: nil)
                }
                return false
            }
            let isPresent =
                surroundings.images.contains(container.image.fullName)
                || pulled.contains(container.image.fullName)
            let policy =
                container.spec["imagePullPolicy"]?.string
                ?? (container.image.tag == "latest" ? "Always" : "IfNotPresent")
            let cannotPull = pullFailure(of: container) != nil
            if isPresent, policy != "Always", !cannotPull {
                report(
                    "Pulled",
                    "Container image \"\(container.image.text)\" already present on machine and can be accessed by the pod"
                )
                container.state = .starting(until: now.adding(.milliseconds(20 + Int((hash >> 8) % 50))))
            } else {
                report("Pulling", "Pulling image \"\(container.image.text)\"")
                let time = isPresent ? 20 : 40 + Int(container.image.hash % 180)
                container.state = .pulling(since: now, until: now.adding(.milliseconds(time)))
            }
            return true
        case .pulling(let since, let until):
            guard until <= now else { return false }
            if let failure = pullFailure(of: container) {
                container.pullAttempts += 1
                report("Failed", "Failed to pull image \"\(container.image.text)\": \(failure)", .warning)
                report("Failed", "Error: ErrImagePull", .warning)
                container.state = .pullFailed(failure, until: now.adding(.milliseconds(1_500)))
            } else {
                pulled.insert(container.image.fullName)
                let time = since.duration(to: until).goText
                let size = 5_000_000 + Int(container.image.hash % 90_000_000)
                report(
                    "Pulled",
                    "Successfully pulled image \"\(container.image.text)\" in \(time) (\(time) including waiting). "
                        + "Image size: \(size) bytes."
                )
                container.state = .starting(until: now.adding(.milliseconds(20 + Int((hash >> 8) % 50))))
            }
            return true
        case .pullFailed(let failure, let until):
            guard until <= now else { return false }
            report("BackOff", "Back-off pulling image \"\(container.image.text)\"")
            report("Failed", "Error: ImagePullBackOff", .warning)
            let delay = min(Duration.seconds(300), .seconds(10) * (1 << min(container.pullAttempts - 1, 5)))
            container.state = .pullBackOff(failure, until: now.adding(delay))
            return true
        case .pullBackOff(_, let until):
            guard until <= now else { return false }
            report("Pulling", "Pulling image \"\(container.image.text)\"")
            container.state = .pulling(since: now, until: now.adding(.milliseconds(300)))
            return true
        case .starting(let until):
            guard until <= now else { return false }
            if let missing = surroundings.missingReferences[container.name] {
                report("Failed", "Error: \(missing)", .warning)
                container.state = .waiting(reason: "CreateContainerConfigError", message: missing)
                return false  // Looked at again when the pod is woken.
            }
            report("Created", "Container created")
            report("Started", "Container started")
            container.state = .running(
                since: now,
                exitAt: Self.exitTime(script, since: now, role: container.role),
                readyAt: Self.readyTime(container, script, since: now)
            )
            return true
        case .running(let since, let exitAt, let readyAt):
            if script.failure == .notReady, container.role == .main, readyAt == nil,
                reported.insert("unhealthy/\(container.name)/\(container.restarts)").inserted
            {
                report(
                    "Unhealthy",
                    "Readiness probe failed: HTTP probe failed with statuscode: 503",
                    .warning
                )
            }
            guard let exitAt, exitAt <= now else { return false }
            exited(&container, since: since, at: exitAt, now: now, report)
            return true
        case .crashBackOff(_, _, let until):
            guard until <= now else { return false }
            container.restarts += 1
            report(
                "Pulled",
                "Container image \"\(container.image.text)\" already present on machine and can be accessed by the pod"
            )
            container.state = .starting(until: now.adding(.milliseconds(30)))
            return true
        case .terminated:
            return false
        }
    }

    private func pullFailure(of container: ContainerSimulation) -> String? {
        if script.failure == .imagePull, container.role == .main { return container.image.notFound }
        return container.image.pullFailure
    }

    private func exited(
        _ container: inout ContainerSimulation,
        since: Timestamp,
        at exitAt: Timestamp,
        now: Timestamp,
        _ report: (String, String, EventType) -> Void
    ) {
        let isMain = container.role == .main
        let (code, reason): (Int, String) =
            switch script.failure {
            case .oom where isMain: (137, "OOMKilled")
            case .crashLoop where isMain: (script.exitCode == 0 ? 1 : script.exitCode, "Error")
            default: isMain && script.exitCode != 0 ? (script.exitCode, "Error") : (0, "Completed")
            }
        let exit = ContainerSimulation.Exit(
            code: code,
            reason: reason,
            startedAt: since,
            finishedAt: exitAt,
            containerID: container.containerID(of: pod)
        )
        let restarts =
            isMain ? restartPolicy == "Always" || restartPolicy == "OnFailure" && code != 0 : code != 0
        guard restarts else {
            container.state = .terminated(exit)
            return
        }
        container.lastExit = exit
        if container.restarts == 0 {
            container.restarts = 1
            container.state = .starting(until: now.adding(.milliseconds(200)))
            return
        }
        let delay = min(Duration.seconds(300), .seconds(10) * (1 << min(container.restarts - 1, 5)))
        let message =
            "Back-off restarting failed container \(container.name) in pod \(pod.name)_\(pod.namespace)(\(pod.uid))"
        report("BackOff", message, .warning)
        container.state = .crashBackOff(exit, delay: delay, until: now.adding(delay))
    }

    static func exitTime(_ script: PodScript, since: Timestamp, role: ContainerSimulation.Role) -> Timestamp?
    {
        switch role {
        case .initial: return since.adding(.milliseconds(120))
        case .sidecar: return nil
        case .main:
            switch script.failure {
            case .crashLoop: return since.adding(script.runFor ?? .milliseconds(900))
            case .oom: return since.adding(script.runFor ?? .milliseconds(1_600))
            default: return script.runFor.map(since.adding(_:))
            }
        }
    }

    static func readyTime(
        _ container: ContainerSimulation,
        _ script: PodScript,
        since: Timestamp
    ) -> Timestamp? {
        guard container.role == .main else { return since }
        switch script.failure {
        case .notReady, .crashLoop, .oom, .imagePull: return nil
        case nil: break
        }
        var delay = script.startAfter
        if let probe = container.spec["readinessProbe"] {
            delay += .seconds(min(probe["initialDelaySeconds"]?.int ?? 0, 60)) + .milliseconds(100)
        }
        if container.spec["startupProbe"] != nil { delay += .milliseconds(200) }
        return since.adding(delay)
    }

    // MARK: Status

    private var mains: [ContainerSimulation] { containers.filter { $0.role == .main } }

    /// Whether the pod has come to its end.
    var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    private var phase: String {
        let mains = mains
        if let failed = containers.first(where: { $0.role == .initial && ($0.exit?.code ?? 0) != 0 }),
            failed.exit != nil
        {
            return "Failed"
        }
        if !mains.isEmpty, mains.allSatisfy({ $0.exit != nil }) {
            return mains.contains { $0.exit?.code != 0 } ? "Failed" : "Succeeded"
        }
        let hasBegun = mains.contains { $0.isRunning || $0.restarts > 0 || $0.exit != nil }
        return hasBegun ? "Running" : "Pending"
    }

    func status(at now: Timestamp) -> JSON {
        var status = pod.status
        let phase = phase
        status["phase"] = .string(phase)
        status["startTime"] = .string(startedAt.text)
        status["qosClass"] = status["qosClass"] ?? .string(Self.qualityOfService(of: pod))
        status["observedGeneration"] = .integer(Int64(max(1, pod.generation)))
        if !hostIP.isEmpty {
            status["hostIP"] = .string(hostIP)
            status["hostIPs"] = [["ip": .string(hostIP)]]
        }
        if !podIP.isEmpty {
            status["podIP"] = .string(podIP)
            status["podIPs"] = [["ip": .string(podIP)]]
        }
        let initial = containers.filter { $0.role != .main }
        if !initial.isEmpty {
            status["initContainerStatuses"] = .array(initial.map { $0.status(of: pod, at: now) })
        }
        status["containerStatuses"] = .array(mains.map { $0.status(of: pod, at: now) })
        if case .array(var statuses)? = status["containerStatuses"] {
            // The kubelet names the pod in this message.
            for index in statuses.indices
            where statuses[index].at("state", "waiting", "reason")?.string == "CrashLoopBackOff" {
                let message = statuses[index].at("state", "waiting", "message")?.string ?? ""
                statuses[index].set(
                    .string("\(message) pod=\(pod.name)_\(pod.namespace)(\(pod.uid))"),
                    at: ["state", "waiting", "message"]
                )
            }
            status["containerStatuses"] = .array(statuses)
        }
        status["conditions"] = .array(conditions(phase: phase, at: now))
        return status
    }

    private func conditions(phase: String, at now: Timestamp) -> [JSON] {
        var list = ConditionList(pod.status)
        let generation: JSON = ["observedGeneration": .integer(Int64(max(1, pod.generation)))]
        func set(_ type: String, _ isTrue: Bool, _ reason: String? = nil, _ message: String? = nil) {
            list.set(
                type,
                isTrue ? "True" : "False",
                reason: reason,
                message: message,
                at: now,
                more: generation
            )
        }
        let uninitialized = containers.filter {
            $0.role == .initial && $0.exit?.code != 0 || $0.role == .sidecar && !$0.isRunning
        }
        let unready = mains.filter { !$0.isReady(at: now) }
        let isOver = phase == "Succeeded" || phase == "Failed"
        set("PodReadyToStartContainers", !podIP.isEmpty && !isOver)
        if uninitialized.isEmpty {
            set("Initialized", true, phase == "Succeeded" ? "PodCompleted" : nil)
        } else {
            let names = uninitialized.map(\.name).joined(separator: " ")
            set(
                "Initialized",
                false,
                "ContainersNotInitialized",
                "containers with incomplete status: [\(names)]"
            )
        }
        for type in ["Ready", "ContainersReady"] {
            if isOver {
                set(type, false, phase == "Succeeded" ? "PodCompleted" : "PodFailed")
            } else if unready.isEmpty, uninitialized.isEmpty {
                set(type, true)
            } else {
                let names = unready.map(\.name).joined(separator: " ")
                set(type, false, "ContainersNotReady", "containers with unready status: [\(names)]")
            }
        }
        set("PodScheduled", true)
        let order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        return order.compactMap { type in list.conditions.first { $0["type"]?.string == type } }
            + list.conditions.filter { !order.contains($0["type"]?.string ?? "") }
    }

    static func qualityOfService(of pod: KubeObject) -> String {
        var hasAny = false
        var isGuaranteed = true
        for container in pod.at("spec", "containers")?.array ?? [] {
            let requests = container.at("resources", "requests")?.object ?? [:]
            let limits = container.at("resources", "limits")?.object ?? [:]
            if !requests.isEmpty || !limits.isEmpty { hasAny = true }
            for name in ["cpu", "memory"]
            where limits[name] == nil || requests[name].map({ $0 != limits[name] }) ?? false {
                isGuaranteed = false
            }
        }
        return hasAny ? (isGuaranteed ? "Guaranteed" : "Burstable") : "BestEffort"
    }
}
