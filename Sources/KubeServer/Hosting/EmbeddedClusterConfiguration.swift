/// How an embedded cluster is set up.
package struct EmbeddedClusterConfiguration: Sendable, Hashable {
    package struct NodePool: Sendable, Hashable {
        package var name: String
        package var nodes: Int
        package var cpu: String
        package var memory: String
        package var labels: [String: String]

        package init(
            name: String,
            nodes: Int,
            cpu: String = "8",
            memory: String = "32Gi",
            labels: [String: String] = [:]
        ) {
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
    /// Whether workload controllers and simulated nodes run; without nodes the pods of a cluster stay Pending.
    package var runsWorkloads: Bool

    package init(
        name: String,
        version: String = "v1.36.2",
        nodePools: [NodePool] = [],
        runsWorkloads: Bool = true
    ) {
        self.name = name
        self.version = version
        self.nodePools = nodePools
        self.runsWorkloads = runsWorkloads
    }
}
