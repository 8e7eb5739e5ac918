import FoundationEssentials
import GitSource
import Synchronization

/// Where external tools run: files laid out in a directory of their own, a clean environment, no network where the system
/// allows to take it away, a deadline, limits on memory and output, a few at a time.
final class Sandbox: Sendable {
    private let scratch: String
    private let directories: [String]
    private let slots = ToolSlots(2)
    private let isolation = Mutex(Isolation.unknown)
    private let deadline: Duration

    private enum Isolation { case unknown, unavailable, available(program: String) }

    /// What one run of a tool may use.
    struct Limits: Sendable {
        /// Bytes of memory of each process.
        var memory = 2 << 30
        /// Bytes of the largest file.
        var fileSize = 1 << 30
        var processes = 64
    }

    private let limits: Limits
    /// No network but a loopback that is down, and processes that end with their first one, wherever they went.
    private static let isolated = [
        "--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child", "--",
    ]

    init(
        scratch: String,
        directories: [String],
        deadline: Duration = .seconds(30),
        limits: Limits = Limits()
    ) {
        self.limits = limits
        self.scratch = scratch
        self.directories = directories
        self.deadline = deadline
        // What a killed process left; whatever cannot be removed is only in the way of itself.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? []
        where name.hasPrefix("render-") {
            try? FileManager.default.removeItem(atPath: "\(scratch)/\(name)")
        }
    }

    /// The path of a program: in the configured directories first, then on `PATH`.
    func program(_ name: String) -> String? { ProgramSearch.path(of: name, in: directories) }

    /// A directory with laid out files, for the time of `work`.
    ///
    /// - Throws: ``RenderProblem`` when the scratch directory cannot be written.
    func withWorkplace<Value>(_ work: (Workplace) async throws -> Value) async throws -> Value {
        try await slots.run {
            let workplace = try Workplace(root: "\(scratch)/render-\(UUID().uuidString)")
            // What stays is removed at the next start.
            defer { try? FileManager.default.removeItem(atPath: workplace.root) }
            return try await work(workplace)
        }
    }

    /// Runs a program in a workplace.
    func run(
        _ program: String,
        _ arguments: [String],
        in workplace: Workplace
    ) async throws -> Command.Outcome {
        var words = [program] + arguments
        if let unshare = try await unshare() {
            words = [unshare] + Self.isolated + words
        }
        var command = Command(
            words[0],
            Array(words.dropFirst()),
            environment: [
                // Nothing to run beside the tool itself, and no proxy that answers.
                "PATH": "/nonexistent", "HOME": workplace.home, "TMPDIR": workplace.home, "LC_ALL": "C.UTF-8",
                "KUBECONFIG": "/dev/null", "HTTP_PROXY": "http://127.0.0.1:9",
                "HTTPS_PROXY": "http://127.0.0.1:9",
            ],
            directory: workplace.tree,
            deadline: deadline,
            memoryLimit: limits.memory
        )
        command.fileSizeLimit = limits.fileSize
        command.processLimit = limits.processes
        do {
            return try await command.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw RenderProblem(code: .toolFailed, message: "\(program) could not be started: \(error)")
        }
    }

    /// The program that takes the network away, if it may; tried once.
    private func unshare() async throws -> String? {
        switch isolation.withLock(\.self) {
        case .available(let program): return program
        case .unavailable: return nil
        case .unknown: break
        }
        var found = Isolation.unavailable
        if let unshare = ProgramSearch.path(of: "unshare"), let trial = ProgramSearch.path(of: "true") {
            if try await Command(unshare, Self.isolated + [trial], deadline: .seconds(5)).run().succeeded {
                found = .available(program: unshare)
            }
        }
        isolation.withLock { $0 = found }
        return try await self.unshare()
    }
}

/// The files of one run of a tool.
struct Workplace: Sendable {
    /// Absolute, without links in it.
    let root: String
    /// The repository's root.
    var tree: String { root + "/tree" }
    var home: String { root + "/home" }

    init(root: String) throws {
        do {
            for folder in ["/tree", "/home"] {
                try FileManager.default.createDirectory(
                    atPath: root + folder,
                    withIntermediateDirectories: true
                )
            }
            self.root =
                URL(fileURLWithPath: root).resolvingSymlinksInPath().path(percentEncoded: false).trimmedSlash
        } catch {
            throw Self.problem(root, error)
        }
    }

    /// Writes a file at its path in the repository.
    func write(_ bytes: [UInt8], to path: String) throws {
        let file = "\(tree)/\(path)"
        do {
            let folder = "\(tree)/\(RepositoryPath.parent(of: path))"
            if !FileManager.default.fileExists(atPath: folder) {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch {
            throw Self.problem(file, error)
        }
    }

    /// Writes a file beside the repository's.
    func write(_ bytes: [UInt8], toHome name: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(home)/\(name)"))
        } catch {
            throw Self.problem(name, error)
        }
    }

    /// A tool's text with paths as they are in the repository.
    func inRepositoryTerms(_ text: String) -> String {
        text.replacing(tree + "/", with: "").replacing(tree, with: ".").replacing(root, with: "")
    }

    private static func problem(_ path: String, _ error: any Error) -> RenderProblem {
        RenderProblem(
            code: .unreadable,
            message: "Files for the tool cannot be laid out at \(path): \(error)"
        )
    }
}

extension String {
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
