import KubeModel

extension PodSecurityChecks {
    var appArmorProfile: Violation? {
        func isBad(_ context: JSON?) -> Bool {
            guard let type = context?.at("appArmorProfile", "type")?.string else { return false }
            return type != "RuntimeDefault" && type != "Localhost"
        }
        let pod = isBad(spec["securityContext"])
        let bad = names { isBad($0["securityContext"]) }
        var values = Set(
            ([spec] + containers).map { $0["securityContext"] }.filter(isBad)
                .compactMap { $0?.at("appArmorProfile", "type")?.string }
        ).sorted()
        let prefix = "container.apparmor.security.beta.kubernetes.io/"
        let noted = annotations.filter { key, value in
            key.hasPrefix(prefix) && !value.isEmpty && value != "runtime/default"
                && !value.hasPrefix("localhost/")
        }
        .map { "\($0)=\($1.goQuoted)" }.sorted()
        values += noted
        var setters = Self.setters(pod: pod, bad).map { [$0] } ?? []
        if !noted.isEmpty { setters.append(noted.count == 1 ? "annotation" : "annotations") }
        guard !setters.isEmpty else { return nil }
        return Violation(
            reason: values.count == 1 ? "forbidden AppArmor profile" : "forbidden AppArmor profiles",
            detail: "\(setters.joined(separator: " and ")) must not set AppArmor profile type to "
                + Self.quoted(values)
        )
    }

    private static let capabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    static func added(_ container: JSON) -> [String] {
        (container.at("securityContext", "capabilities", "add")?.array ?? []).compactMap(\.string)
    }

