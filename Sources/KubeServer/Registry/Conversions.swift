import KubeModel

/// Conversions between versions of built-in kinds.
///
/// One version of each kind is stored.
enum Conversions {
    static func conversion(for gvk: GroupVersionKind) -> VersionConversion? {
        switch (gvk.group, gvk.version, gvk.kind) {
        case ("events.k8s.io", "v1", "Event"):
            VersionConversion(fromStored: newEvent(from:), toStored: coreEvent(from:))
        case ("autoscaling", "v1", "HorizontalPodAutoscaler"):
            VersionConversion(fromStored: oldAutoscaler(from:), toStored: newAutoscaler(from:))
        default: nil
        }
    }

    // MARK: Events

    private static let eventMembers = [
        ("involvedObject", "regarding"), ("message", "note"), ("count", "deprecatedCount"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("source", "deprecatedSource"), ("reportingComponent", "reportingController"),
    ]

    private static func newEvent(from core: JSON) -> JSON {
        var event = core
        event["apiVersion"] = "events.k8s.io/v1"
        for (old, new) in eventMembers {
            let value = event[old]
            event[old] = nil
            event[new] = value == "" ? nil : value
        }
        if event["reportingInstance"] == "" { event["reportingInstance"] = nil }
        event.setDefault("deprecatedSource", [:])
        for key in ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "eventTime"] {
            event.setDefault(key, .null)
        }
        return event
    }

    private static func coreEvent(from new: JSON) -> JSON {
        var event = new
        event["apiVersion"] = "v1"
        for (old, new) in eventMembers {
            let value = event[new]
            event[new] = nil
            event[old] = value
        }
        for key in ["reportingComponent", "reportingInstance"] { event.setDefault(key, "") }
        for key in ["source", "involvedObject"] { event.setDefault(key, [:]) }
        for key in ["firstTimestamp", "lastTimestamp", "eventTime"] { event.setDefault(key, .null) }
        return event
    }

    // MARK: Autoscalers

    private static func isCPUUtilization(_ metric: JSON) -> Bool {
        metric["type"] == "Resource" && metric.at("resource", "name") == "cpu"
            && metric.at("resource", "target", "type") == "Utilization"
    }

    private static let metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics"
    private static let behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"

    private static let conditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions"

    private static func oldAutoscaler(from new: JSON) -> JSON {
        var object = new
        object["apiVersion"] = "autoscaling/v1"
        let metrics = new.at("spec", "metrics")?.array ?? []
        let others = metrics.filter { !isCPUUtilization($0) }
        object.edit("spec") { spec in
            spec["metrics"] = nil
            spec["behavior"] = nil
            if let target = metrics.first(where: isCPUUtilization) {
                spec["targetCPUUtilizationPercentage"] = target.at("resource", "target", "averageUtilization")
            }
        }
        if !others.isEmpty {
            object.set(.string(JSON.array(others).text), at: ["metadata", "annotations", metricsAnnotation])
        }
        if let behavior = new.at("spec", "behavior") {
            object.set(.string(behavior.text), at: ["metadata", "annotations", behaviorAnnotation])
        }
        if let conditions = new.at("status", "conditions"), conditions.array?.isEmpty == false {
            object.set(.string(conditions.text), at: ["metadata", "annotations", conditionsAnnotation])
        }
        object.edit("status") { status in
            let cpu = status.elements(of: "currentMetrics").first { $0.at("resource", "name") == "cpu" }
            status["currentMetrics"] = nil
            status["conditions"] = nil
            status.setDefault("currentReplicas", 0)
            status.setDefault("desiredReplicas", 0)
            if let value = cpu?.at("resource", "current", "averageUtilization") {
                status["currentCPUUtilizationPercentage"] = value
            }
        }
        return object
    }

    private static func newAutoscaler(from old: JSON) -> JSON {
        var object = old
        object["apiVersion"] = "autoscaling/v2"
        let annotations = old.at("metadata", "annotations")
        var metrics: [JSON] = []
        if let text = annotations?[metricsAnnotation]?.string, let value = try? JSON.parse(text) {
            // An annotation that is no JSON is a client's own text, and is left to it.
            metrics = value.array ?? []
        }
        object.edit("spec", default: [:]) { spec in
            if let target = spec["targetCPUUtilizationPercentage"] {
                metrics.insert(
                    [
                        "type": "Resource",
                        "resource": [
                            "name": "cpu", "target": ["type": "Utilization", "averageUtilization": target],
                        ],
                    ],
                    at: 0
                )
            }
            spec["targetCPUUtilizationPercentage"] = nil
            if !metrics.isEmpty { spec["metrics"] = .array(metrics) }
            if let text = annotations?[behaviorAnnotation]?.string, let value = try? JSON.parse(text) {
                spec["behavior"] = value
            }
        }
        object.edit("metadata") { metadata in
            metadata.edit("annotations") { annotations in
                annotations[metricsAnnotation] = nil
                annotations[behaviorAnnotation] = nil
                annotations[conditionsAnnotation] = nil
            }
            if metadata["annotations"] == [:] { metadata["annotations"] = nil }
        }
        if let text = annotations?[conditionsAnnotation]?.string, let value = try? JSON.parse(text) {
            object.edit("status", default: [:]) { $0["conditions"] = value }
        }
        object.edit("status") { status in
            status["currentCPUUtilizationPercentage"] = nil
            status.setDefault("desiredReplicas", 0)
            status.setDefault("currentMetrics", .null)
        }
        return object
    }
}
