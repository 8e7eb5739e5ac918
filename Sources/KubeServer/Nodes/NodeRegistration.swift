import KubeClient
import KubeModel
import KubeRuntime

/// Brings a cluster's Node objects to what its configuration says, once at the start.
///
/// Simulated nodes send no heartbeats: an idle cluster writes nothing.
struct NodeRegistration {
    let cluster: WorkloadCluster
    let configuration: EmbeddedClusterConfiguration

    func run() async throws {
        let informer = cluster.informer(.nodes)
        try await informer.waitUntilSynced()
        let wanted = NodeFactory(configuration: configuration, now: cluster.now()).nodes()
        let names = Set(wanted.map(\.name))
        for node in informer.list()
        where !names.contains(node.name) && node.annotation(NodeFactory.simulated) != nil {
            try await cluster.delete(.nodes, node)
        }
        for node in wanted {
            if let known = informer.get(node.objectName) {
                try await update(known, to: node)
            } else {
                try await register(node)
            }
        }
    }

    private func register(_ node: KubeObject) async throws {
        var created = try await cluster.create(.nodes, node)
        // A server may drop the status of a new object.
        try await cluster.updateStatus(.nodes, of: created, to: node.status)
        created.status = node.status
        let source = EventSource(component: "kubelet", host: node.name)
        cluster.events.record("Starting", "Starting kubelet.", about: created, from: source)
        cluster.events.record(
            "NodeReady",
            "Node \(node.name) status is now: NodeReady",
            about: created,
            from: source
        )
    }

    private func update(_ known: KubeObject, to node: KubeObject) async throws {
        var patch: JSON = [:]
        let labels = JSON.strings(known.labels).mergePatch(
            to: JSON.strings(known.labels.merging(node.labels) { $1 })
        )
        if let labels { patch["labels"] = labels }
        if known.annotation(NodeFactory.simulated) == nil {
            patch["annotations"] = [NodeFactory.simulated: "true"]
        }
        if patch != [:] { try await cluster.patch(.nodes, known.objectName, ["metadata": patch]) }
        var status = known.status
        for field in ["capacity", "allocatable", "nodeInfo", "addresses"] {
            status[field] = node.status[field]
        }
        try await cluster.updateStatus(.nodes, of: known, to: status)
    }
}
