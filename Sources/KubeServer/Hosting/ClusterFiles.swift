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
        try applyStaged(name)
        let path = path(name)
        if !FileManager.default.fileExists(atPath: path), let aside = quarantined(name) {
            throw StoreError(
                code: .corrupt,
                message: "the database of cluster \(name) is corrupt and was put aside as \(aside). "
                    + "Put a backup in its place with `varde cluster restore \(name) FILE`; "
                    + "or move that file elsewhere, and the cluster begins empty"
            )
        }
        try checkLog(name)
        try Self.makePrivate(path)
        return try ClusterStore(path: path)
    }

    /// A killed process leaves a log with its last writes: where that is gone, what is left would be an older state, or none.
    private func checkLog(_ name: String) throws {
        let path = path(name)
        let files = FileManager.default
        let mark = InUseMark(of: path)
        guard mark.isThere, files.fileExists(atPath: path), !files.fileExists(atPath: path + "-wal") else {
            return
        }
        let aside = try ClusterStore.quarantine(path)
        mark.remove()
        throw StoreError(
            code: .corrupt,
            message:
                "the last writes of cluster \(name) are lost: \(path)-wal is gone. What is left was put aside as "
                + "\(aside). Put a backup in its place with `varde cluster restore \(name) FILE`; "
                + "or rename that file to \(path), and the cluster goes on with what it has"
        )
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

    /// The clusters that have a database.
    var names: [String] {
        // A directory that cannot be read has none.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".sqlite") }.map { String($0.dropLast(7)) }.sorted()
    }

    /// Where a backup waits to take the place of a cluster's database.
    func stagedPath(_ name: String) -> String { path(name) + ".restore" }

    /// The clusters for which a backup waits.
    var staged: [String] {
        // A directory that cannot be read has nothing that could be restored either.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".sqlite.restore") }.map { String($0.dropLast(15)) }.sorted()
    }

    /// Puts a backup that waits in the place of the cluster's database, which is kept beside it; does nothing without one.
    ///
    /// The database must not be in use. Resource versions go up, so that watches of what was there end with 410 and their
    /// clients list again. Killed half-way, it is finished by the next call.
    func applyStaged(_ name: String) throws {
        let files = FileManager.default
        let waiting = stagedPath(name)
        guard files.fileExists(atPath: waiting) else { return }
        let path = path(name)
        let backup = try StoreBackup.inspect(waiting).version
        // Where what is replaced cannot say how far it was, a wide margin stands for it.
        let present = StoreBackup.version(of: path)
        let isUnknown = present == nil && quarantined(name) != nil
        let margin: UInt64 = isUnknown ? 10_000_000 : 1_000
        let latest: UInt64 = max(present ?? 0, backup)
        try StoreBackup.raise(waiting, to: latest + margin)
        InUseMark(of: path).remove()
        if files.fileExists(atPath: path) {
            var number = 1
            while files.fileExists(atPath: "\(path).replaced-\(number)") { number += 1 }
            let aside = "\(path).replaced-\(number)"
            for suffix in ["-wal", "-shm", ""] where files.fileExists(atPath: path + suffix) {
                try files.moveItem(atPath: path + suffix, toPath: aside + suffix)
            }
        }
        try files.moveItem(atPath: waiting, toPath: path)
    }

    /// Takes a backup out of the way that cannot be used.
    func refuseStaged(_ name: String) throws {
        let aside = stagedPath(name) + "-refused"
        if FileManager.default.fileExists(atPath: aside) { try FileManager.default.removeItem(atPath: aside) }
        try FileManager.default.moveItem(atPath: stagedPath(name), toPath: aside)
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
        for suffix in ["", "-wal", "-shm", "-inuse", ".restore"] {
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