    var baselineCapabilities: Violation? {
        func foreign(_ container: JSON) -> [String] {
            Self.added(container).filter { !Self.capabilities.contains($0) }
        }
        let bad = names { !foreign($0).isEmpty }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "non-default capabilities",
            detail: "\(Self.subject(bad)) must not include \(Self.set(containers.flatMap(foreign))) "
                + "in securityContext.capabilities.add"
        )
    }

    var hostNamespaces: Violation? {
        let set = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }
        guard !set.isEmpty else { return nil }
        return Violation(
            reason: "host namespaces",
            detail: set.map { "\($0)=true" }.joined(separator: ", ")
        )
    }

    var hostPathVolumes: Violation? {
        let names = spec.elements(of: "volumes").filter { $0["hostPath"] != nil }
            .map { $0["name"]?.string ?? "" }
        guard !names.isEmpty else { return nil }
        return Violation(
            reason: "hostPath volumes",
            detail: (names.count == 1 ? "volume " : "volumes ") + Self.quoted(names)
        )
    }

    var hostPorts: Violation? {
        func ports(_ container: JSON) -> [String] {
            container.elements(of: "ports").compactMap { $0["hostPort"]?.int }.filter { $0 != 0 }
                .map { String($0) }
        }
        let bad = names { !ports($0).isEmpty }
        guard !bad.isEmpty else { return nil }
        let numbers = Set(containers.flatMap(ports)).sorted()
        let verb = bad.count == 1 ? "uses" : "use"
        let word = numbers.count == 1 ? "hostPort" : "hostPorts"
        return Violation(
            reason: "hostPort",
            detail: "\(Self.subject(bad)) \(verb) \(word) \(numbers.joined(separator: ", "))"
        )
    }

    var hostProbes: Violation? {
        guard minor >= 34 else { return nil }
        func hosts(_ container: JSON) -> [String] {
            let handlers =
                ["livenessProbe", "readinessProbe", "startupProbe"].map { container[$0] }
                + ["postStart", "preStop"].map { container.at("lifecycle", $0) }
            return handlers.flatMap { handler in
                ["httpGet", "tcpSocket"].compactMap { handler?.at($0, "host")?.string }.filter { !$0.isEmpty }
            }
        }
        let bad = Set(names { !hosts($0).isEmpty }).sorted()
        guard !bad.isEmpty else { return nil }
        let found = Set(containers.flatMap(hosts)).sorted()
        let words = found.count == 1 ? "probe or lifecycle host" : "probe or lifecycle hosts"
        return Violation(
            reason: "probe or lifecycle host",
            detail: "\(Self.subject(bad)) \(bad.count == 1 ? "uses" : "use") \(words) \(Self.quoted(found))"
        )
    }

    var privileged: Violation? {
        let bad = names { $0.at("securityContext", "privileged")?.bool == true }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "privileged",
            detail: "\(Self.subject(bad)) must not set securityContext.privileged=true"
        )
    }

    /// - Parameter isRestricted: Whether also pods with user namespaces of their own must keep to the default.
    func procMount(isRestricted: Bool) -> Violation? {
        if hasUserNamespace, !isRestricted, minor >= 35 { return nil }
        func mount(_ container: JSON) -> String? {
            container.at("securityContext", "procMount")?.string.flatMap { $0 == "Default" ? nil : $0 }
        }
        let bad = names { mount($0) != nil }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "procMount",
            detail: "\(Self.subject(bad)) must not set securityContext.procMount to "
                + Self.set(containers.compactMap(mount))
        )
    }

    var seLinuxOptions: Violation? {
        var types = ["", "container_t", "container_init_t", "container_kvm_t"]
        if minor >= 31 { types.append("container_engine_t") }
        func problems(_ context: JSON?) -> (type: String?, user: Bool, role: Bool) {
            let options = context?["seLinuxOptions"]
            let type = options?["type"]?.string ?? ""
            return (
                types.contains(type) ? nil : type, !(options?["user"]?.string ?? "").isEmpty,
                !(options?["role"]?.string ?? "").isEmpty
            )
        }
        func isBad(_ holder: JSON) -> Bool {
            let found = problems(holder["securityContext"])
            return found.type != nil || found.user || found.role
        }
        guard let setters = Self.setters(pod: isBad(spec), names(where: isBad)) else { return nil }
        let all = ([spec] + containers).map { problems($0["securityContext"]) }
        let bad = Set(all.compactMap(\.type)).sorted()
        var parts: [String] = []
        if !bad.isEmpty { parts.append((bad.count == 1 ? "type " : "types ") + Self.quoted(bad)) }
        if all.contains(where: \.user) { parts.append("user may not be set") }
        if all.contains(where: \.role) { parts.append("role may not be set") }
        return Violation(
            reason: "seLinuxOptions",
            detail:
                "\(setters) set forbidden securityContext.seLinuxOptions: \(parts.joined(separator: "; "))"
        )
    }

    /// Profiles that are named and not allowed.
    private func badProfiles() -> (setters: String, values: String)? {
        func bad(_ holder: JSON) -> String? {
            guard let profile = holder.at("securityContext", "seccompProfile") else { return nil }
            let type = profile["type"]?.string ?? ""
            return type == "RuntimeDefault" || type == "Localhost" ? nil : type
        }
        guard let setters = Self.setters(pod: bad(spec) != nil, names { bad($0) != nil }) else { return nil }
        return (setters, Self.set(([spec] + containers).compactMap(bad)))
    }

    var baselineSeccompProfile: Violation? {
        badProfiles().map {
            Violation(
                reason: "seccompProfile",
                detail: "\($0.setters) must not set securityContext.seccompProfile.type to \($0.values)"
            )
        }
    }

    private static let safeSysctls: [String: Int] = [
        "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0,
        "net.ipv4.ping_group_range": 0, "net.ipv4.ip_unprivileged_port_start": 0,
        "net.ipv4.ip_local_reserved_ports": 27, "net.ipv4.tcp_keepalive_time": 29,
        "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29,
        "net.ipv4.tcp_keepalive_probes": 29,
        "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
    ]

    var sysctls: Violation? {
        let bad = (spec.at("securityContext", "sysctls")?.array ?? []).compactMap { $0["name"]?.string }
            .filter { name in Self.safeSysctls[name].map { $0 > minor } ?? true }
        return bad.isEmpty
            ? nil : Violation(reason: "forbidden sysctls", detail: bad.joined(separator: ", "))
    }

    var windowsHostProcess: Violation? {
        func isBad(_ holder: JSON) -> Bool {
            holder.at("securityContext", "windowsOptions", "hostProcess")?.bool == true
        }
        return Self.setters(pod: isBad(spec), names(where: isBad)).map {
            Violation(
                reason: "hostProcess",
                detail: "\($0) must not set securityContext.windowsOptions.hostProcess=true"
            )
        }
    }

    // MARK: Restricted, of what baseline has begun

    var restrictedSeccompProfile: Violation? {
        if isWindows { return nil }
        if let explicit = baselineSeccompProfile { return explicit }
        guard spec.at("securityContext", "seccompProfile") == nil else { return nil }
        let bad = names { $0.at("securityContext", "seccompProfile") == nil }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "seccompProfile",
            detail: "pod or \(Self.subject(bad)) must set securityContext.seccompProfile.type to "
                + "\"RuntimeDefault\" or \"Localhost\""
        )
    }
}
