import Foundation
import SwiftASN1
import X509

/// What a cluster proves itself by, and lets its administrator prove themselves by: kept in its database, so that
/// kubeconfig files stay valid after a restart and after a restore elsewhere.
struct ClusterKeys: Sendable {
    let authority: CertificateAuthority
    /// The certificate of a member of `system:masters`.
    let administrator: CertificateAuthority.Identity

    private static let year = Duration.seconds(365 * 86_400)

    /// Takes the keys of a store, or makes them; an administrator's certificate that has lived half its life is renewed.
    init(store: ClusterStore, cluster: String) throws {
        authority = try Self.authority(store, cluster)
        if let certificate = try store.fact("admin-certificate"), let key = try store.fact("admin-key"),
            // What cannot be read is made anew, like what is old.
            let known = try? Certificate(pemEncoded: certificate),
            known.notValidAfter > Date(timeIntervalSinceNow: Double(Self.year.components.seconds / 2))
        {
            administrator = CertificateAuthority.Identity(certificate: certificate, key: key)
            return
        }
        administrator = try authority.clientIdentity(
            user: Authenticator.administrator.name,
            groups: ["system:masters"],
            validity: Self.year
        )
        try store.setFact("admin-key", administrator.key)
        try store.setFact("admin-certificate", administrator.certificate)
    }

    private static func authority(_ store: ClusterStore, _ cluster: String) throws -> CertificateAuthority {
        if let certificate = try store.fact("ca-certificate"), let key = try store.fact("ca-key") {
            return try CertificateAuthority(.init(certificate: certificate, key: key))
        }
        let made = try CertificateAuthority(name: "varde-\(cluster)-ca")
        // The key first: a certificate without its key would be no authority.
        try store.setFact("ca-key", made.keyText)
        try store.setFact("ca-certificate", made.certificate)
        return made
    }
}
