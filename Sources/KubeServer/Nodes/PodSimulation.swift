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

    var containers: [ContainerSimulation]
    /// Images that this pod pulled since they were last taken.
    var pulled: Set<String> = []
    var script: PodScript
    var pod: KubeObject
    let startedAt: Timestamp
    let hash: UInt64
    private var sandboxAt: Timestamp?
    private(set) var stopsAt: Timestamp?
    /// Whether the containers did not end in time.
    private var wasKilled = false
    var podIP = ""
    var hostIP = ""
    var reported: Set<String> = []
    private var seenGeneration = 0

    init(_ pod: KubeObject, now: Timestamp) {
        self.pod = pod
        script = PodScript(pod)
        hash = TemplateHash.fnv(pod.uid.utf8)
        startedAt = pod.at("status", "startTime")?.string.flatMap { Timestamp(parsing: $0) } ?? now
        containers = (pod.at("spec", "initContainers")?.array ?? []).map {
            ContainerSimulation($0, role: $0["restartPolicy"]?.string == "Always" ? .sidecar : .initial)
        }
        containers += (pod.at("spec", "containers")?.array ?? []).map { ContainerSimulation($0, role: .main) }
        containers += (pod.at("spec", "ephemeralContainers")?.array ?? []).map {
            ContainerSimulation($0, role: .ephemeral)
        }
        seenGeneration = pod.generation
        podIP = pod.at("status", "podIP")?.string ?? ""
        hostIP = pod.at("status", "hostIP")?.string ?? ""
        let known =
            (pod.at("status", "initContainerStatuses")?.array ?? [])
            + (pod.at("status", "containerStatuses")?.array ?? [])
            + (pod.at("status", "ephemeralContainerStatuses")?.array ?? [])
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
        copy.takeSpecs()
        return copy
    }

    /// Takes in what may change about the containers of a pod: ephemeral ones are added, and resources are resized.
    private mutating func takeSpecs() {
        guard pod.generation > seenGeneration else { return }
        seenGeneration = pod.generation
        for spec in pod.at("spec", "ephemeralContainers")?.array ?? []
        where !containers.contains(where: { $0.name == spec["name"]?.string }) {
            containers.append(ContainerSimulation(spec, role: .ephemeral))
        }
        for spec in (pod.at("spec", "containers")?.array ?? [])
            + (pod.at("spec", "initContainers")?.array ?? [])
        {
            guard let place = containers.firstIndex(where: { $0.name == spec["name"]?.string }) else {
                continue
            }
            containers[place].spec = spec
        }
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
            guard case .running(let since, _, let readyAt) = container.state else { continue }
            if let readyAt, readyAt > now { moments.append(readyAt) }
            let started = since.adding(Probe.startup.delay(in: container.spec))
            if started > now { moments.append(started) }
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
        if isDone { stopSidecars(at: now, &reports) }
        return reports
    }

    private mutating func stopSidecars(at now: Timestamp, _ reports: inout [Report]) {
        for container in containers where container.role == .sidecar && container.isRunning {
            let message = "Stopping container \(container.name)"
            reports.append(Report(reason: "Killing", message: message, fieldPath: Self.path(container)))
        }
        end(\.isSidecar, at: now)
    }

    /// Begins to stop the containers, once; `stopsAt` says when they have stopped.
    mutating func stop(at now: Timestamp, grace: Duration) -> [Report] {
        guard stopsAt == nil else {
            stopsAt = min(stopsAt ?? now, now.adding(grace))
            return []
        }
        let hook = containers.filter(\.isRunning).map { PodScript.preStopTime(of: $0.spec) }.max() ?? .zero
        let wanted = hook + (script.stopAfter ?? .milliseconds(80 + Int(hash % 170)))
        let delay = min(grace, wanted)
        wasKilled = wanted > grace
        stopsAt = containers.contains(where: \.isRunning) ? now.adding(delay) : now
        return containers.filter(\.isRunning).map {
            Report(reason: "Killing", message: "Stopping container \($0.name)", fieldPath: Self.path($0))
        }
    }

    /// The containers as they are after the stop.
    mutating func finishStop(at now: Timestamp) { end({ _ in true }, at: now) }

    private mutating func end(_ isMeant: (ContainerSimulation) -> Bool, at now: Timestamp) {
        // Servers end in good order when they are told to; what works towards an end is cut off.
        let isServer = pod.at("spec", "restartPolicy")?.string ?? "Always" == "Always"
        for index in containers.indices where isMeant(containers[index]) {
            guard case .running(let since, _, _) = containers[index].state else { continue }
            let endsWell = isServer || containers[index].role == .sidecar
            let code = wasKilled ? 137 : (endsWell ? 0 : 143)
            containers[index].state = .terminated(
                .init(
                    code: code,
                    reason: code == 0 ? "Completed" : "Error",
                    startedAt: since,
                    finishedAt: now,
                    containerID: containers[index].containerID(of: pod)
                )
            )
        }
    }
}
