import KubeModel

/// Rules for the kinds that run pods.
enum WorkloadValidation {
    private static let path = FieldPath("spec")

    // MARK: Deployments

    static func deployment(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors = Rules.nonNegative(spec, "replicas", path)
        errors += selector(spec, emptyMessage: "empty selector is invalid for deployment")
        errors += template(spec, owner: "ReplicaSet")
        errors += deploymentStrategy(spec["strategy"] ?? [:], path["strategy"])
        errors += Rules.nonNegative(spec, ["minReadySeconds", "revisionHistoryLimit"], path)
        if let deadline = spec["progressDeadlineSeconds"]?.int {
            errors += Rules.nonNegative(spec, "progressDeadlineSeconds", path)
            if deadline <= spec["minReadySeconds"]?.int ?? 0 {
                errors.append(
                    .invalid(
                        path["progressDeadlineSeconds"],
                        .integer(Int64(deadline)),
                        "must be greater than minReadySeconds"
                    )
                )
            }
        }
        return errors
    }

    private static func deploymentStrategy(_ strategy: JSON, _ path: FieldPath) -> [FieldError] {
        let rolling = strategy["rollingUpdate"]
        switch strategy["type"]?.string ?? "" {
        case "Recreate":
            guard rolling != nil else { return [] }
            return [
                .forbidden(path["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'")
            ]
        case "RollingUpdate":
            guard let rolling else {
                return [.required(path["rollingUpdate"], "this should be defaulted and never be nil")]
            }
            return rollingUpdate(rolling, path["rollingUpdate"])
        default:
            let type = strategy["type"]?.text ?? "\"\""
            let shown = "{\"Type\":\(type),\"RollingUpdate\":\(rolling?.text ?? "null")}"
            return [.notSupported(path, rendered: shown, ["Recreate", "RollingUpdate"])]
        }
    }

    private static func rollingUpdate(_ rolling: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = Rules.countOrPercent(rolling["maxUnavailable"], path["maxUnavailable"])
        errors += Rules.countOrPercent(rolling["maxSurge"], path["maxSurge"])
        if Rules.isZero(rolling["maxUnavailable"]), Rules.isZero(rolling["maxSurge"]) {
            errors.append(
                .invalid(
                    path["maxUnavailable"],
                    rolling["maxUnavailable"] ?? 0,
                    "may not be 0 when `maxSurge` is 0"
                )
            )
        }
        if case .string(let text)? = rolling["maxUnavailable"], let percent = Int(text.dropLast()),
            percent > 100
        {
            errors.append(.invalid(path["maxUnavailable"], .string(text), "must not be greater than 100%"))
        }
        return errors
    }

    static func deploymentUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        immutable(["selector"], object, old)
    }

    static func deploymentStatus(_ object: KubeObject) -> [FieldError] {
        let status = object["status"] ?? [:]
        let path = FieldPath("status")
        var errors = Rules.nonNegative(status, "observedGeneration", path)
        let counts = [
            "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
        ]
        errors += Rules.nonNegative(status, counts, path)
        let replicas = status["replicas"]?.int ?? 0
        for key in ["updatedReplicas", "readyReplicas", "availableReplicas"] {
            let count = status[key]?.int ?? 0
            guard count > replicas else { continue }
            errors.append(
                .invalid(path[key], .integer(Int64(count)), "cannot be greater than status.replicas")
            )
        }
        if status["availableReplicas"]?.int ?? 0 > status["readyReplicas"]?.int ?? 0 {
            errors.append(
                .invalid(
                    path["availableReplicas"],
                    status["availableReplicas"] ?? 0,
                    "cannot be greater than readyReplicas"
                )
            )
        }
        return errors
    }

    // MARK: Replica sets

    static func replicaSet(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        return Rules.nonNegative(spec, ["replicas", "minReadySeconds"], path)
            + selector(spec, emptyMessage: "empty selector is invalid for deployment")
            + template(spec, owner: "ReplicaSet")
    }

    static func replicaSetStatus(_ object: KubeObject) -> [FieldError] {
        let counts = [
            "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration",
        ]
        return Rules.nonNegative(object["status"], counts, FieldPath("status"))
    }

    static func replicationController(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors = Rules.nonNegative(spec, ["replicas", "minReadySeconds"], path)
        if spec["selector"]?.object?.isEmpty ?? true { errors.append(.required(path["selector"])) }
        guard let template = spec["template"] else { return errors + [.required(path["template"])] }
        let labels = template.at("metadata", "labels")
        for (key, value) in spec["selector"]?.object ?? [:] where labels?[key] != value {
            errors.append(
                .invalid(path["template"]["metadata"]["labels"], labels ?? [:], mismatch)
            )
            break
        }
        return errors + PodValidation.template(template, path["template"])
    }

    // MARK: Stateful sets

