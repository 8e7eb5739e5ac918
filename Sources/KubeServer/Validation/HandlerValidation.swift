import KubeModel

/// Rules for what is done to containers while they run: probes and hooks.
enum HandlerValidation {
    /// The hooks of a container of a pod with this spec.
    static func hooks(_ container: JSON, _ parent: FieldPath, _ spec: JSON) -> [FieldError] {
        guard let lifecycle = container["lifecycle"] else { return [] }
        let path = parent["lifecycle"]
        var errors: [FieldError] = []
        for hook in ["postStart", "preStop"] {
            guard let action = lifecycle[hook] else { continue }
            errors += handler(action, path[hook])
            if let seconds = action.at("sleep", "seconds"), let sleep = seconds.int,
                let grace = spec["terminationGracePeriodSeconds"]?.int, sleep < 0 || sleep > grace
            {
                let detail = "must be non-negative and less than terminationGracePeriodSeconds (\(grace))"
                errors.append(.invalid(path[hook]["sleep"], seconds, detail))
            }
        }
        if lifecycle["stopSignal"] != nil, spec["os"] == nil {
            let detail = "may not be set for containers with empty `spec.os.name`"
            errors.append(.forbidden(path["stopSignal"], detail))
        }
        return errors
    }

    /// The three probes of a container.
    static func probes(_ container: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let probe = container[name] else { continue }
            errors += self.probe(probe, path[name])
            if name == "readinessProbe" {
                if let grace = probe["terminationGracePeriodSeconds"] {
                    let place = path[name]["terminationGracePeriodSeconds"]
                    errors.append(.invalid(place, grace, "must not be set for readinessProbes"))
                }
            } else if let threshold = probe["successThreshold"], threshold != 1 {
                errors.append(.invalid(path[name]["successThreshold"], threshold, "must be 1"))
            }
        }
        return errors
    }

    private static func probe(_ probe: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = handler(probe, path)
        let numbers = [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
        ]
        errors += Rules.nonNegative(probe, numbers, path)
        if let grace = probe["terminationGracePeriodSeconds"]?.int, grace <= 0 {
            errors.append(
                .invalid(
                    path["terminationGracePeriodSeconds"],
                    .integer(Int64(grace)),
                    "must be greater than 0"
                )
            )
        }
        return errors
    }

    /// Exactly one way to reach the container.
    private static func handler(_ handler: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var count = 0
        for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
            guard let action = handler[kind] else { continue }
            count += 1
            if count > 1 {
                errors.append(.forbidden(path[kind], "may not specify more than 1 handler type"))
            } else {
                errors += self.action(kind, action, path[kind])
            }
        }
        if count == 0 { errors.append(.required(path, "must specify a handler type")) }
        return errors
    }

    private static func action(_ kind: String, _ action: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        switch kind {
        case "exec":
            if action.elements(of: "command").isEmpty { errors.append(.required(path["command"])) }
        case "httpGet":
            if action.lacks("path") { errors.append(.required(path["path"])) }
            errors += Rules.portOrName(action["port"], path["port"])
            errors += Rules.oneOf(action["scheme"], ["HTTP", "HTTPS"], path["scheme"])
            for header in action.elements(of: "httpHeaders") {
                let name = header["name"]?.string ?? ""
                let isValid =
                    !name.isEmpty && name.utf8.allSatisfy { NameRule.isAlphanumeric($0) || $0 == 45 }
                guard !isValid else { continue }
                errors.append(
                    .invalid(
                        path["httpHeaders"],
                        .string(name),
                        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                            + "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
                    )
                )
            }
        case "tcpSocket", "grpc": errors += Rules.portOrName(action["port"], path["port"])
        default: break
        }
        return errors
    }
}
