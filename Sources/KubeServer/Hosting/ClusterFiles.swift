import Foundation

/// The databases of a host's clusters: one file each, which only its owner may read, for it holds the keys, too.
struct ClusterFiles: Sendable {
    private let directory: URL

    /// Makes the directory if it is missing.
    init(directory: String) throws {
        self.directory = URL(filePath: directory).appending(path: "clusters")
        try FileManager.default.createDirectory(
            at: self.directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    func path(_ name: String) -> String { directory.appending(path: "\(name).sqlite").path }

    /// - Throws: ``StoreError``; a corrupt database has then been moved aside. Nothing takes its place by itself: what could
    ///   not be read is not an empty cluster.
    func open(_ name: String) throws -> ClusterStore {
        let path = path(name)
        if !FileManager.default.fileExists(atPath: path), let aside = quarantined(name) {
            throw StoreError(
                code: .corrupt,
                message: "the database of cluster \(name) is corrupt and was put aside as \(aside). "
                    + "Put a backup in its place with `varde cluster restore \(name) FILE`; "
                    + "or move that file elsewhere, and the cluster begins empty"
            )
        }
        try Self.makePrivate(path)
        return try ClusterStore(path: path)
    }

    /// SQLite gives its log the mode of the database.
    static func makePrivate(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            // Where it cannot be made, opening it says why.
            _ = FileManager.default.createFile(
                atPath: path,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
        } else {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }

    /// The newest database that was put aside because it could not be read.
    private func quarantined(_ name: String) -> String? {
        let prefix = "\(name).sqlite.corrupt-"
        // A directory that cannot be read has nothing that could be opened either.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        let numbers = files.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }
        return numbers.max().map { directory.appending(path: "\(prefix)\($0)").path }
    }

    func remove(_ name: String) throws {
        for suffix in ["", "-wal", "-shm"] {
            let file = path(name) + suffix
            if FileManager.default.fileExists(atPath: file) {
                try FileManager.default.removeItem(atPath: file)
            }
        }
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 63 && name.first != "-" && name.last != "-"
            && name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    }
}

/// How many files and connections the process may have open.
enum OpenFileLimit {
    /// Raises the limit as far as is allowed, and tells it.
    static func raised() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(limit.rlim_max, 65_536)
            // Where it cannot be raised, what is told is what there was.
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(min(limit.rlim_cur, 1 << 20))
    }
}
