import KubeModel

/// Pod Security Standards, as the namespace's label `pod-security.kubernetes.io/enforce` asks for them.
struct PodSecurity: Sendable {
    let store: ClusterStore

    private static let label = "pod-security.kubernetes.io/enforce"

    func admit(_ pod: KubeObject, _ request: AdmissionRequest) throws {
        let key = ClusterStore.Key(resource: "namespaces", name: ObjectName(name: pod.namespace))
        guard let namespace = store.get(key), let level = namespace.label(Self.label),
            level == "baseline" || level == "restricted"
        else { return }
        if let old = request.old, old["spec"] == pod["spec"] { return }
        let spec = pod["spec"] ?? [:]
        var problems = Self.baseline(spec)
        if level == "restricted" { problems += Self.restricted(spec) }
        guard !problems.isEmpty else { return }
        let version = namespace.label("\(Self.label)-version") ?? "latest"
        throw request.forbidden(
            "violates PodSecurity \"\(level):\(version)\": " + problems.joined(separator: ", ")
        )
    }

    private static func containers(_ spec: JSON) -> [JSON] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { spec.elements(of: $0) }
    }

    /// `container "a" must …` or `containers "a", "b" must …`.
    private static func subject(_ names: [String]) -> String {
        let list = names.map(\.goQuoted).joined(separator: ", ")
        return names.count == 1 ? "container \(list)" : "containers \(list)"
    }

    private static func names(_ spec: JSON, where isBad: (JSON) -> Bool) -> [String] {
        containers(spec).filter(isBad).map { $0["name"]?.string ?? "" }
    }

    private static let baselineCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    private static func baseline(_ spec: JSON) -> [String] {
        var problems: [String] = []
        let host = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }
        if !host.isEmpty {
            problems.append("host namespaces (\(host.map { "\($0)=true" }.joined(separator: ", ")))")
        }
        let added = names(spec) { container in
            (container.at("securityContext", "capabilities", "add")?.array ?? [])
                .contains { !baselineCapabilities.contains($0.string ?? "") }
        }
        if !added.isEmpty {
            let list = containers(spec).flatMap {
                $0.at("securityContext", "capabilities", "add")?.array ?? []
            }
            .compactMap(\.string).filter { !baselineCapabilities.contains($0) }.map(\.goQuoted)
            problems.append(
                "non-default capabilities (\(subject(added)) must not include \(list.joined(separator: ", ")) in "
                    + "securityContext.capabilities.add)"
            )
        }
        let paths = spec.elements(of: "volumes").filter { $0["hostPath"] != nil }
            .map { ($0["name"]?.string ?? "").goQuoted }
        if !paths.isEmpty {
            let word = paths.count == 1 ? "volume" : "volumes"
            problems.append("hostPath volumes (\(word) \(paths.joined(separator: ", ")))")
        }
        let ports = names(spec) { container in
            container.elements(of: "ports").contains { ($0["hostPort"]?.int ?? 0) != 0 }
        }
        if !ports.isEmpty {
            let numbers = containers(spec).flatMap { $0.elements(of: "ports") }.compactMap {
                $0["hostPort"]?.int
            }
            .filter { $0 != 0 }.map(String.init)
            let verb = ports.count == 1 ? "uses" : "use"
            let word = numbers.count == 1 ? "hostPort" : "hostPorts"
            problems.append("hostPort (\(subject(ports)) \(verb) \(word) \(numbers.joined(separator: ", ")))")
        }
        let privileged = names(spec) { $0.at("securityContext", "privileged")?.bool == true }
        if !privileged.isEmpty {
            problems.append(
                "privileged (\(subject(privileged)) must not set securityContext.privileged=true)"
            )
        }
        return problems
    }

    private static func restricted(_ spec: JSON) -> [String] {
        var problems: [String] = []
        let escalating = names(spec) { $0.at("securityContext", "allowPrivilegeEscalation")?.bool != false }
        if !escalating.isEmpty {
            problems.append(
                "allowPrivilegeEscalation != false (\(subject(escalating)) must set "
                    + "securityContext.allowPrivilegeEscalation=false)"
            )
        }
        let capable = names(spec) { container in
            !(container.at("securityContext", "capabilities", "drop")?.array ?? []).contains("ALL")
        }
        if !capable.isEmpty {
            problems.append(
                "unrestricted capabilities (\(subject(capable)) must set securityContext.capabilities.drop=[\"ALL\"])"
            )
        }
        let podIsNonRoot = spec.at("securityContext", "runAsNonRoot")?.bool
        let root = names(spec) { container in
            (container.at("securityContext", "runAsNonRoot")?.bool ?? podIsNonRoot) != true
        }
        if !root.isEmpty {
            let who = "pod or \(subject(root))"
            problems.append("runAsNonRoot != true (\(who) must set securityContext.runAsNonRoot=true)")
        }
        let podProfile = spec.at("securityContext", "seccompProfile", "type")?.string
        let unconfined = names(spec) { container in
            let type = container.at("securityContext", "seccompProfile", "type")?.string ?? podProfile
            return type != "RuntimeDefault" && type != "Localhost"
        }
        if !unconfined.isEmpty {
            problems.append(
                "seccompProfile (pod or \(subject(unconfined)) must set securityContext.seccompProfile.type to "
                    + "\"RuntimeDefault\" or \"Localhost\")"
            )
        }
        return problems
    }
}
