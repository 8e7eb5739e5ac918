import Crypto
import KubeModel

/// Finds out who sends a request, by the `Authorization` header.
package struct Authenticator: Sendable {
    private let adminDigest: SHA256.Digest
    let tokens: ServiceAccountTokens

    init(adminToken: String, tokens: ServiceAccountTokens) {
        adminDigest = SHA256.hash(data: Array(adminToken.utf8))
        self.tokens = tokens
    }

    static let anonymous = UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"])
    static let administrator = UserInfo(name: "admin", groups: ["system:masters", "system:authenticated"])

    /// - Throws: `StatusError` 401 for a token that is not valid. Without one the user is anonymous.
    func authenticate(_ headers: Headers) async throws -> UserInfo {
        guard let token = Self.bearerToken(headers) else { return Self.anonymous }
        guard let user = await authenticate(token: token)?.user else { throw StatusError.unauthorized }
        return user
    }

    /// `nil` for a token that is not valid.
    func authenticate(token: String, audiences: [String] = []) async -> (user: UserInfo, audiences: [String])?
    {
        // Digests are compared, so that the time it takes tells nothing about the token.
        if SHA256.hash(data: Array(token.utf8)) == adminDigest { return (Self.administrator, audiences) }
        return await tokens.authenticate(token, audiences: audiences)
    }

    private static func bearerToken(_ headers: Headers) -> String? {
        guard let header = headers["authorization"] else { return nil }
        let parts = header.trimmed.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = String(parts[1]).trimmed
        return token.isEmpty ? nil : token
    }
}
