import KubeModel

enum ServiceValidation {
    private static let path = FieldPath("spec")

    static func service(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let type = spec["type"]?.string ?? ""
        let ports = spec.elements(of: "ports")
        let isHeadless = spec["clusterIP"] == "None"
        var errors: [FieldError] = []
        if ports.isEmpty, !isHeadless, type != "ExternalName" { errors.append(.required(path["ports"])) }
        if type == "LoadBalancer", isHeadless {
            errors.append(
                .invalid(path["clusterIPs"][0], "None", "may not be set to 'None' for LoadBalancer services")
            )
        }
        if type == "NodePort", isHeadless {
            errors.append(
                .invalid(path["clusterIPs"][0], "None", "may not be set to 'None' for NodePort services")
            )
        }
        if type == "ExternalName" {
            if !spec.lacks("clusterIP") {
                errors.append(.forbidden(path["clusterIPs"], "may not be set when `type` is 'ExternalName'"))
            }
            let name = spec["externalName"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(path["externalName"]))
            } else {
                errors += Rules.subdomain(
                    .string(name.hasSuffix(".") ? String(name.dropLast()) : name),
                    path["externalName"]
                )
            }
        }
        errors += self.ports(ports, isHeadless: isHeadless)
        errors += MetadataValidation.labels(spec["selector"], path["selector"])
        if spec.lacks("sessionAffinity") {
            errors.append(.required(path["sessionAffinity"]))
        } else {
            errors += Rules.oneOf(spec["sessionAffinity"], ["ClientIP", "None"], path["sessionAffinity"])
        }
        if let seconds = spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds")?.int,
            !(1...86_400).contains(seconds)
        {
            let place = path["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
            let detail = "must be greater than 0 and less than 86400"
            errors.append(.invalid(place, .integer(Int64(seconds)), detail))
        }
        for (index, address) in spec.elements(of: "clusterIPs").enumerated()
        where address != "None" && address != "" && IPv4(address.string ?? "") == nil
            && !(address.string ?? "").contains(":")
        {
            errors.append(
                .invalid(
                    path["clusterIPs"][index],
                    address,
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
                )
            )
        }
        for (index, address) in spec.elements(of: "externalIPs").enumerated() {
            errors += Rules.address(address, path["externalIPs"][index])
            errors += NetworkValidation.special(address, path["externalIPs"][index])
        }
        if type.isEmpty {
            errors.append(.required(path["type"]))
        } else {
            errors += Rules.oneOf(
                spec["type"],
                ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
                path["type"]
            )
        }
        if type == "ClusterIP" {
            for (index, port) in ports.enumerated() where port["nodePort"]?.int ?? 0 != 0 {
                let detail = "may not be used when `type` is 'ClusterIP'"
                errors.append(.forbidden(path["ports"][index]["nodePort"], detail))
            }
        }
        errors += duplicates(ports)
        return errors + balancing(spec, type) + traffic(spec, type)
    }

    /// What only services with a load balancer may have.
    private static func balancing(_ spec: JSON, _ type: String) -> [FieldError] {
        var errors: [FieldError] = []
        let detail = "may only be used when `type` is 'LoadBalancer'"
        let ranges = spec.elements(of: "loadBalancerSourceRanges")
        if !ranges.isEmpty, type != "LoadBalancer" {
            errors.append(.forbidden(path["loadBalancerSourceRanges"], detail))
        }
        for (index, range) in ranges.enumerated() {
            let text = (range.string ?? "").trimmed
            guard Network(text) == nil, !text.contains(":") else { continue }
            let wanted = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
            errors.append(.invalid(path["loadBalancerSourceRanges"][index], range, wanted))
        }
        for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass"]
        where type != "LoadBalancer" && spec[key] != nil {
            errors.append(.forbidden(path[key], detail))
        }
        return errors
    }

    private static func traffic(_ spec: JSON, _ type: String) -> [FieldError] {
        var errors: [FieldError] = []
        let policies = ["Cluster", "Local"]
        let policy = spec["externalTrafficPolicy"] ?? ""
        let isReachable =
            type == "NodePort" || type == "LoadBalancer"
            || type == "ClusterIP" && !spec.elements(of: "externalIPs").isEmpty
        if !isReachable, policy != "" {
            let detail = "may only be set for externally-accessible services"
            errors.append(.invalid(path["externalTrafficPolicy"], policy, detail))
        } else if isReachable {
            errors += Rules.oneOf(policy, policies, path["externalTrafficPolicy"])
        }
        let needsCheck = type == "LoadBalancer" && policy == "Local"
        if !needsCheck, let port = spec["healthCheckNodePort"]?.int, port != 0 {
            let detail =
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            errors.append(.invalid(path["healthCheckNodePort"], .integer(Int64(port)), detail))
        }
        return errors
            + Rules.oneOf(spec["internalTrafficPolicy"], policies, path["internalTrafficPolicy"])
            + Rules.oneOf(
                spec["trafficDistribution"],
                ["PreferClose", "PreferSameNode", "PreferSameZone"],
                path["trafficDistribution"]
            )
    }

    private static func ports(_ ports: [JSON], isHeadless: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let place = path["ports"][index]
            let name = port["name"]?.string ?? ""
            if name.isEmpty, ports.count > 1 {
                errors.append(.required(place["name"]))
            } else if !name.isEmpty {
                errors += Rules.label(.string(name), place["name"])
                if !names.insert(name).inserted { errors.append(.duplicate(place["name"], .string(name))) }
            }
            errors += Rules.port(port["port"] ?? 0, place["port"])
            if port.lacks("protocol") {
                errors.append(.required(place["protocol"]))
            } else {
                errors += Rules.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], place["protocol"])
            }
            errors += Rules.portOrName(port["targetPort"], place["targetPort"])
            if let proto = port["appProtocol"] { errors += Rules.qualifiedName(proto, place["appProtocol"]) }
        }
        return errors
    }

    private static func duplicates(_ ports: [JSON]) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, port) in ports.enumerated() {
            let proto = port["protocol"]?.string ?? ""
            let number = port["port"]?.int ?? 0
            guard !seen.insert("\(proto)/\(number)").inserted else { continue }
            let shown =
                "{\"Name\":\"\",\"Protocol\":\(proto.goQuoted),\"AppProtocol\":null,\"Port\":\(number),"
                + "\"TargetPort\":0,\"NodePort\":0}"
            errors.append(.duplicate(path["ports"][index], rendered: shown))
        }
        return errors
    }

    static func serviceUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let before = old["spec"] ?? [:]
        let after = object["spec"] ?? [:]
        guard before["type"] != "ExternalName", after["type"] != "ExternalName", !before.lacks("clusterIP")
        else {
            return []
        }
        let address = after["clusterIP"] ?? ""
        guard before["clusterIP"] != address else { return [] }
        return [
            .invalid(path["clusterIPs"][0], after["clusterIPs"] ?? [address], "may not change once set")
        ]
    }
}

/// An address of four numbers.
struct IPv4: Hashable, Sendable {
    var value: UInt32

    init(value: UInt32) { self.value = value }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let number = UInt8(part), part.count == 1 || part.first != "0" else { return nil }
            value = value << 8 | UInt32(number)
        }
        self.value = value
    }

    var text: String { "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)" }
}
