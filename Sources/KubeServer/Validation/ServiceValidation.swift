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
        for (index, address) in spec.elements(of: "externalIPs").enumerated()
        where IPv4(address.string ?? "") == nil && !(address.string ?? "").contains(":") {
            errors.append(
                .invalid(
                    path["externalIPs"][index],
                    address,
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
                )
            )
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
        errors += duplicates(ports)
        errors += Rules.oneOf(
            spec["externalTrafficPolicy"],
            ["Cluster", "Local"],
            path["externalTrafficPolicy"]
        )
        errors += Rules.oneOf(
            spec["internalTrafficPolicy"],
            ["Cluster", "Local"],
            path["internalTrafficPolicy"]
        )
        if let policy = spec["externalTrafficPolicy"], policy != "",
            type == "ClusterIP" && spec.elements(of: "externalIPs").isEmpty
        {
            errors.append(
                .invalid(
                    path["externalTrafficPolicy"],
                    policy,
                    "may only be set for externally-accessible services"
                )
            )
        }
        return errors
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
            if isHeadless, let target = port["targetPort"]?.int, target != port["port"]?.int {
                // Kubernetes only warns; the pods' own ports count.
                continue
            }
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
