import KubeModel

/// Defaults of the kinds that run pods.
enum WorkloadDefaults {
    static func deployment(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("replicas", 1)
            spec.setDefault("revisionHistoryLimit", 10)
            spec.setDefault("progressDeadlineSeconds", 600)
            spec.edit("strategy", default: [:]) { strategy in
                if strategy.lacks("type") { strategy["type"] = "RollingUpdate" }
                guard strategy["type"] == "RollingUpdate" else { return }
                strategy.edit("rollingUpdate", default: [:]) { rolling in
                    rolling.setDefault("maxUnavailable", "25%")
                    rolling.setDefault("maxSurge", "25%")
                }
            }
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func replicaSet(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("replicas", 1)
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func replicationController(_ object: inout JSON) {
        let labels = object.at("spec", "template", "metadata", "labels")
        if let labels, object.at("metadata", "labels") == nil {
            object.edit("metadata", default: [:]) { $0["labels"] = labels }
        }
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("replicas", 1)
            if let labels { spec.setDefault("selector", labels) }
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func statefulSet(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("replicas", 1)
            spec.setDefault("revisionHistoryLimit", 10)
            if spec.lacks("podManagementPolicy") { spec["podManagementPolicy"] = "OrderedReady" }
            spec.edit("updateStrategy", default: [:]) { strategy in
                if strategy.lacks("type") { strategy["type"] = "RollingUpdate" }
                guard strategy["type"] == "RollingUpdate" else { return }
                strategy.edit("rollingUpdate", default: [:]) { $0.setDefault("partition", 0) }
            }
            spec.edit("persistentVolumeClaimRetentionPolicy", default: [:]) { policy in
                if policy.lacks("whenDeleted") { policy["whenDeleted"] = "Retain" }
                if policy.lacks("whenScaled") { policy["whenScaled"] = "Retain" }
            }
            spec.editElements(of: "volumeClaimTemplates") { template in
                template["apiVersion"] = "v1"
                template["kind"] = "PersistentVolumeClaim"
                VolumeClaimDefaults.claim(&template)
            }
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func daemonSet(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("revisionHistoryLimit", 10)
            spec.edit("updateStrategy", default: [:]) { strategy in
                if strategy.lacks("type") { strategy["type"] = "RollingUpdate" }
                guard strategy["type"] == "RollingUpdate" else { return }
                strategy.edit("rollingUpdate", default: [:]) { rolling in
                    rolling.setDefault("maxUnavailable", 1)
                    rolling.setDefault("maxSurge", 0)
                }
            }
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func job(_ object: inout JSON) {
        if object.at("metadata", "labels") == nil,
            let labels = object.at("spec", "template", "metadata", "labels")
        {
            object.edit("metadata", default: [:]) { $0["labels"] = labels }
        }
        object.edit("spec", default: [:]) { spec in
            if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
            spec.setDefault("parallelism", 1)
            let isLimitedPerIndex = spec["backoffLimitPerIndex"] != nil
            spec.setDefault("backoffLimit", isLimitedPerIndex ? .integer(Int64(Int32.max)) : 6)
            spec.setDefault("completionMode", "NonIndexed")
            spec.setDefault("manualSelector", false)
            spec.setDefault("suspend", false)
            let hasFailurePolicy = spec["podFailurePolicy"] != nil
            spec.setDefault("podReplacementPolicy", hasFailurePolicy ? "Failed" : "TerminatingOrFailed")
            spec.edit("podFailurePolicy") { policy in
                policy.editElements(of: "rules") { rule in
                    rule.editElements(of: "onPodConditions") { condition in
                        if condition.lacks("status") { condition["status"] = "True" }
                    }
                }
            }
            spec.edit("template", PodDefaults.apply(toTemplate:))
        }
    }

    static func cronJob(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            if spec.lacks("concurrencyPolicy") { spec["concurrencyPolicy"] = "Allow" }
            spec.setDefault("suspend", false)
            spec.setDefault("successfulJobsHistoryLimit", 3)
            spec.setDefault("failedJobsHistoryLimit", 1)
            spec.edit(at: ["jobTemplate", "spec", "template"], PodDefaults.apply(toTemplate:))
        }
    }

    static func podTemplate(_ object: inout JSON) {
        object.edit("template", PodDefaults.apply(toTemplate:))
    }

    static func horizontalPodAutoscaler(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("minReplicas", 1)
            if spec.elements(of: "metrics").isEmpty {
                spec["metrics"] = [
                    [
                        "type": "Resource",
                        "resource": [
                            "name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80],
                        ],
                    ]
                ]
            }
            spec.edit("behavior") { behavior in
                behavior.edit("scaleUp", default: [:]) { rules in
                    scalingRules(
                        &rules,
                        window: 0,
                        policies: [
                            ["type": "Pods", "value": 4, "periodSeconds": 15],
                            ["type": "Percent", "value": 100, "periodSeconds": 15],
                        ]
                    )
                }
                behavior.edit("scaleDown", default: [:]) { rules in
                    scalingRules(
                        &rules,
                        window: nil,
                        policies: [["type": "Percent", "value": 100, "periodSeconds": 15]]
                    )
                }
            }
        }
    }

    private static func scalingRules(_ rules: inout JSON, window: Int?, policies: JSON) {
        rules.setDefault("selectPolicy", "Max")
        if let window { rules.setDefault("stabilizationWindowSeconds", .integer(Int64(window))) }
        if rules.elements(of: "policies").isEmpty { rules["policies"] = policies }
    }
}

enum VolumeClaimDefaults {
    static func claim(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            spec.setDefault("volumeMode", "Filesystem")
            // Go writes the group also when there is none.
            for key in ["dataSource", "dataSourceRef"] { spec.edit(key) { $0.setDefault("apiGroup", .null) } }
        }
        object.edit("status", default: [:]) { status in
            if status.lacks("phase") { status["phase"] = "Pending" }
        }
    }

    static func volume(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            if spec.lacks("persistentVolumeReclaimPolicy") {
                spec["persistentVolumeReclaimPolicy"] = "Retain"
            }
            spec.setDefault("volumeMode", "Filesystem")
            spec.edit("hostPath") { $0.setDefault("type", "") }
        }
        object.edit("status", default: [:]) { status in
            if status.lacks("phase") { status["phase"] = "Pending" }
        }
    }
}
