import KubeModel

/// Rows of services, endpoints, ingresses and their like.
enum NetworkCells {
    static func service(_ cells: Cells) -> [JSON] {
        let address = cells.list("spec", "clusterIPs").first?.string ?? cells.text("spec", "clusterIP")
        return [
            cells.name, .string(cells.text("spec", "type")), Cells.orNone(address),
            .string(externalAddress(cells)),
            .string(ports(cells)), cells.age, .string(Cells.labels(cells.at("spec", "selector"))),
        ]
    }

    private static func externalAddress(_ cells: Cells) -> String {
        let fixed = cells.list("spec", "externalIPs").compactMap(\.string)
        switch cells.text("spec", "type") {
        case "ClusterIP", "NodePort": return fixed.isEmpty ? "<none>" : fixed.joined(separator: ",")
        case "LoadBalancer":
            let all = balancerAddresses(cells) + fixed
            return all.isEmpty ? "<pending>" : all.joined(separator: ",")
        case "ExternalName": return cells.text("spec", "externalName")
        default: return "<unknown>"
        }
    }

    private static func balancerAddresses(_ cells: Cells) -> [String] {
        cells.list("status", "loadBalancer", "ingress").compactMap {
            $0["ip"]?.string ?? $0["hostname"]?.string
        }
    }

    private static func ports(_ cells: Cells) -> String {
        let ports = cells.list("spec", "ports").map { port in
            let node = port["nodePort"]?.int ?? 0
            let number = port["port"]?.int ?? 0
            return "\(number)\(node > 0 ? ":\(node)" : "")/\(port["protocol"]?.string ?? "TCP")"
        }
        return ports.isEmpty ? "<none>" : ports.joined(separator: ",")
    }

    static func endpoints(_ cells: Cells) -> [JSON] {
        var addresses: [String] = []
        for subset in cells.list("subsets") {
            let ports = subset["ports"]?.array ?? []
            for address in (subset["addresses"]?.array ?? []).compactMap({ $0["ip"]?.string }) {
                let host = address.contains(":") ? "[\(address)]" : address
                if ports.isEmpty { addresses.append(address) }
                addresses += ports.map { "\(host):\($0["port"]?.int ?? 0)" }
            }
        }
        return [cells.name, Cells.orNone(Cells.few(addresses)), cells.age]
    }

    static func endpointSlice(_ cells: Cells) -> [JSON] {
        let ports = cells.list("ports").map { $0["port"]?.int.map(String.init) ?? "*" }
        let addresses = cells.list("endpoints").flatMap {
            ($0["addresses"]?.array ?? []).compactMap(\.string)
        }
        return [
            cells.name, .string(cells.text("addressType")),
            .string(ports.isEmpty ? "<unset>" : Cells.few(ports)),
            .string(addresses.isEmpty ? "<unset>" : Cells.few(addresses)), cells.age,
        ]
    }

    static func ingress(_ cells: Cells) -> [JSON] {
        let named = cells.text("spec", "ingressClassName")
        let annotation = cells.object.annotation("kubernetes.io/ingress.class") ?? ""
        let hosts = cells.list("spec", "rules").compactMap { $0["host"]?.string }.filter { !$0.isEmpty }
        return [
            cells.name, Cells.orNone(named.isEmpty ? annotation : named),
            .string(hosts.isEmpty ? "*" : Cells.few(hosts)),
            .string(balancerAddresses(cells).joined(separator: ",")),
            .string(cells.count("spec", "tls") > 0 ? "80, 443" : "80"), cells.age,
        ]
    }

    static func ingressClass(_ cells: Cells) -> [JSON] {
        var parameters = "<none>"
        if let reference = cells.at("spec", "parameters") {
            let group = reference["apiGroup"]?.string.map { ".\($0)" } ?? ""
            parameters = "\(reference["kind"]?.string ?? "")\(group)/\(reference["name"]?.string ?? "")"
        }
        return [cells.name, .string(cells.text("spec", "controller")), .string(parameters), cells.age]
    }

    static func networkPolicy(_ cells: Cells) -> [JSON] {
        [cells.name, .string(Cells.selector(cells.at("spec", "podSelector"))), cells.age]
    }

    static func serviceCIDR(_ cells: Cells) -> [JSON] {
        [
            cells.name, .string(cells.list("spec", "cidrs").compactMap(\.string).joined(separator: ",")),
            cells.age,
        ]
    }

    static func address(_ cells: Cells) -> [JSON] {
        let reference = ["group", "resource", "namespace", "name"].map {
            cells.at("spec", "parentRef", $0)?.string ?? ""
        }
        return [cells.name, .string(reference.filter { !$0.isEmpty }.joined(separator: "/"))]
    }
}
