/// Shares names among replicas so that one that joins or leaves moves only its own part.
package enum Rendezvous {
    /// The replica that a name belongs to: the one with the highest score; `nil` when there is none.
    package static func owner(of name: String, among replicas: some Collection<String>) -> String? {
        replicas.max { (score(name, $0), $0) < (score(name, $1), $1) }
    }

    /// Who has which name, so that nobody has more than a fair part: each goes to the replica with the highest score among
    /// those that still have room.
    ///
    /// With a handful of names chance alone would often give nearly all of them to one.
    package static func owners(
        of names: some Collection<String>,
        among replicas: some Collection<String>
    ) -> [String: String] {
        guard !replicas.isEmpty else { return [:] }
        let most = (names.count + replicas.count - 1) / replicas.count
        var load: [String: Int] = [:]
        var owners: [String: String] = [:]
        for name in names.sorted() {
            guard let owner = owner(of: name, among: replicas.filter { load[$0, default: 0] < most }) else {
                continue
            }
            load[owner, default: 0] += 1
            owners[name] = owner
        }
        return owners
    }

    private static func score(_ name: String, _ replica: String) -> UInt64 {
        mixed(hash(name) ^ mixed(hash(replica)))
    }

    /// FNV-1a: the same in every process, unlike `Hasher`.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The finalizer of SplitMix64: names that differ in one letter get scores that have nothing in common.
    private static func mixed(_ hash: UInt64) -> UInt64 {
        var hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
