import CryptoExtras
import Foundation
import JWTKit
import KubeModel

/// Issues and checks a cluster's service-account tokens.
///
/// The signing key is made when it is first needed and kept in the store, so that tokens stay valid after a restart.
actor ServiceAccountTokens {
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    private let store: ClusterStore
    private var keys: Keys?

    private struct Keys {
        var collection: JWTKeyCollection
        var id: String
        var modulus: Data
        var exponent: Data
    }

    init(store: ClusterStore) { self.store = store }

    /// The public keys, as `/openid/v1/jwks` has them.
    func keySet() async throws -> JSON {
        let keys = try await loadKeys()
        return [
            "keys": [
                [
                    "use": "sig", "kty": "RSA", "kid": .string(keys.id), "alg": "RS256",
                    "n": .string(keys.modulus.base64URL), "e": .string(keys.exponent.base64URL),
                ]
            ]
        ]
    }

    func sign(_ claims: ServiceAccountClaims) async throws -> String {
        let keys = try await loadKeys()
        return try await keys.collection.sign(claims, kid: JWKIdentifier(string: keys.id))
    }

    /// The service account of a token, if it is signed here, in its time, for one of the audiences, and everything it is
    /// bound to still exists.
    func authenticate(_ token: String, audiences: [String]) async -> (user: UserInfo, audiences: [String])? {
        guard token.utf8.count < 16_384, token.split(separator: ".").count == 3 else { return nil }
        // A token that does not verify is no token: the caller answers 401 for every reason alike.
        guard let keys = try? await loadKeys(),
            let claims = try? await keys.collection.verify(token, as: ServiceAccountClaims.self)
        else { return nil }
        let now = Int(Date().timeIntervalSince1970)
        guard claims.iss == Self.issuer, claims.nbf <= now + 10, claims.exp > now else { return nil }
        let wanted = audiences.isEmpty ? [Self.issuer] : audiences
        let matching = wanted.filter(claims.aud.contains)
        guard !matching.isEmpty, isAlive(claims) else { return nil }
        return (user(of: claims), audiences.isEmpty ? claims.aud : matching)
    }

    /// Why a token that is signed here is not taken; `nil` for any other.
    func refusal(of token: String, audiences: [String]) async -> String? {
        guard token.utf8.count < 16_384, token.split(separator: ".").count == 3 else { return nil }
        // A token that does not verify is not one of ours.
        guard let keys = try? await loadKeys(),
            let claims = try? await keys.collection.verify(token, as: ServiceAccountClaims.self)
        else { return nil }
        let wanted = audiences.isEmpty ? [Self.issuer] : audiences
        if !wanted.contains(where: claims.aud.contains) {
            func list(_ texts: [String]) -> String {
                "[" + texts.map(\.goQuoted).joined(separator: " ") + "]"
            }
            return "token audiences \(list(claims.aud)) is invalid for the target audiences \(list(wanted))"
        }
        if claims.exp <= Int(Date().timeIntervalSince1970) { return "service account token has expired" }
        let kubernetes = claims.kubernetes
        if !exists("serviceaccounts", kubernetes.namespace, kubernetes.serviceaccount) {
            return "serviceaccount \"\(kubernetes.serviceaccount.name)\" not found"
        }
        return isAlive(claims) ? nil : "service account token has been invalidated"
    }

    private func isAlive(_ claims: ServiceAccountClaims) -> Bool {
        let kubernetes = claims.kubernetes
        let namespace = kubernetes.namespace
        return exists("serviceaccounts", namespace, kubernetes.serviceaccount)
            && (kubernetes.pod.map { exists("pods", namespace, $0) } ?? true)
            && (kubernetes.secret.map { exists("secrets", namespace, $0) } ?? true)
            && (kubernetes.pod != nil || (kubernetes.node.map { exists("nodes", "", $0) } ?? true))
    }

    private func exists(
        _ resource: String,
        _ namespace: String,
        _ object: ServiceAccountClaims.Object
    ) -> Bool {
        let name = ObjectName(namespace: namespace, name: object.name)
        return store.get(ClusterStore.Key(resource: resource, name: name))?.uid == object.uid
    }

    private func user(of claims: ServiceAccountClaims) -> UserInfo {
        let kubernetes = claims.kubernetes
        let account = ServiceAccountName(
            namespace: kubernetes.namespace,
            name: kubernetes.serviceaccount.name
        )
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=\(claims.jti)"]]
        if let pod = kubernetes.pod {
            extra["authentication.kubernetes.io/pod-name"] = [pod.name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
        }
        if let node = kubernetes.node {
            extra["authentication.kubernetes.io/node-name"] = [node.name]
            extra["authentication.kubernetes.io/node-uid"] = [node.uid]
        }
        return UserInfo(
            name: account.user,
            uid: kubernetes.serviceaccount.uid,
            groups: account.groups + ["system:authenticated"],
            extra: extra
        )
    }

    private func loadKeys() async throws -> Keys {
        if let keys { return keys }
        let pem: String
        if let stored = try store.fact("service-account-key") {
            pem = stored
        } else {
            pem = try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation
            try store.setFact("service-account-key", pem)
        }
        let key = try Insecure.RSA.PrivateKey(pem: pem)
        let primitives = try key.publicKey.getKeyPrimitives()
        let id = Data(primitives.modulus.prefix(32)).base64URL
        let collection = JWTKeyCollection()
        await collection.add(rsa: key, digestAlgorithm: .sha256, kid: JWKIdentifier(string: id))
        let made = Keys(
            collection: collection,
            id: id,
            modulus: primitives.modulus,
            exponent: primitives.publicExponent
        )
        keys = keys ?? made
        return keys ?? made
    }
}

extension Data {
    fileprivate var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
