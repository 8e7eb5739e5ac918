import KubeModel

/// Rules for the containers of a pod.
enum ContainerValidation {
    /// All containers of a pod, of all sorts; their names are different.
    static func validate(_ spec: JSON, _ path: FieldPath, volumes: [String: String]) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        let containers = spec.elements(of: "containers")
        if containers.isEmpty { errors.append(.required(path["containers"])) }
        for (index, container) in containers.enumerated() {
            let place = path["containers"][index]
            errors += common(container, place, volumes, &names)
            errors += HandlerValidation.hooks(container, place, spec)
            errors += HandlerValidation.probes(container, place)
            errors += restarts(container, place)
        }
        errors += hostPortConflicts(containers, path["containers"])
        for (index, container) in spec.elements(of: "initContainers").enumerated() {
            let place = path["initContainers"][index]
            errors += common(container, place, volumes, &names)
            errors += restarts(container, place)
            if container["restartPolicy"] == "Always" {
                errors += HandlerValidation.hooks(container, place, spec)
                errors += HandlerValidation.probes(container, place)
                continue
            }
            for key in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
            where container[key] != nil {
                errors.append(
                    .forbidden(place[key], "may not be set for init containers without restartPolicy=Always")
                )
            }
        }
        errors += hostPortConflicts(spec.elements(of: "initContainers"), path["initContainers"])
        for (index, container) in spec.elements(of: "ephemeralContainers").enumerated() {
            let place = path["ephemeralContainers"][index]
            errors += common(container, place, volumes, &names)
            errors += target(container, place, spec)
            for key in ["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"]
            where container[key] != nil && container[key] != [:] {
                errors.append(.forbidden(place[key], "cannot be set for an Ephemeral Container"))
            }
        }
        return errors
    }

    private static func restarts(_ container: JSON, _ path: FieldPath) -> [FieldError] {
        Rules.oneOf(container["restartPolicy"], ["Always", "Never", "OnFailure"], path["restartPolicy"])
    }

    /// The container that an ephemeral one looks into.
    private static func target(_ container: JSON, _ path: FieldPath, _ spec: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if let target = container["targetContainerName"], target != "" {
            let others = spec.elements(of: "containers") + spec.elements(of: "initContainers")
            if !others.contains(where: { $0["name"] == target }) {
                errors.append(.notFound(path["targetContainerName"], target))
            }
        }
        for (index, mount) in container.elements(of: "volumeMounts").enumerated() {
            for key in ["subPath", "subPathExpr"] where !mount.lacks(key) {
                let place = path["volumeMounts"][index][key]
                errors.append(.forbidden(place, "cannot be set for an Ephemeral Container"))
            }
        }
        return errors
    }

    /// Images without blanks around them.
    static func images(_ containers: [JSON], _ path: FieldPath) -> [FieldError] {
        containers.enumerated().compactMap { index, container in
            guard let image = container["image"]?.string,
                image.first?.isWhitespace == true || image.last?.isWhitespace == true
            else { return nil }
            let place = path[index]["image"]
            return .invalid(place, .string(image), "must not have leading or trailing whitespace")
        }
    }

    private static func common(
        _ container: JSON,
        _ path: FieldPath,
        _ volumes: [String: String],
        _ names: inout Set<String>
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let name = container["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required(path["name"]))
        } else {
            errors += Rules.label(.string(name), path["name"])
        }
        if container.lacks("image") { errors.append(.required(path["image"])) }
        errors += Rules.oneOf(
            container["terminationMessagePolicy"],
            ["File", "FallbackToLogsOnError"],
            path["terminationMessagePolicy"]
        )
        errors += ports(container.elements(of: "ports"), path["ports"])
        errors += EnvironmentValidation.variables(container.elements(of: "env"), path["env"])
        errors += EnvironmentValidation.sources(container.elements(of: "envFrom"), path["envFrom"])
        errors += VolumeValidation.uses(container, path, volumes: volumes)
        errors += Rules.oneOf(
            container["imagePullPolicy"],
            ["Always", "IfNotPresent", "Never"],
            path["imagePullPolicy"]
        )
        errors += ResourceValidation.requirements(container["resources"] ?? [:], path["resources"])
        errors += ResourceValidation.resizing(container.elements(of: "resizePolicy"), path["resizePolicy"])
        errors += SecurityContextValidation.container(
            container["securityContext"] ?? [:],
            path["securityContext"]
        )
        if !name.isEmpty, !names.insert(name).inserted {
            errors.append(.duplicate(path["name"], .string(name)))
        }
        return errors
    }

    private static func ports(_ ports: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let place = path[index]
            if let name = port["name"]?.string, !name.isEmpty {
                let problems = Rules.portName(name, place["name"])
                errors += problems
                if problems.isEmpty, !names.insert(name).inserted {
                    errors.append(.duplicate(place["name"], .string(name)))
                }
            }
            if port["containerPort"] == nil || port["containerPort"] == 0 {
                errors.append(.required(place["containerPort"]))
            } else {
                errors += Rules.port(port["containerPort"], place["containerPort"])
            }
            if let host = port["hostPort"], host != 0 { errors += Rules.port(host, place["hostPort"]) }
            if port.lacks("protocol") {
                errors.append(.required(place["protocol"]))
            } else {
                errors += Rules.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], place["protocol"])
            }
        }
        return errors
    }

    private static func hostPortConflicts(_ containers: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, container) in containers.enumerated() {
            for (number, port) in container.elements(of: "ports").enumerated() {
                guard let host = port["hostPort"]?.int, host != 0 else { continue }
                let address = port["hostIP"]?.string ?? ""
                let text = "\(port["protocol"]?.string ?? "")/\(address)/\(host)"
                guard !seen.insert(text).inserted else { continue }
                errors.append(.duplicate(path[index]["ports"][number]["hostPort"], .string(text)))
            }
        }
        return errors
    }
}

