/// What the console and the command line show of a cluster.
package struct ClusterSummary: Sendable, Hashable {
    package enum Provider: String, Sendable, Hashable { case embedded, kubeconfig }

    package var name: String
    package var environment: String
    /// `on-premises` or `cloud`.
    package var location: String
    package var provider: Provider
    /// Whether its nodes and pods are simulated; the console says so.
    package var isSimulated: Bool
    package var version: String
    package var nodes: Int
    package var readyNodes: Int
    package var isReachable: Bool
    /// Why it is not ready, in one sentence; empty otherwise.
    package var message: String
    /// Seconds since 1970 at which `isReachable` last changed.
    package var since: Double

    package init(
        name: String,
        environment: String,
        location: String,
        provider: Provider,
        isSimulated: Bool,
        version: String,
        nodes: Int,
        readyNodes: Int,
        isReachable: Bool,
        message: String,
        since: Double
    ) {
        self.name = name
        self.environment = environment
        self.location = location
        self.provider = provider
        self.isSimulated = isSimulated
        self.version = version
        self.nodes = nodes
        self.readyNodes = readyNodes
        self.isReachable = isReachable
        self.message = message
        self.since = since
    }
}
