import FoundationEssentials

/// One conversation with a remote repository: what git's environment is, and the files it names.
///
/// Secrets are in the environment of git itself or in files that only this user can read; never among arguments. The
/// files go with ``end()``.
struct RemoteSession: Sendable {
    private(set) var environment: [String: String] = [:]
    private let directory: String?

    /// - Parameter directory: Made for the files of secrets, when there are any.
    init(_ access: RepositoryAccess, location: RepositoryLocation, directory: String) throws(GitError) {
        // A redirection is looked at before it is followed.
        var configuration = [("http.followRedirects", "false")]
        guard access.isConfined else {
            self.directory = nil
            environment = Self.numbered(configuration)
            return
        }
        self.directory = directory
        try Self.prepare(directory)
        // Nothing of the user who runs Varde is offered: no agent, no keys, no netrc.
        environment["HOME"] = directory
        environment["SSH_AUTH_SOCK"] = ""
        if let password = access.password, let host = location.webHost {
            let helper =
                #"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$VARDE_GIT_USERNAME" "$VARDE_GIT_PASSWORD"; }; f"#
            configuration.append(("credential.\(host).helper", helper))
            environment["VARDE_GIT_USERNAME"] = Self.line(access.username ?? "x-access-token")
            environment["VARDE_GIT_PASSWORD"] = Self.line(password)
        }
        if let authorities = access.certificateAuthorities {
            try Self.write(authorities, to: directory + "/ca.pem")
            environment["GIT_SSL_CAINFO"] = directory + "/ca.pem"
        }
        var ssh = [
            "ssh", "-F", "/dev/null", "-o", "IdentitiesOnly=yes", "-o", "GlobalKnownHostsFile=/dev/null",
            "-o", "UserKnownHostsFile=\(Self.quoted(directory + "/known_hosts"))",
        ]
        try Self.write(access.knownHosts ?? "", to: directory + "/known_hosts")
        if let key = access.sshKey {
            // OpenSSH wants the last line to be ended.
            try Self.write(key.hasSuffix("\n") ? key : key + "\n", to: directory + "/key")
            ssh += ["-i", Self.quoted(directory + "/key")]
        } else {
            ssh += ["-o", "IdentityFile=none"]
        }
        environment["GIT_SSH_COMMAND"] = (ssh + Self.sshOptions).joined(separator: " ")
        environment.merge(Self.numbered(configuration)) { _, new in new }
    }

    /// Options of every ssh: nobody is asked, an unknown host is refused, a silent one is given up.
    static let sshOptions = [
        "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10",
        "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3",
    ]

    func end() {
        guard let directory else { return }
        // What cannot be removed is overwritten by the next session.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Configuration as git takes it from its environment.
    private static func numbered(_ configuration: [(String, String)]) -> [String: String] {
        var result = ["GIT_CONFIG_COUNT": String(configuration.count)]
        for (index, (key, value)) in configuration.enumerated() {
            result["GIT_CONFIG_KEY_\(index)"] = key
            result["GIT_CONFIG_VALUE_\(index)"] = value
        }
        return result
    }

    private static func line(_ text: String) -> String {
        String(text.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" && $0 != "\0" })
    }

    private static func quoted(_ path: String) -> String {
        "'" + path.replacing("'", with: #"'\''"#) + "'"
    }

    private static func prepare(_ directory: String) throws(GitError) {
        do {
            // Left by a process that was killed.
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw failure(directory, error)
        }
    }

    private static func write(_ text: String, to path: String) throws(GitError) {
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else { throw failure(path, "the file cannot be made") }
    }

    private static func failure(_ path: String, _ error: some Any) -> GitError {
        GitError(code: .toolFailed, message: "Credentials cannot be laid out at \(path): \(error)")
    }
}

extension RepositoryLocation {
    /// `https://host:port`, of a repository that is read over http.
    var webHost: String? {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return nil }
        let parts = display.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count > 2 ? parts[0...2].joined(separator: "/") : nil
    }
}