/// Rules for what containers ask for and may use.
enum ResourceValidation {
    private static let standard: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "storage", "pods", "services", "replicationcontrollers",
        "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims", "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory",
        "limits.ephemeral-storage", "services.nodeports", "services.loadbalancers",
    ]

    static func isStandard(_ name: String) -> Bool { standard.contains(name) }

    static func requirements(_ resources: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let limits = resources["limits"]?.object ?? [:]
        for (name, amount) in limits { errors += entry(name, amount, path["limits"].key(name)) }
        for (name, amount) in resources["requests"]?.object ?? [:] {
            errors += entry(name, amount, path["requests"].key(name))
            let isFlexible = isNative(name) && !name.hasPrefix("hugepages-")
            guard let limit = limits[name]?.string, let text = amount.string else {
                if !isFlexible {
                    errors.append(
                        .required(path["limits"], "Limit must be set for non overcommitable resources")
                    )
                }
                continue
            }
            let order = QuantityText.compare(text, limit)
            if order != 0, !isFlexible {
                let detail = "must be equal to \(name) limit of \(limit)"
                errors.append(.invalid(path["requests"], amount, detail))
            } else if order > 0 {
                let detail = "must be less than or equal to \(name) limit of \(limit)"
                errors.append(.invalid(path["requests"], amount, detail))
            }
        }
        return errors
    }

    static func resizing(_ policies: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, policy) in policies.enumerated() {
            let name = policy["resourceName"] ?? ""
            if !seen.insert(name.string ?? "").inserted { errors.append(.duplicate(path[index], name)) }
            if name == "" {
                errors.append(.required(path))
            } else {
                errors += Rules.oneOf(name, ["cpu", "memory"], path)
            }
            if policy.lacks("restartPolicy") {
                errors.append(.required(path))
            } else {
                errors += Rules.oneOf(policy["restartPolicy"], ["NotRequired", "RestartContainer"], path)
            }
        }
        return errors
    }

    private static func isNative(_ name: String) -> Bool {
        !name.contains("/") || name.contains("kubernetes.io/")
    }

    private static func entry(_ name: String, _ amount: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = NameRule.qualifiedNameProblems(name).map {
            .invalid(path, .string(name), $0)
        }
        if errors.isEmpty, !name.contains("/"), !name.hasPrefix("hugepages-") {
            if !standard.contains(name) {
                errors.append(
                    .invalid(path, .string(name), "must be a standard resource type or fully qualified")
                )
            }
            if !["cpu", "memory", "ephemeral-storage"].contains(name) {
                errors.append(.invalid(path, .string(name), "must be a standard resource for containers"))
            }
        }
        if errors.isEmpty, !isNative(name), name.hasPrefix("requests.") {
            let detail = "doesn't follow extended resource name standard"
            return [.invalid(path, .string(name), detail)]
        }
        errors += Rules.quantity(amount, path)
        if !isNative(name), let text = amount.string, let value = QuantityText(text),
            value.nanos % 1_000_000_000 != 0
        {
            errors.append(.invalid(path, amount, "must be an integer"))
        }
        return errors
    }
}
