#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension GitError {
    /// What a failed run of git means.
    ///
    /// Git answers 128 for everything, so its words must tell.
    init(
        of outcome: Command.Outcome,
        about location: RepositoryLocation,
        deadline: Duration,
        secrets: [String] = []
    ) {
        let place = location.display
        var words = Self.words(of: outcome.errors, about: location)
        for secret in secrets { words = words.replacing(secret, with: "***") }
        switch outcome.end {
        case .timedOut:
            self.init(
                code: .timedOut,
                message: "\(place) did not answer within \(deadline.components.seconds) s."
            )
        case .tooManyProcesses:
            self.init(code: .toolFailed, message: "git started too many processes for \(place).")
        case .printedTooMuch:
            self.init(code: .tooLarge, message: "git printed more than is allowed about \(place).")
        case .killed(let signal) where signal == SIGXFSZ:
            let most = "\(GitProgram.largestFile >> 30) GiB"
            self.init(code: .tooLarge, message: "\(place) sent more than \(most) at once.")
        case .killed(let signal):
            self.init(code: .toolFailed, message: "git was ended by signal \(signal) while reading \(place).")
        case .exited where outcome.errors.contains("No space left on device"):
            self.init(diskIsFullFor: "the mirror of \(place)")
        case .exited:
            let code = Self.code(of: outcome.errors.lowercased())
            let sentence =
                switch code {
                case _ where outcome.errors.contains("REMOTE HOST IDENTIFICATION HAS CHANGED"):
                    "\(place) is not trusted: its host key is another one than the known one. The server was changed, "
                        + "or somebody is in between; once checked, replace the line under known_hosts in the repository's Secret."
                case .untrusted: Self.untrusted(place, words)
                case .authenticationFailed where outcome.errors.contains("Host key verification failed"):
                    "\(place) is not trusted: its host key is not among the known hosts. Put the line that "
                        + "`ssh-keyscan` prints, once checked, under known_hosts in the repository's Secret."
                case .redirected: "\(place) sends to another address: \(words)"
                case .authenticationFailed: "\(place) refused access: \(words)"
                case .notARepository: "\(place) is not a Git repository, or may not be seen: \(words)"
                case .unreachable: "\(place) cannot be reached: \(words)"
                default: "git failed on \(place): \(words)"
                }
            self.init(code: code, message: sentence)
        }
    }

    /// - Parameter what: What could not be written.
    init(diskIsFullFor what: String) {
        self.init(
            code: .diskFull,
            message: "The disk is full: \(what) cannot be written (No space left on device). "
                + "It goes on by itself when there is space."
        )
    }

    /// What is wrong with a certificate, and what to do.
    private static func untrusted(_ place: String, _ words: String) -> String {
        var words = words
        if let files = words.firstRange(of: " CAfile: ") { words = String(words[..<files.lowerBound]) }
        if let start = words.firstRange(of: "/': ") { words = String(words[start.upperBound...]) }
        return "\(place) is not trusted: \(words.hasSuffix(".") ? String(words.dropLast()) : words). "
            + "Put the certificate of the authority that signed it under ca.crt in the repository's Secret."
    }

    private static let signs: [(Code, [String])] = [
        (
            .untrusted,
            [
                "certificate verification failed", "certificate problem", "certificate subject name",
                "does not match target host name", "certificate has expired",
            ]
        ),
        (
            .redirected,
            [
                "returned error: 301", "returned error: 302", "returned error: 303",
                "returned error: 307", "returned error: 308",
            ]
        ),
        (
            .authenticationFailed,
            [
                "authentication failed", "could not read username", "could not read password",
                "permission denied (", "returned error: 401", "returned error: 403",
                "host key verification failed",
                "invalid credentials", "terminal prompts disabled",
            ]
        ),
        (
            .unreachable,
            [
                "could not resolve host", "unable to connect", "connection refused", "connection timed out",
                "connection reset", "operation timed out", "network is unreachable", "no route to host",
                "failed to connect", "couldn't connect", "early eof", "hung up unexpectedly",
                "returned error: 5",
                "operation too slow", "tls", "ssl", "temporary failure in name resolution", "timed out",
            ]
        ),
        (
            .notARepository,
            [
                "does not appear to be a git repository", "not a git repository", "repository not found",
                "does not exist", "returned error: 404", "no such file or directory", "not found",
            ]
        ),
    ]

    private static func code(of text: String) -> Code {
        // "Could not read from remote repository" follows every failure over ssh; the line before says why.
        for (code, signs) in signs where signs.contains(where: text.contains) { return code }
        return .toolFailed
    }

    /// The one line of git's standard error that says most, without its prefixes and without credentials.
    private static func words(of errors: String, about location: RepositoryLocation) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
        let telling =
            lines.first { $0.hasPrefix("fatal: ") } ?? lines.first { $0.hasPrefix("error: ") } ?? lines.first
        // Over ssh, what the server or ssh itself said comes first and matters more.
        let isVague = telling?.contains("Could not read from remote repository") ?? false
        var words = (isVague ? lines.first : telling) ?? "git said nothing about why"
        for prefix in ["fatal: ", "error: ", "ERROR: ", "remote: "] where words.hasPrefix(prefix) {
            words.removeFirst(prefix.count)
        }
        return location.redacting(String(words.prefix(400)))
    }
}