    static func statefulSet(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        if let policy = spec["podManagementPolicy"], policy != "OrderedReady", policy != "Parallel" {
            errors.append(
                .invalid(path["podManagementPolicy"], policy, "must be 'OrderedReady' or 'Parallel'")
            )
        }
        let strategy = spec["updateStrategy"] ?? [:]
        switch strategy["type"]?.string ?? "" {
        case "OnDelete":
            if strategy["rollingUpdate"] != nil {
                errors.append(
                    .invalid(
                        path["updateStrategy"]["rollingUpdate"],
                        strategy["rollingUpdate"] ?? [:],
                        "only allowed for updateStrategy 'RollingUpdate'"
                    )
                )
            }
        case "RollingUpdate":
            errors += Rules.nonNegative(
                strategy["rollingUpdate"],
                "partition",
                path["updateStrategy"]["rollingUpdate"]
            )
        case "": errors.append(.required(path["updateStrategy"]))
        default:
            errors.append(
                .invalid(path["updateStrategy"], strategy, "must be 'RollingUpdate' or 'OnDelete'")
            )
        }
        for key in ["whenDeleted", "whenScaled"] {
            let place = path["persistentVolumeClaimRetentionPolicy"][key]
            errors += Rules.oneOf(
                spec.at("persistentVolumeClaimRetentionPolicy", key),
                ["Delete", "Retain"],
                place
            )
        }
        errors += Rules.nonNegative(spec, ["replicas", "minReadySeconds"], path)
        errors += selector(spec, emptyMessage: "empty selector is invalid for statefulset")
        let claims = spec.elements(of: "volumeClaimTemplates").compactMap {
            $0.at("metadata", "name")?.string
        }
        return errors + template(spec, owner: "StatefulSet", claims: claims)
    }

    static func statefulSetUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        for key in [
            "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
        ] { before[key] = after[key] }
        guard before != after else { return [] }
        return [
            .forbidden(
                path,
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                    + "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                    + "'minReadySeconds' are forbidden"
            )
        ]
    }

    static func statefulSetStatus(_ object: KubeObject) -> [FieldError] {
        let counts = [
            "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "observedGeneration",
        ]
        return Rules.nonNegative(object["status"], counts, FieldPath("status"))
    }

    // MARK: Daemon sets

    static func daemonSet(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors = Rules.selector(spec["selector"], path["selector"])
        let labels = spec.at("template", "metadata", "labels") ?? [:]
        if !LabelSelection.matches(spec["selector"], labels) {
            errors.append(.invalid(path["template"]["metadata"]["labels"], labels, mismatch))
        }
        if let selector = spec["selector"], Rules.isEmptySelector(selector) {
            errors.append(.invalid(path["selector"], selector, "empty selector is invalid for daemonset"))
        }
        errors += template(spec, owner: "DaemonSet", matching: false)
        errors += Rules.nonNegative(spec, "minReadySeconds", path)
        let strategy = spec["updateStrategy"] ?? [:]
        let place = path["updateStrategy"]
        switch strategy["type"]?.string ?? "" {
        case "OnDelete": break
        case "RollingUpdate":
            let rolling = strategy["rollingUpdate"] ?? [:]
            let hasUnavailable = !Rules.isZero(rolling["maxUnavailable"])
            let hasSurge = !Rules.isZero(rolling["maxSurge"])
            errors += Rules.countOrPercent(
                rolling["maxUnavailable"],
                place["rollingUpdate"]["maxUnavailable"]
            )
            errors += Rules.countOrPercent(rolling["maxSurge"], place["rollingUpdate"]["maxSurge"])
            if hasUnavailable, hasSurge {
                errors.append(
                    .invalid(
                        place["rollingUpdate"]["maxSurge"],
                        rolling["maxSurge"] ?? 0,
                        "may not be set when maxUnavailable is non-zero"
                    )
                )
            } else if !hasUnavailable, !hasSurge {
                errors.append(
                    .required(place["rollingUpdate"]["maxUnavailable"], "cannot be 0 when maxSurge is 0")
                )
            }
        default:
            errors.append(
                .notSupported(place["type"], strategy["type"] ?? "", ["OnDelete", "RollingUpdate"])
            )
        }
        return errors + Rules.nonNegative(spec, "revisionHistoryLimit", path)
    }

    static func selectorUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        immutable(["selector"], object, old)
    }

    // MARK: Parts

    static let mismatch = "`selector` does not match template `labels`"

    static func immutable(_ keys: [String], _ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        keys.compactMap { key in
            let value = object.at("spec", key)
            return value == old.at("spec", key) ? nil : .invalid(path[key], value ?? .null, Rules.immutable)
        }
    }

    private static func selector(_ spec: JSON, emptyMessage: String) -> [FieldError] {
        guard let selector = spec["selector"] else { return [.required(path["selector"])] }
        var errors = Rules.selector(selector, path["selector"])
        if Rules.isEmptySelector(selector) {
            errors.append(.invalid(path["selector"], selector, emptyMessage))
        }
        return errors
    }

    /// The template of a kind whose pods always restart.
    /// - Parameter claims: Names that mounts may use beside the volumes: those of claim templates.
    private static func template(
        _ spec: JSON,
        owner: String,
        matching: Bool = true,
        claims: [String] = []
    ) -> [FieldError] {
        let place = path["template"]
        guard let template = spec["template"] else { return [.required(place)] }
        var errors: [FieldError] = []
        let labels = template.at("metadata", "labels") ?? [:]
        if matching, let selector = spec["selector"], !Rules.isEmptySelector(selector),
            !LabelSelection.matches(selector, labels)
        {
            errors.append(.invalid(place["metadata"]["labels"], labels, mismatch))
        }
        errors += PodValidation.template(template, place, claims: claims)
        if let policy = template.at("spec", "restartPolicy"), policy != "Always",
            ["OnFailure", "Never"].contains(policy.string ?? "")
        {
            errors.append(.notSupported(place["spec"]["restartPolicy"], policy, ["Always"]))
        }
        if template.at("spec", "activeDeadlineSeconds") != nil {
            errors.append(
                .forbidden(
                    place["spec"]["activeDeadlineSeconds"],
                    "activeDeadlineSeconds in \(owner) is not Supported"
                )
            )
        }
        return errors
    }
}
