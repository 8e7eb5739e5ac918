import KubeModel

/// Rules for pods and pod templates.
enum PodValidation {
    static func pod(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors = self.spec(spec, path)
        // What holds for pods but, for the sake of old objects, not for templates.
        if spec.lacks("serviceAccountName") {
            for (index, volume) in spec.elements(of: "volumes").enumerated() {
                let sources = volume["projected"]?.elements(of: "sources") ?? []
                for (number, source) in sources.enumerated() where source["serviceAccountToken"] != nil {
                    let place = path["volumes"][index]["projected"]["sources"][number]["serviceAccountToken"]
                    let detail = "must not be specified when serviceAccountName is not set"
                    errors.append(.forbidden(place, detail))
                }
            }
        }
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            errors += ContainerValidation.images(spec.elements(of: list), path[list])
        }
        return errors
    }

    /// What holds besides for a pod that is new.
    static func newPod(_ object: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        let spec = object["spec"] ?? [:]
        var errors: [FieldError] = []
        if !spec.elements(of: "ephemeralContainers").isEmpty {
            errors.append(.forbidden(path["ephemeralContainers"], "cannot be set on create"))
        }
        if !spec.lacks("nodeName"), !spec.elements(of: "schedulingGates").isEmpty {
            errors.append(
                .forbidden(path["nodeName"], "cannot be set until all schedulingGates have been cleared")
            )
        }
        return errors
    }

    /// - Parameter claims: Names that mounts may use beside the volumes: those of a StatefulSet's claim templates.
    static func template(_ template: JSON, _ path: FieldPath, claims: [String] = []) -> [FieldError] {
        let spec = template["spec"] ?? [:]
        var errors =
            MetadataValidation.labels(template.at("metadata", "labels"), path["labels"])
            + MetadataValidation.annotations(template.at("metadata", "annotations"), path["annotations"])
            + self.spec(spec, path["spec"], claims: claims)
        if !spec.elements(of: "ephemeralContainers").isEmpty {
            errors.append(
                .forbidden(
                    path["spec"]["ephemeralContainers"],
                    "ephemeral containers not allowed in pod template"
                )
            )
        }
        return errors
    }

    static func spec(_ spec: JSON, _ path: FieldPath, claims: [String] = []) -> [FieldError] {
        var errors: [FieldError] = []
        var volumes = VolumeValidation.validate(spec.elements(of: "volumes"), path["volumes"], &errors)
        for claim in claims { volumes[claim] = "persistentVolumeClaim" }
        errors += ContainerValidation.validate(spec, path, volumes: volumes)
        errors += SecurityContextValidation.hostPorts(spec, path)
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
        errors += SecurityContextValidation.pod(spec, path)
        errors += SchedulingValidation.affinity(spec["affinity"] ?? [:], path["affinity"])
        errors += nameResolution(spec, path["dnsConfig"])
        for (index, gate) in spec.elements(of: "readinessGates").enumerated() {
            let place = path["readinessGates"][index]["conditionType"]
            errors += Rules.qualifiedName(gate["conditionType"], place)
        }
        errors += SchedulingValidation.gates(spec.elements(of: "schedulingGates"), path["schedulingGates"])
        errors += SchedulingValidation.spreadConstraints(
            spec.elements(of: "topologySpreadConstraints"),
            path["topologySpreadConstraints"]
        )
        errors += Rules.subdomain(given: spec["serviceAccountName"], path["serviceAccountName"])
        errors += Rules.subdomain(given: spec["nodeName"], path["nodeName"])
        if let seconds = spec["activeDeadlineSeconds"]?.int, !(1...Int(Int32.max)).contains(seconds) {
            errors.append(
                .invalid(
                    path["activeDeadlineSeconds"],
                    .integer(Int64(seconds)),
                    "must be between 1 and 2147483647, inclusive"
                )
            )
        }
        if !spec.lacks("hostname") { errors += Rules.label(spec["hostname"], path["hostname"]) }
        if !spec.lacks("subdomain") { errors += Rules.label(spec["subdomain"], path["subdomain"]) }
        errors += SchedulingValidation.tolerations(spec.elements(of: "tolerations"), path["tolerations"])
        errors += hostAliases(spec.elements(of: "hostAliases"), path["hostAliases"])
        errors += Rules.subdomain(given: spec["priorityClassName"], path["priorityClassName"])
        errors += Rules.subdomain(given: spec["runtimeClassName"], path["runtimeClassName"])
        errors += Rules.oneOf(
            spec["preemptionPolicy"],
            ["PreemptLowerPriority", "Never"],
            path["preemptionPolicy"]
        )
        if let overhead = spec["overhead"] {
            errors += ResourceValidation.requirements(["limits": overhead], path["overhead"])
        }
        if let system = spec["os"] {
            if system.lacks("name") {
                errors.append(.required(path["os"]["name"]))
            } else {
                errors += Rules.oneOf(system["name"], ["linux", "windows"], path["os"]["name"])
                errors += OperatingSystemValidation.pod(spec, path)
            }
        }
        return errors
    }

    private static func nameResolution(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let config = spec["dnsConfig"]
        let servers = config?.elements(of: "nameservers") ?? []
        var errors: [FieldError] = []
        if spec["dnsPolicy"] == "None", servers.isEmpty {
            let place = config == nil ? path : path["nameservers"]
            let detail =
                config == nil
                ? "must provide `dnsConfig` when `dnsPolicy` is None"
                : "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [.required(place, detail)]
        }
        if servers.count > 3 {
            errors.append(
                .invalid(path["nameservers"], .array(servers), "must not have more than 3 nameservers")
            )
        }
        for (index, server) in servers.enumerated() {
            errors += Rules.address(server, path["nameservers"][index])
        }
        for (index, domain) in (config?.elements(of: "searches") ?? []).enumerated() {
            errors += search(domain, path["searches"][index])
        }
        for (index, option) in (config?.elements(of: "options") ?? []).enumerated() where option.lacks("name")
        {
            errors.append(.required(path["options"][index], "must not be empty"))
        }
        return errors
    }

    /// A domain to search in; it may end with a dot and have underscores.
    private static func search(_ domain: JSON, _ path: FieldPath) -> [FieldError] {
        guard var text = domain.string, text != "." else { return [] }
        if text.hasSuffix(".") { text.removeLast() }
        let dashed = text.replacing("_", with: "a")
        guard !NameRule.subdomain.problems(of: dashed).isEmpty else { return [] }
        let detail =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            + "'[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*')"
        return [.invalid(path, .string(text), detail)]
    }

    private static func hostAliases(_ aliases: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, alias) in aliases.enumerated() {
            errors += Rules.address(alias["ip"] ?? "", path[index]["ip"])
            for (number, name) in alias.elements(of: "hostnames").enumerated() {
                errors += Rules.subdomain(name, path[index]["hostnames"][number])
            }
        }
        return errors
    }

    /// What may change in a pod's spec: images, the deadline, added tolerations, a shorter grace period.
    static func podUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        var munged = object["spec"] ?? [:]
        let before = old["spec"] ?? [:]
        for list in ["containers", "initContainers"] {
            let images = before.elements(of: list).map { $0["image"] }
            if munged.elements(of: list).count != images.count {
                return [.forbidden(path[list], "pod updates may not add or remove containers")]
            }
            var index = 0
            munged.editElements(of: list) { container in
                container["image"] = images[index]
                index += 1
            }
        }
        var errors = deadlineUpdate(munged, before, path["activeDeadlineSeconds"])
        munged["activeDeadlineSeconds"] = before["activeDeadlineSeconds"]
        if munged["terminationGracePeriodSeconds"] == 1,
            before["terminationGracePeriodSeconds"]?.int ?? 0 < 0
        {
            munged["terminationGracePeriodSeconds"] = before["terminationGracePeriodSeconds"]
        }
        let tolerations = munged.elements(of: "tolerations")
        let known = before.elements(of: "tolerations")
        let isKept = { (toleration: JSON) in
            tolerations.contains { candidate in
                var candidate = candidate
                candidate["tolerationSeconds"] = toleration["tolerationSeconds"]
                return candidate == toleration
            }
        }
        if !known.allSatisfy(isKept) {
            errors.append(
                .forbidden(
                    path["tolerations"],
                    "existing toleration can not be modified except its tolerationSeconds"
                )
            )
        }
        munged["tolerations"] = before["tolerations"]
        if !before.elements(of: "schedulingGates").isEmpty {
            let gates = before.elements(of: "schedulingGates")
            for (index, gate) in munged.elements(of: "schedulingGates").enumerated()
            where !gates.contains(gate) {
                let place = path["schedulingGates"][index]["name"]
                let name = gate["name"]?.string ?? ""
                let detail = "only deletion is allowed, but found new scheduling gate '\(name)'"
                errors.append(.forbidden(place, detail))
            }
            munged["schedulingGates"] = before["schedulingGates"]
            munged["nodeSelector"] = before["nodeSelector"]
        }
        for list in ["containers", "initContainers"] {
            let images = ContainerValidation.images((object["spec"] ?? [:]).elements(of: list), path[list])
            errors += images
            for (index, container) in (object["spec"] ?? [:]).elements(of: list).enumerated()
            where container.lacks("image") {
                errors.append(.required(path[list][index]["image"]))
            }
        }
        guard munged == before else { return errors + [immutable(munged, before)] }
        return errors
    }

    /// Ephemeral containers come, but do not go or change.
    static func ephemeralContainersUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let path = FieldPath("spec")
        var errors = pod(object)
        let containers = object.at("spec", "ephemeralContainers")?.array ?? []
        for before in old.at("spec", "ephemeralContainers")?.array ?? [] {
            let after = containers.first { $0["name"] == before["name"] }
            guard after != before else { continue }
            let fate = after == nil ? "removed" : "changed"
            let name = (before["name"]?.string ?? "").goQuoted
            let detail = "existing ephemeral containers \(name) may not be \(fate)\n"
            errors.append(.forbidden(path["ephemeralContainers"], detail))
        }
        return errors
    }

    private static func deadlineUpdate(_ new: JSON, _ old: JSON, _ path: FieldPath) -> [FieldError] {
        guard let before = old["activeDeadlineSeconds"]?.int else {
            guard let after = new["activeDeadlineSeconds"]?.int, !(1...Int(Int32.max)).contains(after) else {
                return []
            }
            return [
                .invalid(path, .integer(Int64(after)), "must be between 1 and 2147483647, inclusive")
            ]
        }
        guard let after = new["activeDeadlineSeconds"]?.int else {
            return [.invalid(path, .null, "must not update from a positive integer to nil value")]
        }
        if after > before {
            return [
                .invalid(
                    path,
                    .integer(Int64(after)),
                    "must be less than or equal to previous value"
                )
            ]
        }
        return Rules.nonNegative(new, "activeDeadlineSeconds", FieldPath("spec"))
    }

    private static func immutable(_ new: JSON, _ old: JSON) -> FieldError {
        .forbidden(
            FieldPath("spec"),
            "pod updates may not change fields other than `spec.containers[*].image`,"
                + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions "
                + "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
                + "was previously negative)"
        )
    }
}
