import KubeModel

/// Rows of the kinds that run pods.
enum WorkloadCells {
    static func deployment(_ cells: Cells) -> [JSON] {
        let ready = "\(cells.int("status", "readyReplicas"))/\(cells.int("spec", "replicas"))"
        return [
            cells.name, .string(ready), cells.number("status", "updatedReplicas"),
            cells.number("status", "availableReplicas"), cells.age,
        ] + cells.containers("spec", "template", "spec", "containers") + [selector(cells)]
    }

    static func replicaSet(_ cells: Cells) -> [JSON] {
        [
            cells.name, cells.number("spec", "replicas"), cells.number("status", "replicas"),
            cells.number("status", "readyReplicas"), cells.age,
        ] + cells.containers("spec", "template", "spec", "containers") + [selector(cells)]
    }

    static func replicationController(_ cells: Cells) -> [JSON] {
        Array(replicaSet(cells).dropLast()) + [.string(Cells.labels(cells.at("spec", "selector")))]
    }

    static func statefulSet(_ cells: Cells) -> [JSON] {
        let ready = "\(cells.int("status", "readyReplicas"))/\(cells.int("spec", "replicas"))"
        return [cells.name, .string(ready), cells.age]
            + cells.containers("spec", "template", "spec", "containers")
    }

    static func daemonSet(_ cells: Cells) -> [JSON] {
        [
            cells.name, cells.number("status", "desiredNumberScheduled"),
            cells.number("status", "currentNumberScheduled"),
            cells.number("status", "numberReady"), cells.number("status", "updatedNumberScheduled"),
            cells.number("status", "numberAvailable"),
            .string(Cells.labels(cells.at("spec", "template", "spec", "nodeSelector"))), cells.age,
        ] + cells.containers("spec", "template", "spec", "containers") + [selector(cells)]
    }

    static func job(_ cells: Cells) -> [JSON] {
        let succeeded = cells.int("status", "succeeded")
        let parallelism = cells.int("spec", "parallelism")
        let completions: String
        if let wanted = cells.at("spec", "completions")?.int {
            completions = "\(succeeded)/\(wanted)"
        } else {
            completions = parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
        }
        return [
            cells.name, .string(status(ofJob: cells)), .string(completions), .string(duration(cells)),
            cells.age,
        ]
            + cells.containers("spec", "template", "spec", "containers") + [selector(cells)]
    }

    private static func status(ofJob cells: Cells) -> String {
        func has(_ type: String) -> Bool { cells.object.condition(type)?.isTrue ?? false }
        if has("Complete") { return "Complete" }
        if has("Failed") { return "Failed" }
        if cells.object.isBeingDeleted { return "Terminating" }
        for type in ["Suspended", "FailureTarget", "SuccessCriteriaMet"] where has(type) { return type }
        return "Running"
    }

    private static func duration(_ cells: Cells) -> String {
        guard let start = Timestamp(parsing: cells.text("status", "startTime")) else { return "" }
        let end = Timestamp(parsing: cells.text("status", "completionTime")) ?? cells.now
        return HumanDuration.text(seconds: end.seconds(since: start))
    }

    static func cronJob(_ cells: Cells) -> [JSON] {
        let last = cells.text("status", "lastScheduleTime")
        return [
            cells.name, .string(cells.text("spec", "schedule")), Cells.orNone(cells.text("spec", "timeZone")),
            .string(cells.at("spec", "suspend")?.bool == true ? "True" : "False"),
            .integer(Int64(cells.count("status", "active"))),
            .string(last.isEmpty ? "<none>" : cells.ago(last)),
            cells.age,
        ] + cells.containers("spec", "jobTemplate", "spec", "template", "spec", "containers")
            + [.string(Cells.selector(cells.at("spec", "jobTemplate", "spec", "selector")))]
    }

    static func podTemplate(_ cells: Cells) -> [JSON] {
        [cells.name] + cells.containers("template", "spec", "containers")
            + [.string(Cells.labels(cells.at("template", "metadata", "labels")))]
    }

    static func controllerRevision(_ cells: Cells) -> [JSON] {
        var controller = "<none>"
        if let owner = cells.object.controller {
            let group = GroupVersionKind.split(owner.apiVersion).group
            controller = owner.kind.lowercased() + (group.isEmpty ? "" : ".\(group)") + "/\(owner.name)"
        }
        return [cells.name, .string(controller), cells.number("revision"), cells.age]
    }

    static func autoscaler(_ cells: Cells) -> [JSON] {
        let reference =
            "\(cells.text("spec", "scaleTargetRef", "kind"))/\(cells.text("spec", "scaleTargetRef", "name"))"
        let minimum = cells.at("spec", "minReplicas")?.int.map(String.init) ?? "<unset>"
        return [
            cells.name, .string(reference), .string(targets(cells)), .string(minimum),
            cells.number("spec", "maxReplicas"), cells.number("status", "currentReplicas"), cells.age,
        ]
    }

    private static func targets(_ cells: Cells) -> String {
        if let target = cells.at("spec", "targetCPUUtilizationPercentage")?.int {
            let current =
                cells.at("status", "currentCPUUtilizationPercentage")?.int.map { "\($0)%" } ?? "<unknown>"
            return "cpu: \(current)/\(target)%"
        }
        let current = cells.list("status", "currentMetrics")
        let texts = cells.list("spec", "metrics").enumerated().map { index, metric in
            target(metric, current: index < current.count ? current[index] : [:])
        }
        if texts.isEmpty { return "<none>" }
        return texts.count > 2
            ? "\(texts[0]), \(texts[1]) + \(texts.count - 2) more..." : texts.joined(separator: ", ")
    }

    private static func target(_ metric: JSON, current: JSON) -> String {
        let type = metric["type"]?.string ?? ""
        let key = type.prefix(1).lowercased() + type.dropFirst()
        let wanted = metric.at(key, "target") ?? [:]
        let seen = current.at(key, "current") ?? [:]
        let name =
            type == "Resource" || type == "ContainerResource"
            ? "\(metric.at(key, "name")?.string ?? ""): " : ""
        if let percent = wanted["averageUtilization"]?.int {
            let now = seen["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
            return "\(name)\(now)/\(percent)%"
        }
        let now = seen["averageValue"]?.string ?? seen["value"]?.string ?? "<unknown>"
        if let average = wanted["averageValue"]?.string {
            return type == "Resource" || type == "ContainerResource" || type == "Pods"
                ? "\(name)\(now)/\(average)" : "\(now)/\(average) (avg)"
        }
        return "\(now)/\(wanted["value"]?.string ?? "<auto>")"
    }

    private static func selector(_ cells: Cells) -> JSON {
        .string(Cells.selector(cells.at("spec", "selector")))
    }
}
