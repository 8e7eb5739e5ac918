/// The branches and tags a repository has, as `git ls-remote --symref` tells them.
struct RemoteReferences: Sendable, Equatable {
    /// `refs/heads/main` → commit.
    var ids: [String: ObjectID] = [:]
    /// Where the repository's `HEAD` is; `nil` if it points at nothing.
    var head: Head?

    enum Head: Sendable, Equatable {
        case branch(String)
        case detached(ObjectID)
    }

    init(listing: [UInt8]) {
        for line in String(decoding: listing, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2 else { continue }
            if parts[0].hasPrefix("ref: ") {
                if parts[1] == "HEAD" { head = .branch(String(parts[0].dropFirst(5))) }
            } else if parts[1] == "HEAD" {
                if head == nil { head = .detached(ObjectID(String(parts[0]))) }
            } else if !parts[1].hasSuffix("^{}") {
                ids[String(parts[1])] = ObjectID(String(parts[0]))
            }
        }
    }

    /// The newest commits of all branches, the default one's first.
    var tips: [ObjectID] {
        let first: String? = if case .branch(let name) = head { name } else { nil }
        let heads = ids.filter { $0.key.hasPrefix("refs/heads/") }
        return heads.sorted { ($0.key != first ? 1 : 0, $0.key) < ($1.key != first ? 1 : 0, $1.key) }.map(
            \.value
        )
    }

    var branches: [String] {
        ids.keys.filter { $0.hasPrefix("refs/heads/") }.map { String($0.dropFirst(11)) }.sorted()
    }

    /// `sha256` repositories have ids of 64 digits.
    var objectFormat: String { ids.values.contains { $0.hex.count == 64 } ? "sha256" : "sha1" }
}
