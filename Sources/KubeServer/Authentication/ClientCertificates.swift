import Crypto
import Foundation
import SwiftASN1
import X509

/// Tells who shows a client certificate: the common name is the user, the organisations are the groups.
struct ClientCertificates: Sendable {
    let authority: Certificate

    /// Who was found, and until when that holds.
    struct Finding: Sendable {
        var user: UserInfo
        var expiry: Date
    }

    /// `nil` for a certificate that this authority did not sign for a client, that is out of its time, or names nobody.
    ///
    /// - Parameter certificate: As DER.
    func authenticate(_ certificate: [UInt8], now: Date = Date()) -> Finding? {
        // What cannot be read proves nothing.
        guard let parsed = try? Certificate(derEncoded: certificate),
            parsed.issuer == authority.subject,
            authority.publicKey.isValidSignature(parsed.signature, for: parsed),
            parsed.notValidBefore <= now, now <= parsed.notValidAfter, Self.isForClients(parsed)
        else { return nil }
        var name = ""
        var groups: [String] = []
        for attribute in parsed.subject.flatMap({ $0 }) {
            guard let text = String(attribute.value) else { continue }
            switch attribute.type {
            case .RDNAttributeType.commonName: name = text
            case .RDNAttributeType.organizationName: groups.append(text)
            default: continue
            }
        }
        guard !name.isEmpty else { return nil }
        if !groups.contains("system:authenticated") { groups.append("system:authenticated") }
        let digest = SHA256.hash(data: certificate).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return Finding(
            user: UserInfo(
                name: name,
                groups: groups,
                extra: ["authentication.kubernetes.io/credential-id": ["X509SHA256=\(digest.joined())"]]
            ),
            expiry: parsed.notValidAfter
        )
    }

    private static func isForClients(_ certificate: Certificate) -> Bool {
        // Usages that cannot be read allow nothing; none at all allow everything.
        guard let usages = try? certificate.extensions.extendedKeyUsage else {
            return certificate.extensions[oid: .X509ExtensionID.extendedKeyUsage] == nil
        }
        return usages.contains(.clientAuth) || usages.contains(.any)
    }
}
