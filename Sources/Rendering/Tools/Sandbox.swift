import FoundationEssentials
import GitSource
import Logging
import Synchronization

/// Where external tools run: files laid out in a directory of their own, a clean environment, no network where the system
/// allows to take it away, a deadline, limits on memory and output, a few at a time.
///
/// A tool that may reach some hosts has its own empty network all the same; a relay in it (``ToolForwarder``) leads to a
/// ``HostProxy`` in this process, and nowhere else.
final class Sandbox: Sendable {
    let scratch: String
    private let directories: [String]
    private let slots = ToolSlots(2)
    /// Of those that wait for servers elsewhere, so that they keep nobody else waiting.
    private let distantSlots = ToolSlots(2)
    /// This program, or another that has ``ToolForwarder`` as its `tool-network`.
    private let forwarder: String?
    private let resolve: HostResolution
    /// Where the certificate authorities are that tools trust, when not at the usual places: `SSL_CERT_FILE`, `SSL_CERT_DIR`.
    private let trust: [String: String]
    private let unshareProgram: String?
    private let logger: Logger?
    private let isolation = Mutex(Isolation.unknown)
    private let deadline: Duration

    private enum Isolation { case unknown, unavailable, available(Seclusion) }

    /// How a program is run apart from the rest.
    private struct Seclusion {
        let program: String
        let options: [String]

        /// The words before those of the tool.
        var words: [String] { [program] + options + ["--"] }

        /// The same with the right to bring up the loopback of a network that is its own, which root has in any case.
        var wordsWithRights: [String] {
            [program] + options + (options.contains("--user") ? ["--keep-caps"] : []) + ["--"]
        }
    }

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
    private static let isolated = ["--net", "--pid", "--fork", "--kill-child"]
    /// In the order of preference: root may do without a user namespace where there is none to be had, as in a chroot.
    private static let isolations = [
        ["--user", "--map-current-user"] + isolated,
        isolated,
    ]
    /// What a tool over a network is given besides.
    private static let distantDeadline = Duration.seconds(120)

    init(
        scratch: String,
        directories: [String],
        deadline: Duration = .seconds(30),
        limits: Limits = Limits(),
        forwarder: String? = nil,
        resolve: @escaping HostResolution = SystemHostResolution.addresses,
        trust: [String: String] = Sandbox.ownTrust,
        unshare: String? = ProgramSearch.path(of: "unshare"),
        logger: Logger? = nil
    ) {
        self.forwarder = forwarder
        self.resolve = resolve
        self.trust = trust
        unshareProgram = unshare
        self.logger = logger
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
    func withWorkplace<Value>(
        for request: RenderRequest,
        network: ToolNetwork? = nil,
        _ work: (Workplace) async throws -> Value
    ) async throws -> Value {
        try await (network == nil ? slots : distantSlots).run(for: request.tenant) { turn in
            let workplace = try Workplace(root: "\(scratch)/render-\(UUID().uuidString)", turn)
            // What stays is removed at the next start.
            defer { try? FileManager.default.removeItem(atPath: workplace.root) }
            return try await work(workplace)
        }
    }

    /// Runs a program in a workplace.
    ///
    /// - Parameter visit: What it may reach; nothing when `nil`.
    func run(
        _ program: String,
        _ arguments: [String],
        in workplace: Workplace,
        visit: Visit? = nil
    ) async throws -> Command.Outcome {
        let unshare = try await unshare()
        guard let visit else {
            var words = [program] + arguments
            if let unshare { words = unshare.words + words }
            return try await start(command(words, workplace, deadline: deadline), of: program, workplace)
        }
        guard let forwarder else {
            throw RenderProblem(
                code: .toolMissing,
                message: "This program cannot pass on a tool's connections."
            )
        }
        var words = [forwarder, "tool-network", "--directory", workplace.root]
        if unshare != nil { words.append("--own-network") }
        for own in visit.network.hosts.ownAddresses where unshare != nil {
            for port in own.ports {
                words += ["--door", AllowedHosts.joined(own.host, port)]
            }
        }
        words += ["--", program] + arguments
        if let unshare { words = unshare.wordsWithRights + words }
        var command = command(words, workplace, deadline: Self.distantDeadline)
        command.environment.merge(distantEnvironment) { _, new in new }
        let socket = try workplace.socket()
        defer { _ = UnixSockets.closed(socket.folder) }
        let proxy = HostProxy(
            network: visit.network,
            tool: visit.tool,
            journal: visit.journal,
            resolve: resolve
        )
        return try await proxy.run(at: socket.path) { [command] in
            try await start(command, of: program, workplace)
        }
    }

    /// The network that a tool may see in one run, and what came of it.
    struct Visit: Sendable {
        let network: ToolNetwork
        let tool: String
        let journal = ProxyJournal()
    }

    private func command(_ words: [String], _ workplace: Workplace, deadline: Duration) -> Command {
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
        // On all processors for as long as it may take, and no longer when Varde is killed meanwhile.
        let seconds = Int(deadline.components.seconds) + 1
        command.processorLimit = seconds * ProcessInfo.processInfo.activeProcessorCount
        return command
    }

    /// git, for those that fetch with it, without anybody's configuration; and the authorities that Varde itself was told to
    /// trust.
    private var distantEnvironment: [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:http",
        ]
        environment.merge(trust) { _, new in new }
        environment["GIT_SSL_CAINFO"] = trust["SSL_CERT_FILE"]
        return environment
    }

    static var ownTrust: [String: String] {
        var result: [String: String] = [:]
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] { result[name] = ProgramSearch.variable(name) }
        return result
    }

    private func start(
        _ command: Command,
        of program: String,
        _ workplace: Workplace
    ) async throws -> Command.Outcome {
        do {
            let outcome = try await command.run()
            workplace.turn.noteEnd(outcome.end)
            return outcome
        } catch let error as CancellationError {
            throw error
        } catch {
            throw RenderProblem(code: .toolFailed, message: "\(program) could not be started: \(error)")
        }
    }

    /// How the network is taken away from a program, where that may be; tried once.
    private func unshare() async throws -> Seclusion? {
        switch isolation.withLock(\.self) {
        case .available(let seclusion): return seclusion
        case .unavailable: return nil
        case .unknown: break
        }
        var found = Isolation.unavailable
        var reason = "there is no program unshare"
        if let unshare = unshareProgram, let trial = ProgramSearch.path(of: "true") {
            for options in Self.isolations {
                let seclusion = Seclusion(program: unshare, options: options)
                let words = seclusion.words.dropFirst() + [trial]
                let command = Command(unshare, Array(words), deadline: .seconds(5))
                let outcome = try await command.run()
                guard !outcome.succeeded else {
                    found = .available(seclusion)
                    break
                }
                reason = outcome.errors.split(whereSeparator: \.isNewline).joined(separator: " ")
            }
        }
        if case .unavailable = found {
            logger?.warning(
                "tools run without a network namespace: this system allows none; only their proxy settings keep them from the network",
                metadata: ["reason": "\(reason)"]
            )
        }
        isolation.withLock { $0 = found }
        return try await self.unshare()
    }

    /// Whether tools have no network here but what they are given.
    var isIsolating: Bool {
        get async throws { try await unshare() != nil }
    }
}
