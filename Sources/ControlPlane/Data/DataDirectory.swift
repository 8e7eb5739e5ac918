import Foundation
import SystemPackage

/// Where `varde up` keeps all its state, and the lock that makes it the only process there.
struct DataDirectory: Sendable {
    let path: String

    /// Makes the directory if it is missing.
    init(_ path: String) throws {
        let url = URL(filePath: path)
        do {
            try FileManager.default.createDirectory(
                at: url,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw UpError(
                code: .badConfiguration,
                message: "The data directory \(path) cannot be made: \(Self.reason(of: error)). "
                    + "Choose another one with --data."
            )
        }
        self.path = url.standardizedFileURL.path(percentEncoded: false).trimmedSlash
    }

    private static func reason(of error: any Error) -> String {
        let error = error as NSError
        let text = error.localizedFailureReason ?? error.localizedDescription
        return text.trimmingCharacters(in: CharacterSet(charactersIn: "."))
    }

    var repositories: String { path + "/git" }
    var mirrors: String { path + "/mirrors" }
    var kubernetes: String { path + "/kubernetes" }
    var history: String { path + "/history" }
    /// Who asked for what in the console and on the command line.
    var audit: String { path + "/audit.jsonl" }
    /// Who may sign in to the console beside the owner of its token.
    var people: String { path + "/people.json" }
    var scratch: String { path + "/scratch" }
    var kubeconfig: String { path + "/kubeconfig" }
    var clientFile: String { path + "/client.json" }
    var consoleToken: String { path + "/console-token" }
    var platformChoice: String { path + "/platform" }
    var lockFile: String { path + "/lock" }

    /// Replaces a file in one step, readable by its owner only; a reader sees the old content or the new one.
    func write(_ text: String, to file: String) throws {
        let temporary = file + ".new"
        try Data(text.utf8).write(to: URL(filePath: temporary))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: temporary)
        guard rename(temporary, file) == 0 else { throw Errno(rawValue: errno) }
    }

    func read(_ file: String) -> String? {
        // A file that is not there is the usual case at the first start.
        try? String(contentsOf: URL(filePath: file), encoding: .utf8)
    }

    /// The content of a small secret file, made when it is missing.
    func secret(in file: String) throws -> String {
        if let known = read(file)?.trimmingCharacters(in: .whitespacesAndNewlines), !known.isEmpty {
            return known
        }
        let secret = Self.randomSecret()
        try write(secret, to: file)
        return secret
    }

    /// 256 bits that nobody can guess, as hexadecimal digits.
    static func randomSecret() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Holds the data directory until the process ends, however it ends.
struct DataDirectoryLock: Sendable {
    private let descriptor: FileDescriptor

    /// - Throws: ``UpError`` when another process holds it.
    init(_ directory: DataDirectory, patience: Duration = .seconds(2)) throws {
        descriptor = try FileDescriptor.open(
            FilePath(directory.lockFile),
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: [.ownerReadWrite]
        )
        guard Self.take(descriptor, patience: patience) else {
            try? descriptor.close()  // Nothing was written through it.
            let holder =
                directory.read(directory.lockFile)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
            let pid = holder.isEmpty ? "" : " (process \(holder))"
            throw UpError(
                code: .alreadyRunning,
                message: "varde is already running on \(directory.path)\(pid). "
                    + "Use it (`varde status`), stop it, or choose another directory with --data."
            )
        }
        try descriptor.resize(to: 0)
        try descriptor.writeAll(Array("\(getpid())\n".utf8))
    }

    /// Whether the lock could be had: a process that was told to stop, or killed, lets go of it only when it is gone.
    private static func take(_ descriptor: FileDescriptor, patience: Duration) -> Bool {
        let end = ContinuousClock.now + patience
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else { return false }
            usleep(50_000)
        }
        return true
    }
}

extension String {
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
