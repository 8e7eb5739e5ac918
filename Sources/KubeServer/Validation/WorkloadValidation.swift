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
        return errors + Rules.notMoreThanAll(rolling["maxUnavailable"], path["maxUnavailable"])
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
        errors += Rules.nonNegative(status, counts + ["collisionCount"], path)
        return errors + atMost(status, ["updatedReplicas", "readyReplicas", "availableReplicas"], path)
    }

    /// Counts that are parts of the replicas.
    private static func atMost(_ status: JSON, _ keys: [String], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let replicas = status["replicas"]?.int ?? 0
        for key in keys {
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
        let path = FieldPath("status")
        let parts = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]
        return Rules.nonNegative(object["status"], counts, path)
            + atMost(object["status"] ?? [:], parts, path)
    }

    static func replicationController(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        var errors = Rules.nonNegative(spec, ["replicas", "minReadySeconds"], path)
        if spec["selector"]?.object?.isEmpty ?? true { errors.append(.required(path["selector"])) }
        guard let template = spec["template"] else { return errors + [.required(path["template"])] }
        let labels = template.at("metadata", "labels")
        for (key, value) in spec["selector"]?.object ?? [:] where labels?[key] != value {
            errors.append(
                .invalid(path["template"]["metadata"]["labels"], labels ?? .null, mismatch)
            )
            break
        }
        errors += PodValidation.template(template, path["template"])
        return errors + restart(template, owner: "ReplicationController", path["template"])
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
                        rendered: rendered(strategy["rollingUpdate"]),
                        "only allowed for updateStrategy 'RollingUpdate'"
                    )
                )
            }
        case "RollingUpdate":
            let rolling = strategy["rollingUpdate"]
            let place = path["updateStrategy"]["rollingUpdate"]
            errors += Rules.nonNegative(rolling, "partition", place)
            guard rolling?["maxUnavailable"] != nil else { break }
            errors += Rules.countOrPercent(rolling?["maxUnavailable"], place["maxUnavailable"])
            if Rules.isZero(rolling?["maxUnavailable"]) {
                errors.append(
                    .invalid(place["maxUnavailable"], rolling?["maxUnavailable"] ?? 0, "cannot be 0")
                )
            }
            errors += Rules.notMoreThanAll(rolling?["maxUnavailable"], place["maxUnavailable"])
        case "": errors.append(.required(path["updateStrategy"]))
        default:
            errors.append(
                .invalid(
                    path["updateStrategy"],
                    rendered: "{\"Type\":\(strategy["type"]?.text ?? ""),"
                        + "\"RollingUpdate\":\(rendered(strategy["rollingUpdate"]))}",
                    "must be 'RollingUpdate' or 'OnDelete'"
                )
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
        errors += Rules.nonNegative(spec["ordinals"], "start", path["ordinals"])
        errors += selector(spec, emptyMessage: "empty selector is invalid for statefulset")
        let claims = spec.elements(of: "volumeClaimTemplates").compactMap {
            $0.at("metadata", "name")?.string
        }
        return errors + template(spec, owner: "StatefulSet", claims: claims)
    }

    /// As Go prints the structure.
    private static func rendered(_ rolling: JSON?) -> String {
        guard let rolling else { return "null" }
        let unavailable = rolling["maxUnavailable"]?.text ?? "null"
        return "{\"Partition\":\(rolling["partition"]?.text ?? "0"),\"MaxUnavailable\":\(unavailable)}"
    }

    /// A new set's service, whose name becomes part of its pods' names.
    static func newStatefulSet(_ object: KubeObject) -> [FieldError] {
        let name = object.at("spec", "serviceName") ?? ""
        return name == "" ? [] : Rules.label(name, path["serviceName"])
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

    /// Whether the template's pods would not be found by the selector; no selector finds none.
    private static func mismatch(_ selector: JSON?, _ template: JSON, _ path: FieldPath) -> [FieldError] {
        let labels = template.at("metadata", "labels")
        if let selector, Rules.isEmptySelector(selector) || LabelSelection.matches(selector, labels ?? [:]) {
            return []
        }
        return [.invalid(path["metadata"]["labels"], labels ?? .null, mismatch)]
    }

    private static func selector(_ spec: JSON, emptyMessage: String) -> [FieldError] {
        guard let selector = spec["selector"] else { return [.required(path["selector"])] }
        var errors = Rules.selector(selector, path["selector"])
        if Rules.isEmptySelector(selector) {
            errors.append(.invalid(path["selector"], selector, emptyMessage))
        }
        if !Rules.isReadable(selector) {
            errors.append(.invalid(path["selector"], selector, "invalid label selector"))
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
        if matching {
            // A selector that cannot be read has been complained about; nothing else is then.
            guard Rules.isReadable(spec["selector"] ?? [:]) else { return [] }
            errors += self.mismatch(spec["selector"], template, place)
        }
        errors += PodValidation.template(template, place, claims: claims)
        return errors + restart(template, owner: owner, place)
    }

    /// Pods that are kept running start again whenever they end.
    private static func restart(_ template: JSON, owner: String, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let policy = template.at("spec", "restartPolicy"), policy != "Always" {
            errors.append(.notSupported(path["spec"]["restartPolicy"], policy, ["Always"]))
        }
        if template.at("spec", "activeDeadlineSeconds") != nil {
            errors.append(
                .forbidden(
                    path["spec"]["activeDeadlineSeconds"],
                    "activeDeadlineSeconds in \(owner) is not Supported"
                )
            )
        }
        return errors
    }

    // MARK: Revisions

    static func revision(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        if object["data"] == nil { errors.append(.required(FieldPath("data"), "data is mandatory")) }
        return errors + Rules.nonNegative(object.json, "revision", .root)
    }

    static func revisionUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard object["data"] != old["data"] else { return [] }
        return [.invalid(FieldPath("data"), object["data"] ?? .null, Rules.immutable)]
    }
}
