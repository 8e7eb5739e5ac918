import Crypto
import Foundation
import KubeClient
import KubeModel

/// What all replicas of `varde server` on one admin cluster know, and nobody who may not read its Secrets: with it they
/// sign what they ask of each other.
enum ReplicaKey {
    private static let name = ObjectName(namespace: OwnDefinitions.namespace, name: "varde-replicas")

    /// The key of the first replica that asked for one.
    static func shared(in admin: KubeClient) async throws -> [UInt8] {
        if let known = try await known(in: admin) { return known }
        var secret = KubeObject(apiVersion: "v1", kind: "Secret", namespace: name.namespace, name: name.name)
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        secret["type"] = "Opaque"
        secret["data"] = ["key": .string(Base64.encoded(bytes))]
        do {
            _ = try await admin.create(.secrets, secret)
            return bytes
        } catch let error as StatusError where error.isAlreadyExists {
            // Another replica was first.
            return try await known(in: admin) ?? bytes
        }
    }

    private static func known(in admin: KubeClient) async throws -> [UInt8]? {
        let secret = try await admin.find(.secrets, name)
        guard let bytes = secret?.at("data", "key")?.string.flatMap({ Base64.decoded($0.utf8) }),
            bytes.count >= 32
        else { return nil }
        return bytes
    }
}
