import KubeClient
import KubeModel
import KubeRuntime

/// Brings a cluster's Node objects to what its configuration says, once at the start.
///
/// Simulated nodes send no heartbeats of their own. Their Leases are renewed together and rarely: an idle cluster writes a few
/// objects every five minutes.
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

    /// How often Leases are renewed, which is how often a kubelet reports a status in which nothing changed.
    static let renewal = Duration.seconds(300)
    private static let leaseNamespace = "kube-node-lease"

    /// Keeps a Lease for every node, as its kubelet does, until cancelled.
    func renewLeases() async throws {
        let nodes = cluster.informer(.nodes)
        try await nodes.waitUntilSynced()
        let (arrivals, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        nodes.onChange { change in
            if case .added = change { bell.yield() }
        }
        // Clusters that started together do not all write in the same moment.
        let jitter = Duration.milliseconds(Int(TemplateHash.fnv(configuration.name.utf8) % 20_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.renewal + jitter)
                    bell.yield()
                }
            }
            group.addTask {
                for await _ in arrivals {
                    for node in nodes.list() where node.condition("Ready")?.isTrue == true {
                        try await renewLease(of: node)
                    }
                }
            }
            bell.yield()
            try await group.next()
            group.cancelAll()
        }
    }

    private func renewLease(of node: KubeObject) async throws {
        let now: JSON = .string(cluster.now().microText)
        let name = ObjectName(namespace: Self.leaseNamespace, name: node.name)
        do {
            _ = try await cluster.client.patch(.leases, name, merge: ["spec": ["renewTime": now]])
        } catch let error as StatusError where error.isNotFound {
            var lease = KubeObject(
                apiVersion: "coordination.k8s.io/v1",
                kind: "Lease",
                namespace: name.namespace,
                name: name.name
            )
            let owner: JSON = [
                "apiVersion": "v1", "kind": "Node", "name": .string(node.name), "uid": .string(node.uid),
            ]
            lease.set([owner], at: "metadata", "ownerReferences")
            lease.spec = [
                "holderIdentity": .string(node.name), "leaseDurationSeconds": 40, "renewTime": now,
            ]
            do {
                _ = try await cluster.client.create(.leases, lease)
            } catch let error as StatusError where error.isNotFound || error.isAlreadyExists {
                // The next round tries again.
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
        for state in [
            "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady",
        ] {
            let message = "Node \(node.name) status is now: \(state)"
            cluster.events.record(state, message, about: created, from: source)
        }
        cluster.events.record(
            "NodeAllocatableEnforced",
            "Updated Node Allocatable limit across pods",
            about: created,
            from: source
        )
        cluster.events.record(
            "RegisteredNode",
            "Node \(node.name) event: Registered Node \(node.name) in Controller",
            about: created,
            from: EventSource(component: "node-controller")
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
