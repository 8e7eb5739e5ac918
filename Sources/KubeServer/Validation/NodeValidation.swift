import KubeModel

/// Rules for nodes.
enum NodeValidation {
    static func node(_ object: KubeObject) -> [FieldError] {
        taints(object.at("spec", "taints")?.array ?? [], FieldPath("metadata", "taints"))
            + networks(object.at("spec", "podCIDRs")?.array ?? [], FieldPath("spec", "podCIDRs"))
    }

    /// The path is of the time when taints were annotations, as Kubernetes still has it.
    private static func taints(_ taints: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, taint) in taints.enumerated() {
            let place = path[index]
            errors += Rules.qualifiedName(taint["key"], place["key"])
            errors += NameRule.labelValueProblems(taint["value"]?.string ?? "").map {
                .invalid(place["value"], taint["value"] ?? "", $0)
            }
            if taint.lacks("effect") {
                errors.append(.required(place["effect"]))
            } else {
                let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
                errors += Rules.oneOf(taint["effect"], known, place["effect"])
            }
            let pair = "\(taint["key"]?.string ?? ""):\(taint["effect"]?.string ?? "")"
            guard !seen.insert(pair).inserted else { continue }
            let shown = GoStructure.record([
                ("Key", GoStructure.value(taint["key"] ?? "")),
                ("Value", GoStructure.value(taint["value"] ?? "")),
                ("Effect", GoStructure.value(taint["effect"] ?? "")),
                ("TimeAdded", GoStructure.value(taint["timeAdded"])),
            ])
            var error = FieldError.duplicate(place, rendered: shown)
            error.message += ": taints must be unique by key and effect pair"
            errors.append(error)
        }
        return errors
    }

    private static func networks(_ networks: [JSON], _ path: FieldPath) -> [FieldError] {
        let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        return networks.enumerated().compactMap { index, network in
            let text = network.string ?? ""
            return Network(text) != nil || text.contains(":") ? nil : .invalid(path[index], network, detail)
        }
    }

    static func update(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        for (key, name) in [("podCIDRs", "podCIDR"), ("providerID", "providerID")] {
            guard let before = old.at("spec", key), before != object.at("spec", key) else { continue }
            let detail = "node updates may not change \(name) except from \"\" to valid"
            errors.append(.forbidden(FieldPath("spec", key), detail))
        }
        return errors
    }
}
