/// The `git` program with an environment that no user's configuration reaches.
struct GitProgram: Sendable {
    let executable: String
    let environment: [String: String]

    /// - Parameter configuration: The path of the file that stands in for the user's configuration.
    init(configuration: String) throws(GitError) {
        guard let executable = ProgramSearch.path(of: "git") else {
            throw GitError(
                code: .toolFailed,
                message: "The program git is not installed (apt-get install git)."
            )
        }
        self.executable = executable
        var environment = [
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": configuration,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "GIT_SSH_COMMAND": (["ssh"] + RemoteSession.sshOptions).joined(separator: " "),
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_LITERAL_PATHSPECS": "1",
        ]
        for name in Self.inherited {
            if let value = ProgramSearch.variable(name) { environment[name] = value }
        }
        // The library that git speaks https with does not know it.
        if environment["GIT_SSL_CAINFO"] == nil {
            environment["GIT_SSL_CAINFO"] = environment["SSL_CERT_FILE"]
        }
        self.environment = environment
    }

    /// What git needs of its surroundings to reach a server.
    private static let inherited = [
        "PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "ALL_PROXY", "all_proxy",
    ]

    /// The configuration every call uses: other users' repositories may be read, and nothing runs by itself.
    static let configuration = """
        [safe]
        \tdirectory = *
        [gc]
        \tauto = 0
        [maintenance]
        \tauto = false
        [http]
        \tlowSpeedLimit = 1000
        \tlowSpeedTime = 30
        [core]
        \thooksPath = /dev/null
        [advice]
        \tdetachedHead = false
        [protocol]
        \tversion = 2

        """

    /// A pack of more bytes is not taken, whatever the server sends.
    static let largestFile = 32 << 30

    /// Runs git and returns its standard output.
    ///
    /// - Throws: ``GitError``, made from git's own words, or `CancellationError`.
    @discardableResult
    func run(
        _ arguments: [String],
        about location: RepositoryLocation,
        deadline: Duration,
        surroundings: [String: String] = [:],
        secrets: [String] = []
    ) async throws -> [UInt8] {
        var command = Command(
            executable,
            arguments,
            environment: environment.merging(surroundings) { _, new in new },
            deadline: deadline
        )
        command.fileSizeLimit = Self.largestFile
        let outcome: Command.Outcome
        do {
            outcome = try await command.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw GitError(code: .toolFailed, message: "git could not be started: \(error)")
        }
        guard !outcome.succeeded else { return outcome.output }
        throw GitError(of: outcome, about: location, deadline: deadline, secrets: secrets)
    }
}
