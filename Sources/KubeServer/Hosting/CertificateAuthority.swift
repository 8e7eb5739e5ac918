import Crypto
import Foundation
import SwiftASN1
import X509

/// A cluster's certificate authority: signs what its server and its administrator show.
struct CertificateAuthority: Sendable {
    /// A certificate with its key, as PEM.
    struct Identity: Sendable, Hashable {
        var certificate: String
        var key: String
    }

    /// As PEM.
    let certificate: String
    let authority: Certificate
    private let key: P256.Signing.PrivateKey

    var keyText: String { key.pemRepresentation }

    /// Makes a new authority.
    init(name: String) throws {
        key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName(name) }
        let publicKey = Certificate.PrivateKey(key).publicKey
        authority = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: 10 * 365 * 86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        certificate = try authority.serializeAsPEM().pemString
    }

    /// Takes up an authority that was kept.
    init(_ identity: Identity) throws {
        certificate = identity.certificate
        authority = try Certificate(pemEncoded: identity.certificate)
        key = try P256.Signing.PrivateKey(pemRepresentation: identity.key)
    }

    /// A certificate for a server that is reached by these names.
    func serverIdentity(names: [String], addresses: [[UInt8]]) throws -> Identity {
        let subjects =
            names.map { GeneralName.dnsName($0) }
            + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        return try issue(
            to: try DistinguishedName { CommonName("kube-apiserver") },
            for: .serverAuth,
            subjects
        )
    }

    /// A certificate by which a user is known: the common name is the user's, the organisations are the groups.
    ///
    /// - Parameter validity: From an hour ago on; tests let it be over.
    func clientIdentity(user: String, groups: [String], validity: Duration) throws -> Identity {
        let subject = try DistinguishedName {
            for group in groups { OrganizationName(group) }
            CommonName(user)
        }
        return try issue(to: subject, for: .clientAuth, [], validity: validity)
    }

    /// Signs a request for a client certificate.
    ///
    /// - Throws: When the request cannot be read or is not signed by the key that it names.
    func sign(request pem: String, validity: Duration) throws -> String {
        let request = try CertificateSigningRequest(pemEncoded: pem)
        return try issue(to: request.subject, for: .clientAuth, request.publicKey, [], validity: validity)
            .serializeAsPEM().pemString
    }

    private func issue(
        to subject: DistinguishedName,
        for usage: ExtendedKeyUsage.Usage,
        _ names: [GeneralName],
        validity: Duration = .seconds(365 * 86_400)
    ) throws -> Identity {
        let key = P256.Signing.PrivateKey()
        let issued = try issue(
            to: subject,
            for: usage,
            Certificate.PrivateKey(key).publicKey,
            names,
            validity: validity
        )
        return Identity(certificate: try issued.serializeAsPEM().pemString, key: key.pemRepresentation)
    }

    private func issue(
        to subject: DistinguishedName,
        for usage: ExtendedKeyUsage.Usage,
        _ publicKey: Certificate.PublicKey,
        _ names: [GeneralName],
        validity: Duration
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: Double(validity.components.seconds)),
            issuer: authority.subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([usage])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: authority.publicKey).keyIdentifier
                )
                if !names.isEmpty { SubjectAlternativeNames(names) }
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
    }
}
