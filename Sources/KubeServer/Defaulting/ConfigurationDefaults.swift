import KubeModel

/// Defaults of kinds that hold settings rather than run anything.
enum ConfigurationDefaults {
    /// Without `stringData`, which is merged into `data` as the object is written.
    static func secret(_ object: inout JSON) {
        if object.lacks("type") { object["type"] = "Opaque" }
        guard let texts = object["stringData"]?.object else { return }
        object["stringData"] = nil
        object.edit("data", default: [:]) { data in
            for (key, text) in texts { data[key] = .string(Base64Text.encoded(text.string ?? "")) }
        }
    }

    static func namespace(_ object: inout JSON) {
        guard let name = object.at("metadata", "name") else { return }
        object.edit("metadata", default: [:]) { metadata in
            metadata.edit("labels", default: [:]) { $0["kubernetes.io/metadata.name"] = name }
        }
    }

    static func node(_ object: inout JSON) {
        object.edit("spec") { spec in
            if let network = spec["podCIDR"], spec.elements(of: "podCIDRs").isEmpty {
                spec["podCIDRs"] = [network]
            }
        }
        object.edit("status") { status in
            if let capacity = status["capacity"] { status.setDefault("allocatable", capacity) }
        }
    }

    static func roleBinding(_ object: inout JSON) {
        object.edit("roleRef", default: [:]) { reference in
            if reference.lacks("apiGroup") { reference["apiGroup"] = "rbac.authorization.k8s.io" }
        }
        object.editElements(of: "subjects") { subject in
            guard subject.lacks("apiGroup"), subject["kind"] == "User" || subject["kind"] == "Group" else {
                return
            }
            subject["apiGroup"] = "rbac.authorization.k8s.io"
        }
    }

    static func storageClass(_ object: inout JSON) {
        object.setDefault("reclaimPolicy", "Delete")
        object.setDefault("volumeBindingMode", "Immediate")
    }

    static func priorityClass(_ object: inout JSON) {
        object.setDefault("preemptionPolicy", "PreemptLowerPriority")
    }

    static func csiDriver(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("attachRequired", true)
            spec.setDefault("podInfoOnMount", false)
            spec.setDefault("storageCapacity", false)
            spec.setDefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
            spec.setDefault("requiresRepublish", false)
            spec.setDefault("seLinuxMount", false)
            if spec.elements(of: "volumeLifecycleModes").isEmpty {
                spec["volumeLifecycleModes"] = ["Persistent"]
            }
        }
    }

    static func limitRange(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.editElements(of: "limits") { limit in
                guard limit["type"] == "Container" else { return }
                let maximum = limit["max"]
                limit.edit("default", default: [:]) { $0.setMissing(from: maximum) }
                let limits = limit["default"]
                let minimum = limit["min"]
                limit.edit("defaultRequest", default: [:]) { requests in
                    requests.setMissing(from: limits)
                    requests.setMissing(from: minimum)
                }
                for key in ["default", "defaultRequest"] where limit[key] == [:] { limit[key] = nil }
            }
        }
    }

    static func webhooks(_ object: inout JSON, isMutating: Bool) {
        object.editElements(of: "webhooks") { webhook in
            webhook.setDefault("failurePolicy", "Fail")
            webhook.setDefault("matchPolicy", "Equivalent")
            webhook.setDefault("namespaceSelector", [:])
            webhook.setDefault("objectSelector", [:])
            webhook.setDefault("timeoutSeconds", 10)
            if isMutating { webhook.setDefault("reinvocationPolicy", "Never") }
            webhook.editElements(of: "rules") { $0.setDefault("scope", "*") }
            webhook.edit("clientConfig") { config in
                config.edit("service") { $0.setDefault("port", 443) }
            }
        }
    }

    static func admissionPolicy(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("failurePolicy", "Fail")
            spec.edit("matchConstraints", matchResources)
        }
    }

    static func admissionPolicyBinding(_ object: inout JSON) {
        object.edit("spec", default: [:]) { $0.edit("matchResources", matchResources) }
    }

    static func flowSchema(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            if spec["matchingPrecedence"]?.int ?? 0 == 0 { spec["matchingPrecedence"] = 1000 }
        }
    }

    static func priorityLevel(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            for kind in ["limited", "exempt"] {
                spec.edit(kind) { level in
                    level.setDefault("nominalConcurrencyShares", kind == "limited" ? 30 : 0)
                    level.setDefault("lendablePercent", 0)
                }
            }
        }
        object.edit(at: ["spec", "limited", "limitResponse", "queuing"]) { queuing in
            for (key, value) in [("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)]
            where queuing[key]?.int ?? 0 == 0 {
                queuing[key] = .integer(Int64(value))
            }
        }
    }

    static func apiService(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.edit("service") { $0.setDefault("port", 443) }
        }
    }

    static func ingressClass(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.edit("parameters") { $0.setDefault("scope", "Cluster") }
        }
    }

    static func customResourceDefinition(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.edit("conversion", default: [:]) { conversion in
                if conversion.lacks("strategy") { conversion["strategy"] = "None" }
            }
            spec.edit("names", default: [:]) { names in
                let kind = names["kind"]?.string ?? ""
                guard !kind.isEmpty else { return }
                if names.lacks("singular") { names["singular"] = .string(kind.lowercased()) }
                if names.lacks("listKind") { names["listKind"] = .string("\(kind)List") }
            }
        }
    }

    private static func matchResources(_ match: inout JSON) {
        match.setDefault("matchPolicy", "Equivalent")
        match.setDefault("namespaceSelector", [:])
        match.setDefault("objectSelector", [:])
        for rules in ["resourceRules", "excludeResourceRules"] {
            match.editElements(of: rules) { $0.setDefault("scope", "*") }
        }
    }
}

extension JSON {
    /// Takes over the members of another object that are missing here.
    mutating func setMissing(from other: JSON?) {
        for (key, value) in other?.object ?? [:] { setDefault(key, value) }
    }
}
