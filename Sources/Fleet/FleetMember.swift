import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// One open cluster: its client, and what its nodes say.
final class FleetMember: Sendable {
    let cluster: FleetCluster
    let client: KubeClient
    /// As the API server says.
    let version: String
    private let nodes: Informer
    private let probed: ProbedTransport?
    /// The Secret with the kubeconfig it was opened with, where there is one.
    private let credentials: Informer?
    /// What that Secret had before it was opened.
    private let usedCredentials: JSON?
    /// Seconds since 1970 at which it was opened, or stopped answering, or answered again.
    private let turned: Mutex<Double>
    private let now: @Sendable () -> Double
    private let changed: AsyncStream<Void>.Continuation
    private let changes: AsyncStream<Void>

    /// - Parameters:
    ///   - credentials: What the Secret with its kubeconfig had before it was opened.
    ///   - admin: Has the Secrets with kubeconfigs.
    ///   - now: Seconds since 1970.
    init(
        cluster: FleetCluster,
        client: KubeClient,
        version: String,
        credentials used: JSON?,
        admin: KubeClient,
        now: @escaping @Sendable () -> Double
    ) {
        self.cluster = cluster
        self.client = client
        self.version = version
        self.now = now
        turned = Mutex(now())
        probed = client.transport as? ProbedTransport
        nodes = Informer(client: client, resource: .nodes)
        usedCredentials = used
        credentials = cluster.secret.map { secret in
            Informer(
                client: admin,
                resource: .secrets,
                namespace: secret.namespace,
                fieldSelector: "metadata.name=\(secret.name)"
            )
        }
        (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Watches the nodes, and whether the cluster answers at all, until ``stop()`` or cancellation.
    func watch(_ onChange: @escaping @Sendable () async -> Void) async {
        let changed = changed
        nodes.onChange { _ in changed.yield() }
        await withTaskGroup(of: Void.self) { group in
            // Only cancellation ends an informer with an error.
            group.addTask { try? await self.nodes.run() }
            if let probed {
                group.addTask {
                    // Only cancellation ends it, too.
                    try? await probed.probe {
                        self.turned.withLock { $0 = self.now() }
                        changed.yield()
                    }
                }
            }
            if let credentials {
                credentials.onChange { _ in changed.yield() }
                group.addTask { try? await credentials.run() }
            }
            group.addTask {
                // Nobody tells when a file was replaced; it costs nothing to see that it is needed.
                while (try? await Task.sleep(for: Self.patience)) != nil {
                    if self.isRefused { await onChange() }
                }
            }
            for await _ in changes { await onChange() }
            group.cancelAll()
        }
    }

    /// Between two tries with the credentials that are there now, when those it was opened with are refused.
    private static let patience = Duration.seconds(5)

    /// Whether it must be opened again: there are other credentials, or those it was opened with are refused.
    var isOutdated: Bool {
        if isRefused { return true }
        // A Secret that is gone has nothing better.
        guard let secret = cluster.secret, let object = credentials?.get(secret) else { return false }
        return object["data"] != usedCredentials
    }

    /// Whether the cluster does not accept the credentials any more.
    private var isRefused: Bool { (nodes.failure as? StatusError)?.code == 401 }

    func stop() { changed.finish() }

    /// Its nodes, as they were last seen.
    var knownNodes: [KubeObject] { nodes.list() }

    var summary: ClusterSummary {
        let all = nodes.list()
        let failure = probed?.failure ?? nodes.failure.map { "\($0)" }
        return ClusterSummary(
            name: cluster.name,
            environment: cluster.environment,
            location: cluster.location,
            provider: cluster.provider,
            isSimulated: cluster.provider == .embedded,
            version: version,
            nodes: all.count,
            readyNodes: all.count { $0.condition("Ready")?.isTrue == true },
            isReachable: failure == nil,
            message: failure.map { "The cluster does not answer: \($0)" } ?? "",
            since: turned.withLock { $0 }
        )
    }
}

extension ClusterSummary {
    /// A declared cluster that is not open.
    init(unopened object: KubeObject, since: Double) {
        let condition = object.condition("Ready")
        self.init(
            name: object.name,
            environment: object.spec["environment"]?.string ?? "",
            location: object.spec["location"]?.string ?? "on-premises",
            provider: object.spec.at("connection", "embedded") == nil && object.spec["connection"] != nil
                ? .kubeconfig : .embedded,
            isSimulated: false,
            version: object.spec["version"]?.string ?? "",
            nodes: 0,
            readyNodes: 0,
            isReachable: false,
            message: condition?.message ?? "The cluster is being opened.",
            since: (condition?.lastTransitionTime).flatMap { Timestamp(parsing: $0) }.map {
                Double($0.seconds)
            }
                ?? since
        )
    }
}
