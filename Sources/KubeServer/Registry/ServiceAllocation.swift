import KubeModel
import Synchronization

/// Cluster addresses and node ports of Services: given out once, free again when the Service is gone.
///
/// What is taken follows the store; what a write in flight has chosen is reserved until it has succeeded or failed.
final class ServiceAllocation: Sendable {
    private struct State {
        var addresses: Set<UInt32> = []
        var ports: Set<Int> = []
        var reservedAddresses: Set<UInt32> = []
        var reservedPorts: Set<Int> = []
    }

    private let state = Mutex(State())
    private let network: ServiceNetwork
    private static let portRange = 30_000...32_767

    init(store: ClusterStore, network: ServiceNetwork = .recorded) {
        self.network = network
        store.observe("services") { [weak self] event in self?.follow(event) }
    }

    private func follow(_ event: StoreEvent) {
        state.withLock { state in
            if let old = event.previous?.object {
                for address in Self.addresses(of: old) { state.addresses.remove(address) }
                for port in Self.ports(of: old) { state.ports.remove(port) }
            }
            guard event.kind != .removed else {
                for address in Self.addresses(of: event.object) { state.addresses.remove(address) }
                for port in Self.ports(of: event.object) { state.ports.remove(port) }
                return
            }
            for address in Self.addresses(of: event.object) { state.addresses.insert(address) }
            for port in Self.ports(of: event.object) { state.ports.insert(port) }
        }
    }

    private static func addresses(of service: KubeObject) -> [UInt32] {
        (service.at("spec", "clusterIPs")?.array ?? []).compactMap { IPv4($0.string ?? "")?.value }
    }

    private static func ports(of service: KubeObject) -> [Int] {
        let ports = (service.at("spec", "ports")?.array ?? []).compactMap { $0["nodePort"]?.int }
        let health = service.at("spec", "healthCheckNodePort")?.int
        return (ports + (health.map { [$0] } ?? [])).filter { $0 != 0 }
    }

    /// What a write has reserved.
    struct Reservation: Sendable {
        fileprivate let allocation: ServiceAllocation
        fileprivate var addresses: [UInt32] = []
        fileprivate var ports: [Int] = []

        /// Called when the write is over; what it stored is taken by then.
        func release() {
            allocation.state.withLock { state in
                state.reservedAddresses.subtract(addresses)
                state.reservedPorts.subtract(ports)
            }
        }
    }

    /// Gives a Service what it needs and does not have; other resources pass.
    ///
    /// - Throws: 422 for an address or port that is taken or out of range.
    func allocate(
        _ object: inout KubeObject,
        _ resource: ServedResource,
        replacing old: KubeObject?
    ) throws -> Reservation? {
        guard resource.definition.storageKey == "services" else { return nil }
        var reservation = Reservation(allocation: self)
        do {
            try allocateAddress(&object, resource, old, &reservation)
            try allocatePorts(&object, resource, old, &reservation)
        } catch {
            reservation.release()
            throw error
        }
        return reservation
    }

    private func allocateAddress(
        _ object: inout KubeObject,
        _ resource: ServedResource,
        _ old: KubeObject?,
        _ reservation: inout Reservation
    ) throws {
        guard object.at("spec", "type") != "ExternalName" else { return }
        let wanted =
            object.at("spec", "clusterIP")?.string ?? object.at("spec", "clusterIPs")?[0]?.string ?? ""
        object.json.edit("spec", default: [:]) { spec in
            spec.setDefault("ipFamilyPolicy", "SingleStack")
            if spec.elements(of: "ipFamilies").isEmpty { spec["ipFamilies"] = ["IPv4"] }
        }
        if wanted == "None" {
            object.set("None", at: "spec", "clusterIP")
            object.set(["None"], at: "spec", "clusterIPs")
            return
        }
        if !wanted.isEmpty, old?.at("spec", "clusterIP")?.string == wanted { return }
        let path = FieldPath("spec", "clusterIPs")
        let chosen: UInt32
        if wanted.isEmpty {
            guard let free = state.withLock({ state in free(in: &state) }) else {
                throw StatusError.plain("failed to allocate a serviceIP: range is full")
            }
            chosen = free
        } else {
            let problem: String?
            if let address = IPv4(wanted), network.contains(address.value) {
                problem = state.withLock { state in
                    let isTaken =
                        state.addresses.contains(address.value)
                        || state.reservedAddresses.contains(address.value)
                    if !isTaken { state.reservedAddresses.insert(address.value) }
                    return isTaken ? "provided IP is already allocated" : nil
                }
                chosen = address.value
            } else {
                problem =
                    "the provided IP (\(wanted)) is not in the valid range. The range of valid IPs is \(network.text)"
                chosen = 0
            }
            if let problem {
                let text = "failed to allocate IP \(wanted): \(problem)"
                throw resource.invalid(object.name, [.invalid(path, [.string(wanted)], text)])
            }
        }
        reservation.addresses.append(chosen)
        let text = JSON.string(IPv4(value: chosen).text)
        object.set(text, at: "spec", "clusterIP")
        object.set([text], at: "spec", "clusterIPs")
    }

