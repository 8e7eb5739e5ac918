import Fleet
import KubeClient
import KubeModel
import KubeServer
import Logging

/// Hosts the fleet's embedded clusters in this process, and reaches the others by their kubeconfigs.
struct FleetClusterProvider: ClusterProvider {
    /// `nil` where nothing is hosted.
    let host: ClusterHost?
    let admin: KubeClient
    let logger: Logger
    /// Called after a hosted cluster came or went.
    let hostedClustersChanged: @Sendable () async throws -> Void

    func open(_ cluster: FleetCluster) async throws -> KubeClient {
        switch cluster.connection {
        case .embedded:
            guard let host else {
                throw FleetError(
                    code: .cannotOpen,
                    message:
                        "varde server hosts no clusters: give \(cluster.name) a connection by kubeconfig, "
                        + "or run it with varde up."
                )
            }
            let configuration = EmbeddedClusterConfiguration(
                name: cluster.name,
                version: cluster.version,
                nodePools: cluster.nodePools.map {
                    EmbeddedClusterConfiguration.NodePool(
                        name: $0.name,
                        nodes: $0.replicas,
                        cpu: $0.cpu,
                        memory: $0.memory,
                        labels: $0.labels
                    )
                },
                admission: cluster.admission.flatMap(EmbeddedClusterConfiguration.Admission.init) ?? .kubeadm,
                serviceNetwork: cluster.serviceNetwork
            )
            let embedded = try await Self.open(configuration, on: host)
            try await hostedClustersChanged()
            return KubeClient(transport: embedded.transport)
        case .kubeconfigFile(let path, let context):
            return try connect(try Kubeconfig(path: path), context: context)
        case .kubeconfig(let secret, let key):
            guard let object = try await admin.find(.secrets, secret) else {
                throw FleetError(
                    code: .cannotOpen,
                    message: "Secret \(secret) with the kubeconfig of cluster \(cluster.name) is not there."
                )
            }
            guard let data = object.at("data", key)?.string, let bytes = Base64.decoded(data.utf8) else {
                throw FleetError(
                    code: .cannotOpen,
                    message: "Secret \(secret) has no key \"\(key)\" with a kubeconfig."
                )
            }
            return try connect(try Kubeconfig(bytes, name: "Secret \(secret)"), context: nil)
        }
    }

    /// - Throws: ``FleetError`` that says what to do about a cluster that cannot be opened.
    private static func open(
        _ configuration: EmbeddedClusterConfiguration,
        on host: ClusterHost
    ) async throws -> EmbeddedCluster {
        do {
            return try await host.open(configuration)
        } catch let error as StoreError {
            throw FleetError(code: .cannotOpen, message: error.message)
        } catch let error as HostError {
            throw FleetError(code: .cannotOpen, message: error.message)
        }
    }

    private func connect(_ kubeconfig: Kubeconfig, context: String?) throws -> KubeClient {
        do throws(ClientError) {
            let endpoint = try kubeconfig.endpoint(context: context)
            return KubeClient(transport: ProbedTransport(try HTTPTransport(endpoint, logger: logger)))
        } catch {
            throw FleetError(code: .cannotOpen, message: error.message)
        }
    }

    func remove(_ name: String, provider: ClusterSummary.Provider) async throws {
        guard provider == .embedded, let host else { return }
        try await host.delete(named: name)
        try await hostedClustersChanged()
    }
}
