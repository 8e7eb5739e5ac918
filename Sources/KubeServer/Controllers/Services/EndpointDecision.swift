import KubeModel

/// The endpoints of one Service: a pure function of it and the pods of its namespace.
struct EndpointDecision {
    /// Endpoints in one slice.
    static let sliceLimit = 100

    private let service: KubeObject
    /// Pods with an address, in the order of their names.
    private let pods: [KubeObject]
    private let publishesNotReady: Bool
    private let zones: [String: String]

    /// - Parameter zones: The zones of nodes that have one.
    init(_ service: KubeObject, pods: [KubeObject], zones: [String: String] = [:]) {
        self.service = service
        self.zones = zones
        let selector = ObjectSelector(map: service.at("spec", "selector"))
        self.pods =
            pods.filter {
                selector.selects($0) && !$0.isPodFinished
                    && $0.at("status", "podIP")?.string?.isEmpty == false
            }
            .sorted { $0.name < $1.name }
        publishesNotReady = service.at("spec", "publishNotReadyAddresses")?.bool ?? false
    }

    /// When the newest of the pods became ready, for the annotation that says what the endpoints follow.
    var triggerTime: String? {
        pods.compactMap(\.podReadySince).max().map(\.text)
    }

    /// Pods that serve the same set of port numbers.
    private struct Group {
        var ports: [JSON]
        var pods: [KubeObject]
    }

    private func groups() -> [Group] {
        var groups: [Group] = []
        for pod in pods {
            let ports = ports(for: pod)
            if let place = groups.firstIndex(where: { $0.ports == ports }) {
                groups[place].pods.append(pod)
            } else {
                groups.append(Group(ports: ports, pods: [pod]))
            }
        }
        return groups
    }

    private func ports(for pod: KubeObject) -> [JSON] {
        (service.at("spec", "ports")?.array ?? []).compactMap { port in
            let name = port["name"]?.string ?? ""
            let transport = port["protocol"]?.string ?? "TCP"
            guard
                let number = Self.number(
                    of: port["targetPort"] ?? port["port"],
                    fallback: port["port"],
                    transport,
                    pod
                )
            else { return nil }
            var result: JSON = [
                "name": .string(name), "port": .integer(Int64(number)), "protocol": .string(transport),
            ]
            result["appProtocol"] = port["appProtocol"]
            return result
        }
    }

    /// A target port, which may be the name of a container's port.
    private static func number(
        of target: JSON?,
        fallback: JSON?,
        _ transport: String,
        _ pod: KubeObject
    ) -> Int? {
        if let number = target?.int { return number == 0 ? fallback?.int : number }
        guard let name = target?.string else { return fallback?.int }
        for container in pod.at("spec", "containers")?.array ?? [] {
            for port in container["ports"]?.array ?? []
            where port["name"]?.string == name && port["protocol"]?.string ?? "TCP" == transport {
                return port["containerPort"]?.int
            }
        }
        return nil
    }

    private static func target(_ pod: KubeObject) -> JSON {
        [
            "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
            "uid": .string(pod.uid),
        ]
    }

    // MARK: EndpointSlices

    /// The endpoints and ports of each slice.
    func slices() -> [(endpoints: [JSON], ports: [JSON])] {
        var slices: [(endpoints: [JSON], ports: [JSON])] = []
        for group in groups() {
            var rest = group.pods[...]
            while !rest.isEmpty {
                slices.append((rest.prefix(Self.sliceLimit).map(endpoint), group.ports))
                rest = rest.dropFirst(Self.sliceLimit)
            }
        }
        return slices
    }

    private func endpoint(_ pod: KubeObject) -> JSON {
        let serving = pod.isPodReady || publishesNotReady
        var endpoint: JSON = [
            "addresses": [pod.at("status", "podIP") ?? ""],
            "conditions": [
                "ready": .bool(serving && (publishesNotReady || !pod.isBeingDeleted)),
                "serving": .bool(serving),
                "terminating": .bool(pod.isBeingDeleted),
            ],
            "targetRef": Self.target(pod),
        ]
        if !pod.nodeName.isEmpty { endpoint["nodeName"] = .string(pod.nodeName) }
        if let zone = zones[pod.nodeName] { endpoint["zone"] = .string(zone) }
        if let host = hostname(of: pod) { endpoint["hostname"] = .string(host) }
        return endpoint
    }

    /// The name by which the service's domain knows a pod.
    private func hostname(of pod: KubeObject) -> String? {
        guard let host = pod.at("spec", "hostname")?.string, !host.isEmpty,
            pod.at("spec", "subdomain")?.string == service.name
        else { return nil }
        return host
    }

    // MARK: Endpoints

    /// `subsets` of the Endpoints object.
    func subsets() -> [JSON] {
        groups().compactMap { group in
            var ready: [JSON] = []
            var notReady: [JSON] = []
            for pod in group.pods {
                var address: JSON = ["ip": pod.at("status", "podIP") ?? "", "targetRef": Self.target(pod)]
                if let host = hostname(of: pod) { address["hostname"] = .string(host) }
                if !pod.nodeName.isEmpty { address["nodeName"] = .string(pod.nodeName) }
                if pod.isBeingDeleted, !publishesNotReady { continue }
                if pod.isPodReady || publishesNotReady {
                    ready.append(address)
                } else {
                    notReady.append(address)
                }
            }
            guard !ready.isEmpty || !notReady.isEmpty else { return nil }
            var subset: JSON = [:]
            if !ready.isEmpty { subset["addresses"] = .array(ready) }
            if !notReady.isEmpty { subset["notReadyAddresses"] = .array(notReady) }
            let ports: [JSON] = group.ports.map { port in
                var port = port
                if port["name"]?.string == "" { port["name"] = nil }
                return port
            }
            if !ports.isEmpty { subset["ports"] = .array(ports) }
            return subset
        }
    }
}