    private func free(in state: inout State) -> UInt32? {
        let dynamicStart = network.dynamicStart
        let span = network.size - dynamicStart - 1
        let start = UInt32.random(in: 0..<span)
        for step in 0..<span {
            let address = network.base + dynamicStart + (start + step) % span
            // The last number of a /24 looks like a broadcast address to many tools, the first like a network.
            guard address & 255 != 0, address & 255 != 255 else { continue }
            if !state.addresses.contains(address), !state.reservedAddresses.contains(address) {
                state.reservedAddresses.insert(address)
                return address
            }
        }
        return nil
    }

    private func allocatePorts(
        _ object: inout KubeObject,
        _ resource: ServedResource,
        _ old: KubeObject?,
        _ reservation: inout Reservation
    ) throws {
        let type = object.at("spec", "type")?.string ?? ""
        guard type == "NodePort" || type == "LoadBalancer" else { return }
        let allocates =
            type == "NodePort" || object.at("spec", "allocateLoadBalancerNodePorts")?.bool != false
        let own = Set(old.map(Self.ports(of:)) ?? [])
        var ports = object.at("spec", "ports")?.array ?? []
        var errors: [FieldError] = []
        for index in ports.indices {
            let path = FieldPath("spec")["ports"][index]["nodePort"]
            if let number = ports[index]["nodePort"]?.int, number != 0 {
                if own.contains(number) { continue }
                if !Self.portRange.contains(number) {
                    errors.append(
                        .invalid(
                            path,
                            .integer(Int64(number)),
                            "provided port is not in the valid range. The range of valid ports is 30000-32767"
                        )
                    )
                } else if !reserve(port: number, &reservation) {
                    errors.append(
                        .invalid(path, .integer(Int64(number)), "provided port is already allocated")
                    )
                }
            } else if allocates, let number = freePort(&reservation) {
                ports[index]["nodePort"] = .integer(Int64(number))
            }
        }
        if !errors.isEmpty { throw resource.invalid(object.name, errors) }
        object.set(.array(ports), at: "spec", "ports")
        let needsHealthPort = type == "LoadBalancer" && object.at("spec", "externalTrafficPolicy") == "Local"
        if needsHealthPort, object.at("spec", "healthCheckNodePort") == nil,
            let number = freePort(&reservation)
        {
            object.set(.integer(Int64(number)), at: "spec", "healthCheckNodePort")
        }
    }

    private func reserve(port: Int, _ reservation: inout Reservation) -> Bool {
        // Two protocols of one Service may share a port.
        if reservation.ports.contains(port) { return true }
        let isFree = state.withLock { state in
            guard !state.ports.contains(port), !state.reservedPorts.contains(port) else { return false }
            state.reservedPorts.insert(port)
            return true
        }
        if isFree { reservation.ports.append(port) }
        return isFree
    }

    private func freePort(_ reservation: inout Reservation) -> Int? {
        let count = Self.portRange.count
        let start = Int.random(in: 0..<count)
        for step in 0..<count {
            let port = Self.portRange.lowerBound + (start + step) % count
            guard !reservation.ports.contains(port), reserve(port: port, &reservation) else { continue }
            return port
        }
        return nil
    }
}
