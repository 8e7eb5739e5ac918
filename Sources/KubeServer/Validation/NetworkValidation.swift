import KubeModel

/// Rules for network policies, and for where services are found.
enum NetworkValidation {
    private static let spec = FieldPath("spec")

    static func policy(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let path = Self.spec
        var errors = Rules.selector(spec["podSelector"], path["podSelector"])
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in spec.elements(of: direction).enumerated() {
                let place = path[direction][index]
                for (number, port) in rule.elements(of: "ports").enumerated() {
                    errors += self.port(port, place["ports"][number])
                }
                for (number, peer) in rule.elements(of: peers).enumerated() {
                    errors += self.peer(peer, place[peers][number])
                }
            }
        }
        let types = spec.elements(of: "policyTypes")
        if types.count > 2 {
            let detail = "may not specify more than two policyTypes"
            return errors + [.invalid(path["policyTypes"], .array(types), detail)]
        }
        for (index, type) in types.enumerated() {
            errors += Rules.oneOf(type, ["Ingress", "Egress"], path["policyTypes"][index])
        }
        return errors
    }

    private static func port(_ port: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = Rules.oneOf(port["protocol"], ["TCP", "UDP", "SCTP"], path["protocol"])
        let end = port["endPort"]
        func wrongEnd(_ detail: String) {
            if let end { errors.append(.invalid(path["endPort"], end, detail)) }
        }
        switch port["port"] {
        case nil: wrongEnd("may not be specified when `port` is not specified")
        case .string?:
            wrongEnd("may not be specified when `port` is non-numeric")
            errors += Rules.portOrName(port["port"], path["port"])
        case let value?:
            errors += Rules.port(value, path["port"])
            if let last = end?.int, last < value.int ?? 0 {
                wrongEnd("must be greater than or equal to `port`")
            }
            errors += Rules.port(end, path["endPort"])
        }
        return errors
    }

    private static func peer(_ peer: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for key in ["podSelector", "namespaceSelector"] { errors += Rules.selector(peer[key], path[key]) }
        if let block = peer["ipBlock"] { errors += self.block(block, path["ipBlock"]) }
        let count = ["podSelector", "namespaceSelector", "ipBlock"].count { peer[$0] != nil }
        if count == 0 {
            errors.append(.required(path, "must specify a peer"))
        } else if count > 1, peer["ipBlock"] != nil {
            errors.append(.forbidden(path, "may not specify both ipBlock and another peer"))
        }
        return errors
    }

    private static func block(_ block: JSON, _ path: FieldPath) -> [FieldError] {
        if block.lacks("cidr") { return [.required(path["cidr"])] }
        let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        guard let text = block["cidr"]?.string else { return [] }
        if text.contains(":") { return [] }
        guard let network = Network(text) else { return [.invalid(path["cidr"], .string(text), detail)] }
        var errors: [FieldError] = []
        for (index, except) in block.elements(of: "except").enumerated() {
            let place = path["except"][index]
            guard let inner = Network(except.string ?? "") else {
                errors.append(.invalid(place, except, detail))
                continue
            }
            if !network.strictlyContains(inner) {
                errors.append(.invalid(place, except, "must be a strict subset of `cidr`"))
            }
        }
        return errors
    }

    // MARK: Endpoints

    static func endpoints(_ object: KubeObject) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, subset) in object.json.elements(of: "subsets").enumerated() {
            let path = FieldPath("subsets")[index]
            let lists = ["addresses", "notReadyAddresses"]
            if lists.allSatisfy({ subset.elements(of: $0).isEmpty }) {
                errors.append(.required(path, "must specify `addresses` or `notReadyAddresses`"))
            }
            for list in lists {
                for (number, address) in subset.elements(of: list).enumerated() {
                    let place = path[list][number]
                    errors += Rules.address(address["ip"] ?? "", place["ip"])
                    errors += special(address["ip"], place["ip"])
                    if !address.lacks("nodeName") {
                        errors += Rules.subdomain(address["nodeName"], place["nodeName"])
                    }
                    if !address.lacks("hostname") {
                        errors += Rules.label(address["hostname"], place["hostname"])
                    }
                }
            }
            let ports = subset.elements(of: "ports")
            for (number, port) in ports.enumerated() {
                let place = path["ports"][number]
                if port.lacks("name") {
                    if ports.count > 1 { errors.append(.required(place["name"])) }
                } else {
                    errors += Rules.label(port["name"], place["name"])
                }
                errors += Rules.port(port["port"] ?? 0, place["port"])
                errors += Rules.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], place["protocol"])
            }
        }
        return errors
    }

    /// Addresses that no service may have.
    static func special(_ address: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let address, let value = IPv4(address.string ?? "")?.value else { return [] }
        let detail: String? =
            switch value {
            case 0: "may not be unspecified (0.0.0.0 or ::)"
            case _ where value >> 24 == 127: "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            case _ where value >> 16 == 0xa9fe:
                "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            case _ where value >> 8 == 0xe00000:
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            default: nil
            }
        return detail.map { [.invalid(path, address, $0)] } ?? []
    }

    static func endpointSlice(_ object: KubeObject) -> [FieldError] {
        let known = ["FQDN", "IPv4", "IPv6"]
        let type = object["addressType"]?.string ?? ""
        var errors: [FieldError] = []
        for (index, endpoint) in object.json.elements(of: "endpoints").enumerated() {
            let path = FieldPath("endpoints")[index]
            let addresses = endpoint.elements(of: "addresses")
            if addresses.isEmpty {
                errors.append(.required(path["addresses"], "must contain at least 1 address"))
            }
            if addresses.count > 100 {
                errors.append(.tooMany(path["addresses"], addresses.count, maximum: 100))
            }
            for (number, address) in addresses.enumerated() {
                let place = path["addresses"][number]
                let isFour = IPv4(address.string ?? "") != nil
                switch type {
                case "IPv4":
                    if isFour {
                        errors += special(address, place)
                    } else {
                        errors.append(.invalid(place, address, "must be an IPv4 address"))
                    }
                case "IPv6":
                    guard isFour || address.string?.contains(":") != true else { break }
                    errors.append(.invalid(place, address, "must be an IPv6 address"))
                case "FQDN": errors += Rules.subdomain(address, place)
                default: break
                }
            }
            if !endpoint.lacks("hostname") { errors += Rules.label(endpoint["hostname"], path["hostname"]) }
        }
        var names: Set<String> = []
        for (index, port) in object.json.elements(of: "ports").enumerated() {
            let path = FieldPath("ports")[index]
            let name = port["name"]?.string ?? ""
            if !name.isEmpty { errors += Rules.label(.string(name), path["name"]) }
            if !names.insert(name).inserted { errors.append(.duplicate(path["name"], .string(name))) }
            errors += Rules.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], path["protocol"])
        }
        let place = FieldPath("addressType")
        if type.isEmpty {
            errors.append(.required(place))
        } else {
            errors += Rules.oneOf(.string(type), known, place)
        }
        return errors
    }

    static func endpointSliceUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        guard object["addressType"] != old["addressType"] else { return [] }
        return [.invalid(FieldPath("addressType"), object["addressType"] ?? "", Rules.immutable)]
    }
}

/// A range of addresses: `10.0.0.0/8`.
struct Network {
    private let start: UInt32
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4(String(parts[0])), let bits = Int(parts[1]),
            (0...32).contains(bits)
        else { return nil }
        self.bits = bits
        start = bits == 0 ? 0 : address.value & (UInt32.max << (32 - bits))
    }

    func strictlyContains(_ other: Network) -> Bool {
        guard other.bits > bits else { return false }
        return bits == 0 || other.start & (UInt32.max << (32 - bits)) == start
    }
}
