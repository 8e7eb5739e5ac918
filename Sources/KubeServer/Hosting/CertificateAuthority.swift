import Crypto
import Foundation
import SwiftASN1
import X509

/// The certificate authority of a host: kept in its directory, so that kubeconfig files stay valid.
struct CertificateAuthority: Sendable {
    /// A certificate with its key, as PEM.
    struct Identity: Sendable {
        var certificate: String
        var key: String
    }

    let certificate: String
    private let authority: Certificate
    private let key: P256.Signing.PrivateKey

    /// Reads the authority of a directory, or makes one.
    init(directory: URL) throws {
        let certificateFile = directory.appending(path: "ca.crt")
        let keyFile = directory.appending(path: "ca.key")
        if FileManager.default.fileExists(atPath: certificateFile.path),
            FileManager.default.fileExists(atPath: keyFile.path)
        {
            certificate = try String(contentsOf: certificateFile, encoding: .utf8)
            authority = try Certificate(pemEncoded: certificate)
            key = try P256.Signing.PrivateKey(
                pemRepresentation: try String(contentsOf: keyFile, encoding: .utf8)
            )
            return
        }
        key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("varde-ca") }
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
        // The key first: a certificate without its key would be taken for a complete authority.
        try PrivateFile.write(key.pemRepresentation, to: keyFile)
        try Data(certificate.utf8).write(to: certificateFile, options: .atomic)
    }

    /// A certificate for a server that is reached by these names.
    func serverIdentity(names: [String], addresses: [[UInt8]]) throws -> Identity {
        let serverKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PrivateKey(serverKey).publicKey
        let subjects =
            names.map { GeneralName.dnsName($0) }
            + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let issued = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: 365 * 86_400),
            issuer: authority.subject,
            subject: try DistinguishedName { CommonName("kube-apiserver") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: authority.publicKey).keyIdentifier
                )
                SubjectAlternativeNames(subjects)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        return Identity(certificate: try issued.serializeAsPEM().pemString, key: serverKey.pemRepresentation)
    }
}

/// Files that only their owner may read.
enum PrivateFile {
    static func write(_ text: String, to file: URL) throws {
        try Data(text.utf8).write(to: file, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }
}
