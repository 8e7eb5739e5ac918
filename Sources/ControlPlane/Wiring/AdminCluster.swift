import Fleet
import KubeClient
import KubeModel
import KubeServer
import Logging

/// The cluster that holds Varde's own objects: one that this process hosts, or a real one.
struct AdminCluster: Sendable {
    let client: KubeClient
    /// `nil` when the cluster is a real one: then nothing is hosted here.
    let host: ClusterHost?
    let url: String

    init(_ configuration: UpConfiguration, directory: DataDirectory, logger: Logger) async throws {
        switch configuration.admin {
        case .embedded:
            let host = try await UpError.listening(
                "\(configuration.kubeHost):\(configuration.kubePort)",
                "--kube"
            ) {
                try await ClusterHost(
                    directory: directory.kubernetes,
                    host: configuration.kubeHost,
                    port: configuration.kubePort,
                    logger: logger
                )
            }
            let cluster = try await host.open(EmbeddedClusterConfiguration(name: "admin"))
            self.host = host
            client = KubeClient(transport: cluster.transport)
            url = "https://\(configuration.kubeHost):\(host.port)"
        case .kubeconfig(let path, let context):
            do throws(ClientError) {
                let endpoint = try Kubeconfig(path: path).endpoint(context: context)
                self = try Self.real(endpoint, logger: logger)
            } catch {
                throw UpError(
                    code: .badConfiguration,
                    message: "\(error.message). Name a file that kubectl can use with --kubeconfig."
                )
            }
        case .surrounding:
            guard let endpoint = ClusterEndpoint.inCluster() else {
                throw UpError(
                    code: .badConfiguration,
                    message:
                        "This process is not a pod of a cluster: name the admin cluster with --kubeconfig FILE."
                )
            }
            self = try Self.real(endpoint, logger: logger)
        }
        if host == nil { try await checkAnswers() }
    }

    private init(client: KubeClient, host: ClusterHost?, url: String) {
        self.client = client
        self.host = host
        self.url = url
    }

    private static func real(_ endpoint: ClusterEndpoint, logger: Logger) throws(ClientError) -> AdminCluster
    {
        AdminCluster(
            client: KubeClient(transport: try HTTPTransport(endpoint, logger: logger)),
            host: nil,
            url: endpoint.server
        )
    }

    /// A mistake in the kubeconfig is told now, not tried again for ever.
    private func checkAnswers() async throws {
        do {
            _ = try await client.list(.namespaces)
        } catch let error as ClientError {
            throw UpError(
                code: .noAdminCluster,
                message: "The admin cluster does not answer: \(error.message). Try the same with kubectl."
            )
        } catch let error as StatusError {
            throw UpError(
                code: .noAdminCluster,
                message: "The admin cluster refuses: \(error.message). "
                    + "Varde needs a cluster administrator's rights there."
            )
        }
    }
}
