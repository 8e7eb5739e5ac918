import KubeModel

/// What one HorizontalPodAutoscaler does and says, as a pure function of it and its target.
///
/// Without metrics it can only keep the bounds, as Kubernetes' does where no metrics server is installed.
struct AutoscalerDecision {
    /// The size that the target must have.
    private(set) var resize: Int?
    private(set) var status: JSON
    /// Written when what they say is new.
    private(set) var events: [(type: EventType, reason: String, message: String)] = []

    private let autoscaler: KubeObject
    private let now: Timestamp
    private var conditions: ConditionList

    init(_ autoscaler: KubeObject, target: KubeObject?, now: Timestamp) {
        self.autoscaler = autoscaler
        self.now = now
        status = autoscaler.status
        conditions = ConditionList(autoscaler.status)
        defer { status["conditions"] = .array(conditions.conditions) }
        guard let target else {
            missTarget()
            return
        }
        status["currentReplicas"] = .integer(Int64(target.statusReplicas))
        status["desiredReplicas"] = status["desiredReplicas"] ?? 0
        set(
            "AbleToScale",
            "True",
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale"
        )
        let current = target.wantedReplicas
        if current == 0 {
            status["desiredReplicas"] = 0
            set(
                "ScalingActive",
                "False",
                "ScalingDisabled",
                "scaling is disabled since the replica count of the target is zero"
            )
            return
        }
        let low = autoscaler.at("spec", "minReplicas")?.int ?? 1
        let high = autoscaler.at("spec", "maxReplicas")?.int ?? current
        if current > high {
            rescale(to: high, "Current number of replicas above Spec.MaxReplicas")
        } else if current < low {
            rescale(to: low, "Current number of replicas below Spec.MinReplicas")
        } else {
            missMetrics()
        }
    }

    private mutating func set(_ type: String, _ value: String, _ reason: String, _ message: String) {
        if conditions[type]?.status == value, conditions[type]?.message == message { return }
        conditions.set(type, value, reason: reason, message: message, at: now)
    }

    private mutating func missTarget() {
        let reference = autoscaler.at("spec", "scaleTargetRef")
        let kind = reference?["kind"]?.string ?? ""
        let group = GroupVersionKind(apiVersion: reference?["apiVersion"]?.string ?? "v1", kind: kind).group
        let plural = kind.lowercased() + "s" + (group.isEmpty ? "" : ".\(group)")
        let cause = "\(plural) \"\(reference?["name"]?.string ?? "")\" not found"
        let message = "the HPA controller was unable to get the target's current scale: \(cause)"
        if conditions["AbleToScale"]?.message != message {
            events.append((.warning, "FailedGetScale", cause))
        }
        set("AbleToScale", "False", "FailedGetScale", message)
    }

    private mutating func rescale(to size: Int, _ reason: String) {
        resize = size
        status["desiredReplicas"] = .integer(Int64(size))
        status["lastScaleTime"] = .string(now.text)
        set(
            "AbleToScale",
            "True",
            "SucceededRescale",
            "the HPA controller was able to update the target scale to \(size)"
        )
        events.append((.normal, "SuccessfulRescale", "New size: \(size); reason: \(reason)"))
    }

    private mutating func missMetrics() {
        let metrics = autoscaler.at("spec", "metrics")?.array ?? []
        guard let first = metrics.first.map(Self.failure) else { return }
        let message = "the HPA was unable to compute the replica count: \(first.message)"
        if conditions["ScalingActive"]?.message != message {
            for failure in metrics.map(Self.failure) {
                events.append((.warning, failure.reason, failure.message))
            }
            let summary =
                "invalid metrics (\(metrics.count) invalid out of \(metrics.count)), first error is: \(first.message)"
            events.append((.warning, "FailedComputeMetricsReplicas", summary))
        }
        set("ScalingActive", "False", first.reason, message)
    }

    /// What Kubernetes says of a metric when nothing serves it.
    private static func failure(_ metric: JSON) -> (reason: String, message: String) {
        let missing = "the server could not find the requested resource"
        let type = metric["type"]?.string ?? "Resource"
        switch type {
        case "Pods":
            let name = metric.at("pods", "metric", "name")?.string ?? ""
            return (
                "FailedGetPodsMetric",
                "failed to get pods metric value: unable to get metric \(name): unable to fetch metrics from custom "
                    + "metrics API: \(missing) (get pods.custom.metrics.k8s.io)"
            )
        case "Object":
            let name = metric.at("object", "metric", "name")?.string ?? ""
            return (
                "FailedGetObjectMetric",
                "failed to get object metric value: unable to get metric \(name): unable to fetch metrics from custom "
                    + "metrics API: \(missing)"
            )
        case "External":
            let name = metric.at("external", "metric", "name")?.string ?? ""
            return (
                "FailedGetExternalMetric",
                "failed to get \(name) external metric value: unable to get external metric: unable to fetch metrics "
                    + "from external metrics API: \(missing)"
            )
        default:
            let field = type == "ContainerResource" ? "containerResource" : "resource"
            let name = metric.at(field, "name")?.string ?? "cpu"
            let isShare = metric.at(field, "target", "type")?.string == "Utilization"
            let subject = isShare ? "\(name) utilization" : "\(name) usage"
            return (
                type == "ContainerResource" ? "FailedGetContainerResourceMetric" : "FailedGetResourceMetric",
                "failed to get \(subject): unable to get metrics for resource \(name): unable to fetch metrics from "
                    + "resource metrics API: \(missing) (get pods.metrics.k8s.io)"
            )
        }
    }
}
