import KubeModel

/// What happens to one container.
extension PodSimulation {
    private var restartPolicy: String { pod.at("spec", "restartPolicy")?.string ?? "Always" }

    static func path(_ container: ContainerSimulation) -> String {
        switch container.role {
        case .main: "spec.containers{\(container.name)}"
        case .ephemeral: "spec.ephemeralContainers{\(container.name)}"
        case .initial, .sidecar: "spec.initContainers{\(container.name)}"
        }
    }

    /// Whether all init containers before this one have done their part.
    private func isTurn(of index: Int, at now: Timestamp) -> Bool {
        containers[..<index].allSatisfy { earlier in
            switch earlier.role {
            case .initial: earlier.exit?.code == 0
            // Once it was up the others go on without it.
            case .sidecar: earlier.hasStarted(at: now) || earlier.restarts > 0 || earlier.exit != nil
            case .main, .ephemeral: true
            }
        }
    }

    mutating func step(
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
            guard isTurn(of: index, at: now) else {
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
                report(
                    "Pulled",
                    "Successfully pulled image \"\(container.image.text)\" in \(time) (\(time) including waiting). "
                        + "Image size: \(container.image.size) bytes."
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
                exitAt: Self.exitTime(container, script, since: now),
                readyAt: Self.readyTime(container, script, since: now)
            )
            return true
        case .running(let since, let exitAt, let readyAt):
            let probe: Probe? =
                switch script.failure(of: container) {
                case .notReady where readyAt == nil: .readiness
                case .liveness: .liveness
                case .startup: .startup
                default: nil
                }
            if let probe, reported.insert("unhealthy/\(container.name)/\(container.restarts)").inserted {
                report("Unhealthy", probe.failure(in: container.spec, podIP: podIP), .warning)
            }
            guard let exitAt, exitAt <= now else { return false }
            if let probe, probe != .readiness {
                let words = "failed \(probe.rawValue.lowercased()) probe, will be restarted"
                report("Killing", "Container \(container.name) \(words)")
            }
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
        if script.failure(of: container) == .imagePull { return container.image.notFound }
        return container.image.pullFailure
    }

    private func exited(
        _ container: inout ContainerSimulation,
        since: Timestamp,
        at exitAt: Timestamp,
        now: Timestamp,
        _ report: (String, String, EventType) -> Void
    ) {
        let isMeant = script.applies(to: container.name, container.role)
        let (code, reason): (Int, String) =
            switch script.failure(of: container) {
            case .oom: (137, "OOMKilled")
            case .crashLoop: (script.exitCode == 0 ? 1 : script.exitCode, "Error")
            case .liveness, .startup: (137, "Error")
            default: isMeant && script.exitCode != 0 ? (script.exitCode, "Error") : (0, "Completed")
            }
        let exit = ContainerSimulation.Exit(
            code: code,
            reason: reason,
            startedAt: since,
            finishedAt: exitAt,
            containerID: container.containerID(of: pod)
        )
        let restarts =
            switch container.role {
            case .main: restartPolicy == "Always" || restartPolicy == "OnFailure" && code != 0
            case .initial: code != 0 && restartPolicy != "Never"
            case .sidecar: true
            case .ephemeral: false
            }
        guard restarts else {
            container.state = .terminated(exit)
            return
        }
        container.lastExit = exit
        if container.restarts == 0 {
            container.restarts = 1
            report(
                "Pulled",
                "Container image \"\(container.image.text)\" already present on machine and can be accessed by the pod",
                .normal
            )
            container.state = .starting(until: now.adding(.milliseconds(200)))
            return
        }
        let delay = min(Duration.seconds(300), .seconds(10) * (1 << min(container.restarts - 1, 5)))
        let message =
            "Back-off restarting failed container \(container.name) in pod \(pod.name)_\(pod.namespace)(\(pod.uid))"
        report("BackOff", message, .warning)
        container.state = .crashBackOff(exit, delay: delay, until: now.adding(delay))
    }

    static func exitTime(
        _ container: ContainerSimulation,
        _ script: PodScript,
        since: Timestamp
    ) -> Timestamp? {
        switch script.failure(of: container) {
        case .crashLoop: return since.adding(script.runFor ?? .milliseconds(900))
        case .oom: return since.adding(script.runFor ?? .milliseconds(1_600))
        case .liveness: return since.adding(Probe.liveness.patience(in: container.spec))
        case .startup: return since.adding(Probe.startup.patience(in: container.spec))
        default: break
        }
        switch container.role {
        case .initial: return since.adding(.milliseconds(120))
        case .sidecar, .ephemeral: return nil
        case .main:
            // A pod of which one container is told to end has others that go on.
            return script.applies(to: container.name, .main) || script.exitCode == 0
                ? script.runFor.map(since.adding(_:)) : nil
        }
    }

    static func readyTime(
        _ container: ContainerSimulation,
        _ script: PodScript,
        since: Timestamp
    ) -> Timestamp? {
        switch script.failure(of: container) {
        case .notReady, .crashLoop, .oom, .imagePull, .startup: return nil
        case .liveness, nil: break
        }
        let delay = Probe.startup.delay(in: container.spec) + Probe.readiness.delay(in: container.spec)
        return since.adding(delay + (container.role == .main ? script.startAfter : .zero))
    }
}
