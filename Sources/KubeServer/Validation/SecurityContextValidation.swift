import KubeModel

/// Rules for the rights of pods and containers.
enum SecurityContextValidation {
    private static let ids = "must be between 0 and 2147483647, inclusive"

    static func pod(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let context = spec["securityContext"] ?? [:]
        let place = path["securityContext"]
        var errors: [FieldError] = []
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
        errors += sysctls(context.elements(of: "sysctls"), spec, place["sysctls"])
        errors += Rules.oneOf(
            context["fsGroupChangePolicy"],
            ["Always", "OnRootMismatch"],
            place["fsGroupChangePolicy"]
        )
        errors += profile(context["seccompProfile"], place["seccompProfile"])
        errors += armor(context["appArmorProfile"], place["appArmorProfile"])
        errors += Rules.oneOf(
            context["supplementalGroupsPolicy"],
            ["Merge", "Strict"],
            place["supplementalGroupsPolicy"]
        )
        return errors
            + Rules.oneOf(
                context["seLinuxChangePolicy"],
                ["MountOption", "Recursive"],
                place["seLinuxChangePolicy"]
            )
    }

    /// Ports of pods in the network of their node.
    static func hostPorts(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
        guard spec["hostNetwork"]?.bool == true else { return [] }
        var errors: [FieldError] = []
        for (index, container) in spec.elements(of: "containers").enumerated() {
            for (number, port) in container.elements(of: "ports").enumerated()
            where port["hostPort"] != port["containerPort"] {
                errors.append(
                    .invalid(
                        path["containers"][index]["ports"][number]["hostPort"],
                        port["hostPort"] ?? 0,
                        "must match `containerPort` when `hostNetwork` is true"
                    )
                )
            }
        }
        return errors
    }

    private static func sysctls(_ settings: [JSON], _ spec: JSON, _ path: FieldPath) -> [FieldError] {
        let segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, setting) in settings.enumerated() {
            let place = path[index]["name"]
            let name = setting["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(place))
            } else if name.utf8.count > 253 || !isSetting(name) {
                let detail =
                    "must have at most 253 characters and match regex ^(\(segment)[\\./])*\(segment)$"
                errors.append(.invalid(place, .string(name), detail))
            } else if seen.contains(name) {
                errors.append(.duplicate(place, .string(name)))
            }
            if spec["hostNetwork"]?.bool == true, name.hasPrefix("net.") {
                let detail = "may not be specified when 'hostNetwork' is true"
                errors.append(.invalid(place, .string(name), detail))
            }
            if spec["hostIPC"]?.bool == true, name.hasPrefix("kernel.shm") || name.hasPrefix("fs.mqueue.") {
                let detail = "may not be specified when 'hostIPC' is true"
                errors.append(.invalid(place, .string(name), detail))
            }
            seen.insert(name)
        }
        return errors
    }

    private static func isSetting(_ name: String) -> Bool {
        name.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "/" })
            .allSatisfy { segment in
                let bytes = Array(segment.utf8)
                let isEnd = { (byte: UInt8?) in
                    byte.map { NameRule.isLower($0) || NameRule.isDigit($0) } == true
                }
                return isEnd(bytes.first) && isEnd(bytes.last)
                    && bytes.allSatisfy { isEnd($0) || $0 == 45 || $0 == 95 }
            }
    }

    static func container(_ context: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if context["privileged"]?.bool == true {
            errors.append(.forbidden(path["privileged"], "disallowed by cluster policy"))
        }
        errors += id(context["runAsUser"], path["runAsUser"])
        errors += id(context["runAsGroup"], path["runAsGroup"])
        errors += Rules.oneOf(context["procMount"], ["Default", "Unmasked"], path["procMount"])
        errors += profile(context["seccompProfile"], path["seccompProfile"])
        if context["allowPrivilegeEscalation"]?.bool == false {
            if context["privileged"]?.bool == true {
                let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
                errors.append(.invalid(path, rendered: shown(context), detail))
            }
            if context["capabilities"]?.elements(of: "add").contains("CAP_SYS_ADMIN") == true {
                let detail =
                    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
                errors.append(.invalid(path, rendered: shown(context), detail))
            }
        }
        return errors + armor(context["appArmorProfile"], path["appArmorProfile"])
    }

    /// As messages show a whole context: Go's names, in Go's order.
    private static func shown(_ context: JSON) -> String {
        GoStructure.record([
            ("Capabilities", GoStructure.record(context["capabilities"], ["Add": "add", "Drop": "drop"])),
            ("Privileged", GoStructure.value(context["privileged"])),
            (
                "SELinuxOptions",
                GoStructure.record(
                    context["seLinuxOptions"],
                    ["User": "user", "Role": "role", "Type": "type", "Level": "level"],
                    missing: "\"\""
                )
            ),
            ("WindowsOptions", GoStructure.value(context["windowsOptions"])),
            ("RunAsUser", GoStructure.value(context["runAsUser"])),
            ("RunAsGroup", GoStructure.value(context["runAsGroup"])),
            ("RunAsNonRoot", GoStructure.value(context["runAsNonRoot"])),
            ("ReadOnlyRootFilesystem", GoStructure.value(context["readOnlyRootFilesystem"])),
            ("AllowPrivilegeEscalation", GoStructure.value(context["allowPrivilegeEscalation"])),
            ("ProcMount", GoStructure.value(context["procMount"])),
            ("SeccompProfile", shown(profile: context["seccompProfile"])),
            ("AppArmorProfile", shown(profile: context["appArmorProfile"])),
        ])
    }

    private static func shown(profile: JSON?) -> String {
        GoStructure.record(profile, ["Type": "type", "LocalhostProfile": "localhostProfile"])
    }

    private static func armor(_ profile: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let profile else { return [] }
        let name = profile["localhostProfile"]
        let place = path["localhostProfile"]
        switch profile["type"]?.string ?? "" {
        case "Localhost":
            guard let text = name?.string, !text.allSatisfy(\.isWhitespace) else {
                return [.required(place, "must be set when AppArmor type is Localhost")]
            }
            let isPadded = text.first?.isWhitespace == true || text.last?.isWhitespace == true
            return isPadded ? [.invalid(place, .string(text), "must not be padded with whitespace")] : []
        case "RuntimeDefault", "Unconfined":
            return name.map { [.invalid(place, $0, "can only be set when AppArmor type is Localhost")] } ?? []
        case "": return [.required(path["type"], "type is required when appArmorProfile is set")]
        default:
            let known = ["Localhost", "RuntimeDefault", "Unconfined"]
            return [.notSupported(path["type"], profile["type"] ?? "", known)]
        }
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
            if let name { return VolumeSourceValidation.descending(name, path["localhostProfile"]) }
            return [.required(path["localhostProfile"], "must be set when seccomp type is Localhost")]
        case "RuntimeDefault", "Unconfined":
            guard name != nil else { return [] }
            return [
                .invalid(
                    path["localhostProfile"],
                    rendered: shown(profile: profile),
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
