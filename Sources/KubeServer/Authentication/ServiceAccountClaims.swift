import JWTKit

/// What a service-account token says.
struct ServiceAccountClaims: JWTPayload {
    struct Object: Codable, Sendable, Hashable {
        var name: String
        var uid: String
    }

    struct Kubernetes: Codable, Sendable, Hashable {
        var namespace: String
        var serviceaccount: Object
        var pod: Object?
        var secret: Object?
        var node: Object?
    }

    var iss: String
    var aud: [String]
    var sub: String
    var jti: String
    /// Seconds since 1970, like the other times.
    var iat: Int
    var nbf: Int
    var exp: Int
    var kubernetes: Kubernetes

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, jti, iat, nbf, exp
        case kubernetes = "kubernetes.io"
    }

    /// The signature is checked by the key collection, times and objects by ``ServiceAccountTokens``.
    func verify(using algorithm: some JWTAlgorithm) {}
}
