import Crypto
import HTTPTypes

/// How a Git host proves that a webhook is its own.
struct WebhookSignature: Sendable {
    /// GitHub, Gitea, Forgejo, Gogs and Bitbucket: HMAC-SHA256 of the body, in hexadecimal digits.
    private var digests: [[UInt8]] = []
    /// GitLab: the secret itself.
    private var token: [UInt8]?

    /// With the scheme's name before the digest, or without.
    private static let fields = [
        "X-Hub-Signature-256", "X-Hub-Signature", "X-Gitea-Signature", "X-Forgejo-Signature",
        "X-Gogs-Signature",
    ]

    init(_ headers: HTTPFields) {
        for field in Self.fields {
            guard let name = HTTPField.Name(field), let value = headers[name] else { continue }
            let digits = value.hasPrefix("sha256=") ? value.dropFirst("sha256=".count) : value[...]
            guard digits.utf8.count == 64, let bytes = Self.bytes(digits) else { continue }
            digests.append(bytes)
        }
        if let name = HTTPField.Name("X-Gitlab-Token"), let value = headers[name] {
            token = Array(value.utf8)
        }
    }

    /// Takes the same time wherever a signature differs.
    func fits(_ body: some Collection<UInt8>, secret: String) -> Bool {
        guard !secret.isEmpty else { return false }
        if let token, Self.isEqual(SHA256.hash(data: token), SHA256.hash(data: Array(secret.utf8))) {
            return true
        }
        guard !digests.isEmpty else { return false }
        let key = SymmetricKey(data: Array(secret.utf8))
        let wanted = HMAC<SHA256>.authenticationCode(for: Array(body), using: key)
        return digests.contains { Self.isEqual($0, wanted) }
    }

    private static func isEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
