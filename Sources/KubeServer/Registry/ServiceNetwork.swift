import KubeModel

/// Where a cluster's Services get their addresses.
struct ServiceNetwork: Sendable, Hashable {
    /// The first address, and how many there are.
    let base: UInt32
    let size: UInt32
    /// As messages name it: `10.96.0.0/16`.
    let text: String

    /// The network that the conformance corpus was recorded with, and room for more Services than that has.
    static let recorded = ServiceNetwork(base: 10 << 24, size: 1 << 16, text: "10.0.0.0/24")

    /// `nil` for what is no network of IPv4 with 16 to 1,048,576 addresses.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4(String(parts[0])), let bits = UInt32(parts[1]),
            (12...28).contains(bits)
        else { return nil }
        let size = UInt32(1) << (32 - bits)
        guard address.value % size == 0 else { return nil }
        self.init(base: address.value, size: size, text: text)
    }

    private init(base: UInt32, size: UInt32, text: String) {
        self.base = base
        self.size = size
        self.text = text
    }

    /// A network of the host's own choice; no two of its clusters have the same number.
    static func numbered(_ number: Int) -> ServiceNetwork? {
        // 10.96.0.0/16 first, as kubeadm has it.
        ServiceNetwork("10.\((96 + number) % 256).0.0/16")
    }

    /// Addresses below this place are left to those who ask for one by name.
    var dynamicStart: UInt32 { min(max(16, size / 16), 256) }

    func contains(_ address: UInt32) -> Bool { address >= base && address - base < size }

    /// The address of the API itself.
    var first: String { IPv4(value: base + 1).text }

    /// The bytes of ``first``.
    var firstBytes: [UInt8] {
        let value = base + 1
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// What differs between clusters in how their objects are admitted and completed.
struct ServerSettings: Sendable, Hashable {
    var network = ServiceNetwork.recorded
    var admission = EmbeddedClusterConfiguration.Admission.bare

    /// Drops the complaints that this set-up does not share.
    func relevant(_ errors: [FieldError]) -> [FieldError] {
        guard admission == .kubeadm else { return errors }
        return errors.filter {
            !($0.reason == .forbidden && $0.field.hasSuffix(".securityContext.privileged"))
        }
    }
}
