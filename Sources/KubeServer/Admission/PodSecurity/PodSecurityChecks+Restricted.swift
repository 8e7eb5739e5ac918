import KubeModel

extension PodSecurityChecks {
    var allowPrivilegeEscalation: Violation? {
        if isWindows { return nil }
        let bad = names { $0.at("securityContext", "allowPrivilegeEscalation")?.bool != false }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "allowPrivilegeEscalation != false",
            detail: "\(Self.subject(bad)) must set securityContext.allowPrivilegeEscalation=false"
        )
    }

    var restrictedCapabilities: Violation? {
        if isWindows { return nil }
        let keeping = names { container in
            !(container.at("securityContext", "capabilities", "drop")?.array ?? []).contains("ALL")
        }
        func foreign(_ container: JSON) -> [String] {
            Self.added(container).filter { $0 != "NET_BIND_SERVICE" }
        }
        let adding = names { !foreign($0).isEmpty }
        var parts: [String] = []
        if !keeping.isEmpty {
            parts.append("\(Self.subject(keeping)) must set securityContext.capabilities.drop=[\"ALL\"]")
        }
        if !adding.isEmpty {
            parts.append(
                "\(Self.subject(adding)) must not include \(Self.set(containers.flatMap(foreign))) "
                    + "in securityContext.capabilities.add"
            )
        }
        return parts.isEmpty
            ? nil : Violation(reason: "unrestricted capabilities", detail: parts.joined(separator: "; "))
    }

    private static let allowedVolumes: Set<String> = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
        "projected", "secret",
    ]

    var restrictedVolumes: Violation? {
        var names: [String] = []
        var types: Set<String> = []
        for volume in spec.elements(of: "volumes") {
            let sources = (volume.object ?? [:]).filter { $0.key != "name" && !$0.value.isNull }.map(\.key)
            if sources.contains(where: Self.allowedVolumes.contains) { continue }
            names.append(volume["name"]?.string ?? "")
            types.insert(sources.min() ?? "unknown")
        }
        guard !names.isEmpty else { return nil }
        let kind = types.count == 1 ? "restricted volume type" : "restricted volume types"
        let subject =
            names.count == 1
            ? "volume \(Self.quoted(names)) uses" : "volumes \(Self.quoted(names)) use"
        return Violation(
            reason: "restricted volume types",
            detail: "\(subject) \(kind) \(Self.quoted(types.sorted()))"
        )
    }

    var runAsNonRoot: Violation? {
        if hasUserNamespace, minor >= 35 { return nil }
        let reason = "runAsNonRoot != true"
        let pod = spec.at("securityContext", "runAsNonRoot")?.bool
        func own(_ container: JSON) -> Bool? { container.at("securityContext", "runAsNonRoot")?.bool }
        if let setters = Self.setters(pod: pod == false, names { own($0) == false }) {
            return Violation(
                reason: reason,
                detail: "\(setters) must not set securityContext.runAsNonRoot=false"
            )
        }
        let silent = names { own($0) == nil }
        guard pod != true, !silent.isEmpty else { return nil }
        return Violation(
            reason: reason,
            detail: "pod or \(Self.subject(silent)) must set securityContext.runAsNonRoot=true"
        )
    }

    var runAsUser: Violation? {
        if hasUserNamespace, minor >= 35 { return nil }
        func isRoot(_ holder: JSON) -> Bool { holder.at("securityContext", "runAsUser")?.int == 0 }
        return Self.setters(pod: isRoot(spec), names(where: isRoot)).map {
            Violation(reason: "runAsUser=0", detail: "\($0) must not set runAsUser=0")
        }
    }
}
