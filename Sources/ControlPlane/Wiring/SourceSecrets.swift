import GitSource
import KubeModel
import Tenancy

/// What a tenant's Secrets say about its repositories.
enum SourceSecrets {
    /// A Secret's texts by key; what is no text is left out, but for OpenPGP keys.
    static func texts(of secret: KubeObject) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in secret["data"]?.object ?? [:] {
            guard let bytes = value.string.flatMap({ Base64.decoded($0.utf8) }) else { continue }
            texts[key] =
                String(validating: bytes, as: UTF8.self) ?? (key.hasSuffix(".gpg") ? armored(bytes) : nil)
        }
        return texts
    }

    /// A public key that was exported without `--armor`.
    private static func armored(_ key: [UInt8]) -> String {
        """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        \(wrapped(Base64.encoded(key)))
        -----END PGP PUBLIC KEY BLOCK-----

        """
    }

    private static func wrapped(_ text: String) -> String {
        stride(from: 0, to: text.utf8.count, by: 64).map { String(text.dropFirst($0).prefix(64)) }
            .joined(separator: "\n")
    }

    /// Credentials, by the keys that Kubernetes, Flux and Argo CD use for them.
    static func access(from texts: [String: String]) -> RepositoryAccess {
        func first(_ keys: String...) -> String? {
            keys.lazy.compactMap { texts[$0] }.first { !$0.isEmpty }
        }
        var access = RepositoryAccess()
        access.username = first("username").map(trimmed)
        access.password = first("password", "token", "bearerToken").map(trimmed)
        access.sshKey = first("ssh-privatekey", "identity", "sshPrivateKey")
        access.problem = access.sshKey.flatMap { SecureShellKey.problem(of: $0) }
        access.knownHosts = first("known_hosts", "knownHosts")
        access.certificateAuthorities = first("ca.crt", "caFile")
        return access
    }

    /// Whose signatures are trusted.
    static func signers(from texts: [String: String]) -> CommitSigners {
        CommitSigners(
            allowedSigners: texts["allowed_signers"] ?? "",
            gpgKeys: texts.sorted { $0.key < $1.key }.filter {
                $0.key.hasSuffix(".asc") || $0.key.hasSuffix(".gpg")
            }
            .map(\.value)
        )
    }

    /// What webhooks are signed with.
    static func webhook(from texts: [String: String]) -> String? {
        ["token", "secret"].lazy.compactMap { texts[$0] }.map(trimmed).first { !$0.isEmpty }
    }

    /// Files end in a newline; passwords do not.
    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
