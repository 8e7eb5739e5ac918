import KubeModel

extension Health {
    static func pod(_ object: KubeObject) -> Health {
        let containers = object.at("spec", "containers")?.array?.count ?? 0
        let statuses = object.at("status", "containerStatuses")?.array ?? []
        let initial = object.at("status", "initContainerStatuses")?.array ?? []
        let ready = statuses.count { $0["ready"]?.bool == true }
        let phase = object.at("status", "phase")?.string ?? "Pending"
        let count = "\(ready)/\(containers) ready"

        if object.at("spec", "restartPolicy")?.string ?? "Always" == "Always" {
            for status in initial + statuses {
                guard let trouble = Self.trouble(of: status) else { continue }
                return Health(.degraded, trouble.message, summary: trouble.reason)
            }
        }
        switch phase {
        case "Succeeded": return Health(.healthy, summary: "Succeeded")
        case "Failed": return Health(.degraded, failure(of: object, statuses: statuses), summary: "Failed")
        case "Running": return running(object, statuses: statuses, count: count)
        case "Pending":
            return Health(.progressing, pending(object, statuses: initial + statuses), summary: "Pending")
        default: return Health(.unknown, "phase \(phase)", summary: phase)
        }
    }

    private static func running(_ pod: KubeObject, statuses: [JSON], count: String) -> Health {
        if pod.condition("Ready")?.isTrue == true { return Health(.healthy, summary: "Running") }
        if statuses.contains(where: {
            $0.at("lastState", "terminated") != nil || $0.at("state", "terminated") != nil
        }),
            pod.at("spec", "restartPolicy")?.string ?? "Always" == "Always"
        {
            let last = statuses.lazy.compactMap { status in
                (status.at("lastState", "terminated") ?? status.at("state", "terminated")).map {
                    (status, $0)
                }
            }.first
            let name = last?.0["name"]?.string ?? "a container"
            let reason = last?.1["reason"]?.string ?? "terminated"
            return Health(
                .degraded,
                "container \(name) is not ready after a restart (\(reason))",
                summary: count
            )
        }
        let waiting = statuses.first { $0["ready"]?.bool != true }?["name"]?.string
        return Health(
            .progressing,
            waiting.map { "container \($0) is not ready yet" } ?? "is not ready yet",
            summary: count
        )
    }

    /// A container that waits with a reason that names an error.
    private static func trouble(of status: JSON) -> (reason: String, message: String)? {
        guard let waiting = status.at("state", "waiting"), let reason = waiting["reason"]?.string,
            reason.hasPrefix("Err") || reason.hasSuffix("Error") || reason.hasSuffix("BackOff")
        else { return nil }
        let name = status["name"]?.string ?? ""
        let text = gist(of: waiting["message"]?.string ?? "", image: status["image"]?.string)
        return (reason, "container \(name): \(reason)" + (text.isEmpty ? "" : ": \(text)"))
    }

    /// A runtime's message says the same at every level it passed; people need the image and the last word.
    private static func gist(of message: String, image: String?) -> String {
        guard message.count > 120, let image, message.contains(image) else { return message }
        let last = message.split(separator: ": ").last ?? ""
        return "image \"\(image)\": \(last)"
    }

    private static func failure(of pod: KubeObject, statuses: [JSON]) -> String {
        if let message = pod.at("status", "message")?.string, !message.isEmpty { return message }
        for status in statuses {
            guard let end = status.at("state", "terminated"), end["exitCode"]?.int ?? 0 != 0 else { continue }
            let reason = end["reason"]?.string ?? "Error"
            let code = end["exitCode"]?.int ?? 0
            return "container \(status["name"]?.string ?? "") ended with code \(code) (\(reason))"
        }
        return pod.at("status", "reason")?.string ?? "has failed"
    }

    private static func pending(_ pod: KubeObject, statuses: [JSON]) -> String {
        if let scheduled = pod.condition("PodScheduled"), scheduled.isFalse {
            return scheduled.message.isEmpty ? "waits for a node" : scheduled.message
        }
        for status in statuses {
            guard let waiting = status.at("state", "waiting"), let reason = waiting["reason"]?.string else {
                continue
            }
            let name = status["name"]?.string ?? ""
            let text = waiting["message"]?.string ?? ""
            return "container \(name): \(reason)" + (text.isEmpty ? "" : ": \(text)")
        }
        return pod.at("spec", "nodeName") == nil ? "waits for a node" : "is starting"
    }
}
