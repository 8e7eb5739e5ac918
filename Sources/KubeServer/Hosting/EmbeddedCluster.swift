package import KubeClient

/// One Kubernetes API, hosted in this process.
package final class EmbeddedCluster: Sendable {
    package let name: String
    /// In-process access as a cluster administrator who may impersonate.
    package let transport: any Transport
    /// The bearer token of an administrator, for kubeconfig files; the same after a restart.
    package let adminToken: String
    /// `https://127.0.0.1:6443/clusters/dev`; the admin cluster has no path.
    package let serverURL: String

    init(name: String, transport: any Transport, adminToken: String, serverURL: String) {
        self.name = name
        self.transport = transport
        self.adminToken = adminToken
        self.serverURL = serverURL
    }
}
