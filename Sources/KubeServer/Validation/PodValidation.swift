import KubeModel

/// Rules for pods and pod templates.
enum PodValidation {
    static func pod(_ object: KubeObject) -> [FieldError] {
        spec(object["spec"] ?? [:], FieldPath("spec"))
    }

    /// - Parameter claims: Names that mounts may use beside the volumes: those of a StatefulSet's claim templates.
    static func template(_ template: JSON, _ path: FieldPath, claims: [String] = []) -> [FieldError] {
        let metadata = path["metadata"]
        return MetadataValidation.labels(template.at("metadata", "labels"), metadata["labels"])
            + MetadataValidation.annotations(template.at("metadata", "annotations"), metadata["annotations"])
            + spec(template["spec"] ?? [:], path["spec"], claims: claims)
    }

    static func spec(_ spec: JSON, _ path: FieldPath, claims: [String] = []) -> [FieldError] {
        var errors: [FieldError] = []
        let volumes = VolumeValidation.validate(spec.elements(of: "volumes"), path["volumes"], &errors)
            .union(claims)
        let containers = spec.elements(of: "containers")
        if containers.isEmpty { errors.append(.required(path["containers"])) }
        var names: Set<String> = []
        errors += ContainerValidation.validate(
            containers,
            path["containers"],
            volumes: volumes,
            names: &names
        )
        errors += ContainerValidation.validate(
            spec.elements(of: "initContainers"),
            path["initContainers"],
            volumes: volumes,
            names: &names
        )
        errors += ContainerValidation.validate(
            spec.elements(of: "ephemeralContainers"),
            path["ephemeralContainers"],
            volumes: volumes,
            names: &names
        )
        errors += Rules.oneOf(
            spec["restartPolicy"],
            ["Always", "OnFailure", "Never"],
            path["restartPolicy"]
        )
        errors += Rules.oneOf(
            spec["dnsPolicy"],
            ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
            path["dnsPolicy"]
        )
        errors += MetadataValidation.labels(spec["nodeSelector"], path["nodeSelector"])
        if spec["dnsPolicy"] == "None", spec.at("dnsConfig", "nameservers")?.array?.isEmpty ?? true {
            errors.append(
                .required(
                    path["dnsConfig"]["nameservers"],
                    "must provide at least one DNS nameserver when `dnsPolicy` is None"
                )
            )
        }
        for (index, secret) in spec.elements(of: "imagePullSecrets").enumerated() where secret.lacks("name") {
            _ = index
        }
        if let seconds = spec["activeDeadlineSeconds"]?.int, !(1...Int(Int32.max)).contains(seconds) {
            errors.append(
                .invalid(
                    path["activeDeadlineSeconds"],
                    .integer(Int64(seconds)),
                    "must be between 1 and 2147483647, inclusive"
                )
            )
        }
        errors += Rules.subdomain(spec["serviceAccountName"], path["serviceAccountName"])
        errors += Rules.subdomain(spec["nodeName"], path["nodeName"])
        errors += Rules.label(spec["hostname"], path["hostname"])
        errors += Rules.label(spec["subdomain"], path["subdomain"])
        errors += tolerations(spec.elements(of: "tolerations"), path["tolerations"])
        errors += Rules.nonNegative(spec, "terminationGracePeriodSeconds", path)
        errors += Rules.subdomain(spec["priorityClassName"], path["priorityClassName"])
        errors += spreadConstraints(
            spec.elements(of: "topologySpreadConstraints"),
            path["topologySpreadConstraints"]
        )
        return errors
    }

    private static func tolerations(_ tolerations: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, toleration) in tolerations.enumerated() {
            let place = path[index]
            let key = toleration["key"]?.string ?? ""
            let relation = toleration["operator"]?.string ?? ""
            if !key.isEmpty {
                for problem in NameRule.qualifiedNameProblems(key) {
                    errors.append(.invalid(place["key"], .string(key), problem))
                }
            } else if relation != "Exists" {
                errors.append(
                    .invalid(
                        place["operator"],
                        .string(relation),
                        "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
                    )
                )
            }
            if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
                errors.append(
                    .invalid(
                        place["effect"],
                        toleration["effect"] ?? "",
                        "effect must be 'NoExecute' when `tolerationSeconds` is set"
                    )
                )
            }
            switch relation {
            case "", "Equal":
                for problem in NameRule.labelValueProblems(toleration["value"]?.string ?? "") {
                    errors.append(.invalid(place["operator"], toleration["value"] ?? "", problem))
                }
            case "Exists":
                if !toleration.lacks("value") {
                    errors.append(
                        .invalid(
                            place["operator"],
                            .string(relation),
                            "value must be empty when `operator` is 'Exists'"
                        )
                    )
                }
            default: errors.append(.notSupported(place["operator"], .string(relation), ["Equal", "Exists"]))
            }
            if !toleration.lacks("effect") {
                errors += Rules.oneOf(
                    toleration["effect"],
                    ["NoSchedule", "PreferNoSchedule", "NoExecute"],
                    place["effect"]
                )
            }
        }
        return errors
    }

    private static func spreadConstraints(_ constraints: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, constraint) in constraints.enumerated() {
            let place = path[index]
            if let skew = constraint["maxSkew"]?.int, skew <= 0 {
                errors.append(.invalid(place["maxSkew"], .integer(Int64(skew)), "must be greater than zero"))
            }
            if constraint.lacks("topologyKey") {
                errors.append(.required(place["topologyKey"], "can not be empty"))
            }
            errors += Rules.oneOf(
                constraint["whenUnsatisfiable"] ?? "",
                ["DoNotSchedule", "ScheduleAnyway"],
                place["whenUnsatisfiable"]
            )
        }
        return errors
    }

    /// What may change in a pod's spec: images, the deadline, added tolerations, a shorter grace period.
    static func podUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var munged = object["spec"] ?? [:]
        let before = old["spec"] ?? [:]
        for list in ["containers", "initContainers"] {
            let images = before.elements(of: list).map { $0["image"] }
            if munged.elements(of: list).count != images.count {
                return [
                    .forbidden(
                        FieldPath("spec"),
                        "pod updates may not add or remove containers"
                    )
                ]
            }
            var index = 0
            munged.editElements(of: list) { container in
                container["image"] = images[index]
                index += 1
            }
        }
        for key in ["activeDeadlineSeconds", "terminationGracePeriodSeconds"] { munged[key] = before[key] }
        let tolerations = munged.elements(of: "tolerations")
        if before.elements(of: "tolerations").allSatisfy(tolerations.contains) {
            munged["tolerations"] = before["tolerations"]
        }
        if !before.elements(of: "schedulingGates").isEmpty {
            munged["schedulingGates"] = before["schedulingGates"]
        }
        guard munged != before else { return [] }
        return [
            .forbidden(
                FieldPath("spec"),
                "pod updates may not change fields other than `spec.containers[*].image`,"
                    + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions "
                    + "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
                    + "was previously negative)"
            )
        ]
    }
}
