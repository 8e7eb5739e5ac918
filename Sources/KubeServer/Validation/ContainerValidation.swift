import KubeModel

enum ContainerValidation {
    /// - Parameter names: Of containers seen so far; a pod's containers of all sorts share them.
    static func validate(
        _ containers: [JSON],
        _ path: FieldPath,
        volumes: Set<String>,
        names: inout Set<String>
    ) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, container) in containers.enumerated() {
            errors += validate(container, path[index], volumes: volumes, names: &names)
        }
        return errors
    }

    private static func validate(
        _ container: JSON,
        _ path: FieldPath,
        volumes: Set<String>,
        names: inout Set<String>
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let name = container["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required(path["name"]))
        } else {
            errors += Rules.label(.string(name), path["name"])
        }
        if !name.isEmpty, !names.insert(name).inserted {
            errors.append(.duplicate(path["name"], .string(name)))
        }
        let image = container["image"]?.string ?? ""
        if image.isEmpty {
            errors.append(.required(path["image"]))
        } else if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
            errors.append(
                .invalid(path["image"], .string(image), "must not have leading or trailing whitespace")
            )
        }
        errors += ports(container.elements(of: "ports"), path["ports"])
        errors += environment(container.elements(of: "env"), path["env"])
        errors += mounts(container.elements(of: "volumeMounts"), path["volumeMounts"], volumes: volumes)
        errors += Rules.oneOf(
            container["imagePullPolicy"],
            ["Always", "IfNotPresent", "Never"],
            path["imagePullPolicy"]
        )
        errors += Rules.oneOf(
            container["terminationMessagePolicy"],
            ["FallbackToLogsOnError", "File"],
            path["terminationMessagePolicy"]
        )
        errors += resources(container["resources"] ?? [:], path["resources"])
        if container.at("securityContext", "privileged")?.bool == true {
            errors.append(.forbidden(path["securityContext"]["privileged"], "disallowed by cluster policy"))
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let value = container[probe] else { continue }
            errors += self.probe(value, path[probe], mustSucceedOnce: probe != "readinessProbe")
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

    private static func environment(_ variables: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, variable) in variables.enumerated() {
            let place = path[index]
            let name = variable["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(place["name"]))
            } else if !name.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }) {
                errors.append(
                    .invalid(
                        place["name"],
                        .string(name),
                        "a valid environment variable name must consist only of printable ASCII characters other "
                            + "than '=', (e.g. 'my-name',  or 'MY.NAME',  or 'MyName', regex used for validation is "
                            + "'[ -<>-~]+')"
                    )
                )
            }
            guard let source = variable["valueFrom"] else { continue }
            let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
            let given = kinds.filter { source[$0] != nil }
            if given.isEmpty {
                errors.append(
                    .invalid(
                        place["valueFrom"],
                        "",
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                            + "`fileKeyRef`"
                    )
                )
            } else if !variable.lacks("value") {
                errors.append(
                    .invalid(place["valueFrom"], "", "may not be specified when `value` is not empty")
                )
            } else if given.count > 1 {
                errors.append(
                    .invalid(place["valueFrom"], "", "may not have more than one field specified at a time")
                )
            }
            for kind in ["configMapKeyRef", "secretKeyRef"] {
                guard let reference = source[kind], reference.lacks("key") else { continue }
                errors.append(.required(place["valueFrom"][kind]["key"]))
            }
        }
        return errors
    }

    private static func mounts(_ mounts: [JSON], _ path: FieldPath, volumes: Set<String>) -> [FieldError] {
        var errors: [FieldError] = []
        var paths: Set<String> = []
        for (index, mount) in mounts.enumerated() {
            let place = path[index]
            if mount.lacks("name") {
                errors.append(.required(place["name"]))
            } else if !volumes.contains(mount["name"]?.string ?? "") {
                errors.append(.notFound(place["name"], mount["name"] ?? ""))
            }
            let target = mount["mountPath"]?.string ?? ""
            if target.isEmpty { errors.append(.required(place["mountPath"])) }
            if !paths.insert(target).inserted {
                errors.append(.invalid(place["mountPath"], .string(target), "must be unique"))
            }
            if !mount.lacks("subPath"), !mount.lacks("subPathExpr") {
                errors.append(
                    .invalid(
                        place["subPathExpr"],
                        mount["subPathExpr"] ?? "",
                        "subPathExpr and subPath are mutually exclusive"
                    )
                )
            }
        }
        return errors
    }

    static func resources(_ resources: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let limits = resources["limits"]?.object ?? [:]
        let requests = resources["requests"]?.object ?? [:]
        for (name, amount) in limits {
            errors += resourceName(name, path["limits"].key(name))
            errors += Rules.quantity(amount, path["limits"].key(name))
        }
        for (name, amount) in requests {
            errors += resourceName(name, path["requests"].key(name))
            errors += Rules.quantity(amount, path["requests"].key(name))
            guard let limit = limits[name]?.string, let text = amount.string else { continue }
            if QuantityText.compare(text, limit) > 0 {
                errors.append(
                    .invalid(
                        path["requests"],
                        amount,
                        "must be less than or equal to \(name) limit of \(limit)"
                    )
                )
            }
        }
        return errors
    }

    private static func resourceName(_ name: String, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = NameRule.qualifiedNameProblems(name).map {
            .invalid(path, .string(name), $0)
        }
        let standard = ["cpu", "memory", "ephemeral-storage", "storage"]
        if !name.contains("/"), !standard.contains(name), !name.hasPrefix("hugepages-") {
            errors.append(
                .invalid(path, .string(name), "must be a standard resource type or fully qualified")
            )
            errors.append(.invalid(path, .string(name), "must be a standard resource for containers"))
        }
        return errors
    }

    private static func probe(_ probe: JSON, _ path: FieldPath, mustSucceedOnce: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        let handlers = ["exec", "httpGet", "tcpSocket", "grpc"].filter { probe[$0] != nil }
        if handlers.isEmpty { errors.append(.required(path, "must specify a handler type")) }
        for extra in handlers.dropFirst() {
            errors.append(.forbidden(path[extra], "may not specify more than 1 handler type"))
        }
        if let exec = probe["exec"], exec.elements(of: "command").isEmpty {
            errors.append(.required(path["exec"]["command"]))
        }
        if let get = probe["httpGet"] {
            if get.lacks("path") { errors.append(.required(path["httpGet"]["path"])) }
            errors += Rules.portOrName(get["port"], path["httpGet"]["port"])
            errors += Rules.oneOf(get["scheme"], ["HTTP", "HTTPS"], path["httpGet"]["scheme"])
        }
        if let socket = probe["tcpSocket"] {
            errors += Rules.portOrName(socket["port"], path["tcpSocket"]["port"])
        }
        errors += Rules.nonNegative(
            probe,
            [
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
                "failureThreshold",
            ],
            path
        )
        if mustSucceedOnce, let threshold = probe["successThreshold"], threshold != 1 {
            errors.append(.invalid(path["successThreshold"], threshold, "must be 1"))
        }
        return errors
    }
}
