import Foundation
import GitSource
import Testing

/// Real servers on loopback for as long as a test needs them.
enum Servers {
    private struct NotStarted: Error {
        let what: String
    }

    static func program(_ name: String) throws -> String {
        try #require(
            ProgramSearch.path(of: name, in: ["/usr/sbin"]),
            "\(name) is missing; make test installs it"
        )
    }

    /// `git http-backend` and ways to fail, behind a small web server.
    ///
    /// - Parameter body: Gets the server's address, without a slash at its end.
    static func web(
        _ place: Workplace,
        login: String? = nil,
        _ body: (_ address: String) async throws -> Void
    ) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "git_server.py")
        let portFile = place.root + "/port-\(UUID().uuidString)"
        let words = [script.path(percentEncoded: false), place.root, portFile] + (login.map { [$0] } ?? [])
        let command = Command(
            try program("python3"),
            words,
            environment: ["PATH": ProgramSearch.variable("PATH") ?? ""],
            deadline: .seconds(120)
        )
        try await run(command) {
            let port = try await text(of: portFile)
            try await body("http://127.0.0.1:\(port)")
        }
    }

    /// sshd with a key of its own and one user's key.
    struct Secure: Sendable {
        /// As `ssh://user@127.0.0.1:port`.
        var address: String
        var key: String
        var knownHosts: String
    }

    static func secure(_ place: Workplace, _ body: (Secure) async throws -> Void) async throws {
        let folder = place.root + "/ssh"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // sshd wants this one when root starts it.
        if getuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        for name in ["host", "user"] {
            try await tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        let port = try freePort()
        let settings = """
            ListenAddress 127.0.0.1:\(port)
            HostKey \(folder)/host
            AuthorizedKeysFile \(folder)/user.pub
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin yes
            """
        try Data((settings + "\n").utf8).write(to: URL(filePath: folder + "/config"))
        let command = Command(
            try program("sshd"),
            ["-D", "-e", "-f", folder + "/config"],
            environment: ["PATH": ProgramSearch.variable("PATH") ?? ""],
            deadline: .seconds(120)
        )
        let hostKey = try String(contentsOfFile: folder + "/host.pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
        let server = Secure(
            address: "ssh://\(NSUserName())@127.0.0.1:\(port)",
            key: try String(contentsOfFile: folder + "/user", encoding: .utf8),
            knownHosts: "[127.0.0.1]:\(port) \(hostKey)\n"
        )
        try await run(command) {
            try #require(await eventually(within: .seconds(20)) { isListening(port) }, "sshd did not start")
            try await body(server)
        }
    }

    static func tool(_ name: String, _ words: [String], environment: [String: String] = [:]) async throws {
        let path = ["PATH": ProgramSearch.variable("PATH") ?? ""]
        let outcome = try await Command(
            try program(name),
            words,
            environment: path.merging(environment) { _, new in new },
            deadline: .seconds(30)
        ).run()
        try #require(outcome.succeeded, "\(name): \(outcome.errors)")
    }

    /// Runs a server while `body` runs; its process group is killed afterwards.
    private static func run(_ command: Command, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await command.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            // The server ends by cancellation, which is no failure.
            while let ended = await group.nextResult() { _ = ended }
            try result.get()
        }
    }

    private static func text(of file: String) async throws -> String {
        let found = try await eventually(within: .seconds(20)) {
            FileManager.default.fileExists(atPath: file)
        }
        guard found else { throw NotStarted(what: file) }
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    private static func withSocket<Value>(
        _ port: UInt16,
        _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func isListening(_ port: UInt16) -> Bool {
        withSocket(port) { connect($0, $1, $2) == 0 }
    }

    /// A port that nothing listens on, below those that outgoing connections take.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 20_000..<30_000)
            if withSocket(port, { bind($0, $1, $2) == 0 }) { return port }
        }
        throw NotStarted(what: "no free port")
    }
}
