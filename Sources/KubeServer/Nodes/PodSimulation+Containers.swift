import KubeModel

/// What happens to one container.
extension PodSimulation {
    private var restartPolicy: String { pod.at("spec", "restartPolicy")?.string ?? "Always" }

    static func path(_ container: ContainerSimulation) -> String {
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
}
