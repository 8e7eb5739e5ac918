import KubeModel

/// Rules for what is written by way of the status subresource.
enum StatusValidation {
    private static let status = FieldPath("status")

    static func pod(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var addresses = object.at("status", "podIPs")?.array?.map { $0["ip"] ?? "" } ?? []
        // The old field counts for the first of the list.
        if let first = object.at("status", "podIP"), first != "" {
            if addresses.isEmpty { addresses = [first] } else { addresses[0] = first }
        }
        let known = old.at("status", "podIPs")?.array?.map { $0["ip"] ?? "" } ?? []
        return addresses.enumerated().flatMap { index, address in
            known.contains(address) ? [] : Rules.address(address, status["podIPs"][index])
        }
    }

    static func job(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        Rules.nonNegative(
            object["status"],
            ["active", "succeeded", "failed", "ready", "terminating"],
            status
        )
    }

    static func autoscaler(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        Rules.nonNegative(object["status"], ["currentReplicas", "desiredReplicas"], status)
    }

    static func daemonSet(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        let counts = [
            "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
            "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
        ]
        return Rules.nonNegative(object["status"], counts, status)
    }

    static func disruptionBudget(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        let counts = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"]
        return Rules.nonNegative(object["status"], counts, status)
    }

    static func quota(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        ["hard", "used"].flatMap { LimitValidation.amounts(object.at("status", $0), status[$0]) }
    }

    static func service(_ object: KubeObject, _: KubeObject) -> [FieldError] {
        balancer(object.at("status", "loadBalancer", "ingress"), status["loadBalancer"]["ingress"])
    }

    private static func balancer(_ points: JSON?, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, point) in (points?.array ?? []).enumerated() {
            let place = path[index]
            if !point.lacks("ip") { errors += Rules.address(point["ip"] ?? "", place["ip"]) }
            if let name = point["hostname"], name != "" {
                errors += Rules.subdomain(name, place["hostname"])
                if IPv4(name.string ?? "") != nil {
                    errors.append(.invalid(place["hostname"], name, "must be a DNS name, not an IP address"))
                }
            }
        }
        return errors
    }

    static func finalizers(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec", "finalizers")
        return (object.at("spec", "finalizers")?.array ?? []).enumerated().flatMap { index, finalizer in
            ConfigurationValidation.finalizer(finalizer, path[index])
        }
    }
}
