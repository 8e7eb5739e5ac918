import KubeClient
import KubeModel
import KubeRuntime

/// Lists on each node the images that its pods have pulled, a while after they were.
struct NodeImages: Reconciler {
    let cluster: WorkloadCluster
    let pods: SimulatedPods

    /// As many as a kubelet lists.
    private static let limit = 50

    static func controller(_ cluster: WorkloadCluster, pods: SimulatedPods) -> Controller<NodeImages> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        // Pods that start together make one update.
        pods.onNewImages { node in queue.enqueue(ObjectName(name: node), after: .seconds(5)) }
        return Controller(
            name: "node-images",
            queue: queue,
            reconciler: Self(cluster: cluster, pods: pods),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let node = cluster.informer(.nodes).get(name) else { return .settled }
        let known = (node.at("status", "images")?.array ?? []).flatMap { image in
            (image["names"]?.array ?? []).compactMap(\.string).filter { !$0.contains("@sha256:") }
        }
        let images = Set(known).union(pods.images(on: name.name)).map(ImageReference.init)
            .sorted { ($1.size, $0.fullName) < ($0.size, $1.fullName) }
        var status = node.status
        status["images"] = .array(
            images.prefix(Self.limit).map { image in
                [
                    "names": [.string(image.digestName), .string(image.fullName)],
                    "sizeBytes": .integer(Int64(image.size)),
                ]
            }
        )
        try await cluster.updateStatus(.nodes, of: node, to: status)
        return .settled
    }
}
