import KubeModel

/// The status that a kubelet reports.
extension PodSimulation {
    var mains: [ContainerSimulation] { containers.filter { $0.role == .main } }

    /// Whether the pod has come to its end.
    var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Whether all that the pod is for has ended, so that its sidecars may end, too.
    var isDone: Bool {
        let mains = mains
        let hasFailed = containers.contains { $0.role == .initial && ($0.exit?.code ?? 0) != 0 }
        return hasFailed || !mains.isEmpty && mains.allSatisfy { $0.exit != nil }
    }

    var phase: String {
        let mains = mains
        if containers.contains(where: { $0.role == .sidecar && $0.isRunning }), isDone { return "Running" }
        if containers.contains(where: { $0.role == .initial && ($0.exit?.code ?? 0) != 0 }) {
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
        let initial = containers.filter { $0.role == .initial || $0.role == .sidecar }
        let ephemeral = containers.filter { $0.role == .ephemeral }
        if !ephemeral.isEmpty {
            status["ephemeralContainerStatuses"] = .array(ephemeral.map { $0.status(of: pod, at: now) })
        }
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
            $0.role == .initial && $0.exit?.code != 0
                || $0.role == .sidecar && !$0.hasStarted(at: now) && $0.restarts == 0 && $0.exit == nil
        }
        let unready = containers.filter {
            ($0.role == .main || $0.role == .sidecar) && !$0.isReady(at: now)
        }
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
