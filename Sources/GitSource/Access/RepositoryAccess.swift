/// What reading one repository needs besides its URL: credentials, whom to trust, how far to follow.
///
/// Never shown: its texts are secrets.
package struct RepositoryAccess: Sendable, Hashable {
    /// What becomes of the submodules that a commit has.
    package enum Submodules: Sendable, Hashable {
        case ignored
        /// Read where their URL is on the repository's own host, or on one of these.
        case followed(hosts: Set<String>)
    }

    /// For https; with a token and no name any name will do for most hosts.
    package var username: String?
    /// For https: a password or a token.
    package var password: String?
    /// For ssh: a private key without passphrase.
    package var sshKey: String?
    /// For ssh: lines as in `~/.ssh/known_hosts`; a host that is not among them is refused.
    package var knownHosts: String?
    /// For https: certificate authorities in PEM, in place of the system's.
    package var certificateAuthorities: String?
    package var submodules = Submodules.followed(hosts: [])
    /// How many commits of each branch the mirror begins with, without tags; all of its history and its tags when `nil`.
    package var depth: Int?
    /// Who may have signed the newest commit of a branch; `nil` asks for no signature.
    package var signers: CommitSigners?
    /// How long a server may take to say what it has.
    package var patience = Duration.seconds(30)
    /// Why there is no access at all: a Secret that is missing, say.
    package var problem: String?
    /// Whether every object that arrives is checked for malformed content; for what people bring themselves.
    var checksObjects = false

    package init() {}

    /// Whether the credentials are given: then none of Varde's own surroundings are used.
    package var isConfined: Bool {
        password != nil || sshKey != nil || knownHosts != nil || certificateAuthorities != nil
    }

    /// Texts that may be in no message.
    var secrets: [String] { [password].compactMap(\.self).filter { !$0.isEmpty } }
}

/// Whose signatures on commits are trusted.
package struct CommitSigners: Sendable, Hashable {
    /// Lines as `ssh-keygen` reads them: `kari@example.com ssh-ed25519 AAAA…`.
    package var allowedSigners: String
    /// OpenPGP public keys, armoured.
    package var gpgKeys: [String]
    /// Why nobody is trusted: a Secret that is missing, say.
    package var problem: String?

    package init(allowedSigners: String = "", gpgKeys: [String] = [], problem: String? = nil) {
        self.allowedSigners = allowedSigners
        self.gpgKeys = gpgKeys
        self.problem = problem
    }

    package var isEmpty: Bool { gpgKeys.isEmpty && allowedSigners.allSatisfy(\.isWhitespace) }
}
