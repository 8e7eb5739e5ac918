package import KubeClient

/// One Kubernetes API, hosted in this process.
package final class EmbeddedCluster: Sendable {
    package let name: String
    /// In-process access as a cluster administrator who may impersonate.
    package let transport: any Transport
    /// The bearer token of an administrator, for kubeconfig files; the same after a restart.
    package let adminToken: String
    /// `https://127.0.0.1:6444`: a port of its own, so that it is at the root as any Kubernetes server.
    package let serverURL: String
    /// The cluster's own, as PEM; clients verify the server with it alone.
    package let certificateAuthority: String
    /// The certificate of an administrator with its key, as PEM, for kubeconfig files.
    package let adminCertificate: String
    package let adminKey: String

    init(name: String, transport: any Transport, adminToken: String, serverURL: String, keys: ClusterKeys) {
        self.name = name
        self.transport = transport
        self.adminToken = adminToken
        self.serverURL = serverURL
        certificateAuthority = keys.authority.certificate
        adminCertificate = keys.administrator.certificate
        adminKey = keys.administrator.key
    }
}
