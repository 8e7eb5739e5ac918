package import KubeClient
import KubeModel
package import Logging

/// How an embedded cluster is set up.
package struct EmbeddedClusterConfiguration: Sendable, Hashable {
    package struct NodePool: Sendable, Hashable {
        package var name: String
        package var nodes: Int
        package var cpu: String
        package var memory: String
        package var labels: [String: String]

        package init(name: String, nodes: Int, cpu: String = "8", memory: String = "32Gi", labels: [String: String] = [:]) {
            self.name = name
            self.nodes = nodes
            self.cpu = cpu
            self.memory = memory
            self.labels = labels
        }
    }

    package var name: String
    /// As `/version` answers it.
    package var version: String
    package var nodePools: [NodePool]
    /// Whether workload controllers and simulated nodes run; the admin cluster has neither pods nor nodes.
    package var runsWorkloads: Bool

    package init(name: String, version: String = "v1.36.2", nodePools: [NodePool] = [], runsWorkloads: Bool = true) {
        self.name = name
        self.version = version
        self.nodePools = nodePools
        self.runsWorkloads = runsWorkloads
    }
}

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

/// All embedded clusters of the process, behind one HTTPS listener.
///
/// The cluster named `admin` is served at the root (and at `/clusters/admin`), every other at `/clusters/<name>`.
package final class ClusterHost: Sendable {
    /// - Parameters:
    ///   - directory: Holds one database per cluster, the certificate authority and keys; made if missing.
    ///   - port: 0 picks a free one.
    package init(directory: String, host: String, port: Int, logger: Logger) async throws { fatalError("H2 implements") }

    /// The port that is listened on.
    package var port: Int { fatalError("H2 implements") }
    /// The certificate authority that signed the listener's certificate, as PEM.
    package var certificateAuthority: String { fatalError("H2 implements") }

    /// Opens or creates a cluster, and starts its controllers and nodes. Calling it again with another configuration
    /// changes the node pools and the version.
    package func open(_ configuration: EmbeddedClusterConfiguration) async throws -> EmbeddedCluster { fatalError("H2 implements") }
    package func cluster(named name: String) -> EmbeddedCluster? { fatalError("H2 implements") }
    /// Stops a cluster and removes its database.
    package func delete(named name: String) async throws { fatalError("H2 implements") }

    /// Serves until cancelled; then finishes what is in flight, closes the databases and returns.
    package func run() async throws { fatalError("H2 implements") }
}
