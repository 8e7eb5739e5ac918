import KubeModel

/// Rules for the rights of pods and containers.
enum SecurityContextValidation {
    private static let ids = "must be between 0 and 2147483647, inclusive"

    static func pod(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let context = spec["securityContext"] ?? [:]
        let place = path["securityContext"]
        var errors: [FieldError] = []
        if spec["hostNetwork"]?.bool == true {
            errors += hostPorts(spec.elements(of: "containers"), path["containers"])
        }
        for key in ["fsGroup", "runAsUser", "runAsGroup"] { errors += id(context[key], place[key]) }
        for (index, group) in context.elements(of: "supplementalGroups").enumerated() {
            errors += id(group, place["supplementalGroups"][index])
        }
        if spec["shareProcessNamespace"]?.bool == true, spec["hostPID"]?.bool == true {
            errors.append(
                .invalid(
                    place["shareProcessNamespace"],
                    true,
                    "ShareProcessNamespace and HostPID cannot both be enabled"
                )
            )
        }
        errors += Rules.oneOf(
            context["fsGroupChangePolicy"],
            ["Always", "OnRootMismatch"],
            place["fsGroupChangePolicy"]
        )
        return errors + profile(context["seccompProfile"], place["seccompProfile"])
    }

    private static func hostPorts(_ containers: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, container) in containers.enumerated() {
            for (number, port) in container.elements(of: "ports").enumerated()
            where port["hostPort"] != port["containerPort"] {
                errors.append(
                    .invalid(
                        path[index]["ports"][number]["containerPort"],
                        port["containerPort"] ?? 0,
                        "must match `hostPort` when `hostNetwork` is true"
                    )
                )
            }
        }
        return errors
    }

    static func container(_ context: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if context["privileged"]?.bool == true {
            errors.append(.forbidden(path["privileged"], "disallowed by cluster policy"))
        }
        errors += id(context["runAsUser"], path["runAsUser"])
        errors += id(context["runAsGroup"], path["runAsGroup"])
        errors += Rules.oneOf(context["procMount"], ["Default", "Unmasked"], path["procMount"])
        return errors + profile(context["seccompProfile"], path["seccompProfile"])
    }

    private static func id(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let value, let number = value.int, !(0...Int(Int32.max)).contains(number) else { return [] }
        return [.invalid(path, value, ids)]
    }

    private static func profile(_ profile: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let profile else { return [] }
        let name = profile["localhostProfile"]
        switch profile["type"]?.string ?? "" {
        case "Localhost":
            guard name == nil else { return [] }
            return [.required(path["localhostProfile"], "must be set when seccomp type is Localhost")]
        case "RuntimeDefault", "Unconfined":
            guard let name else { return [] }
            return [
                .invalid(
                    path["localhostProfile"],
                    name,
                    "can only be set when seccomp type is Localhost"
                )
            ]
        case "": return [.required(path["type"], "type is required when seccompProfile is set")]
        default:
            let known = ["Localhost", "RuntimeDefault", "Unconfined"]
            return [.notSupported(path["type"], profile["type"] ?? "", known)]
        }
    }
}
