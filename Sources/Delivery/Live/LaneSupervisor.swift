import KubeClient
import KubeRuntime
import Logging
import Synchronization

/// Keeps one running lane for every cluster of the fleet.
struct LaneSupervisor {
    let environment: DeliveryEnvironment

    /// Applications of one cluster that are worked on at a time.
    private static let workers = 32

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var stops: [String: AsyncStream<Void>.Continuation] = [:]
            let changes = await environment.clusters.changes()
            await update(&stops, &group)
            for await _ in changes { await update(&stops, &group) }
        }
    }

    private func update(
        _ stops: inout [String: AsyncStream<Void>.Continuation],
        _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async {
        let names = await environment.clusters.clusterNames()
        let isFirst = environment.lanes.expected == nil
        environment.lanes.expected = names
        let delivered = names.filter(environment.clusters.delivers)
        for (name, stop) in stops where !delivered.contains(name) {
            stop.finish()
            stops[name] = nil
            environment.lanes[name] = nil
            wakeAll(of: name)
        }
        environment.lanes.others(deliver: names.subtracting(delivered))
        for name in delivered.sorted() {
            guard let client = await environment.clusters.client(for: name) else { continue }
            if let running = environment.lanes[name], stops[name] != nil {
                // Another connection, or another cluster of the same name, needs another view.
                guard running.client.discovery !== client.discovery else { continue }
                stops[name]?.finish()
            }
            let lane = ClusterLane(
                cluster: name,
                client: client,
                applications: environment.registry,
                schemas: environment.schemas,
                logger: environment.logger
            )
            if environment.lanes.foreign.contains(name) {
                // Only cancellation ends it with an error.
                guard (try? await RecordReader(environment: environment).takeOver(name)) != nil else {
                    return
                }
                environment.lanes.takeOver(name)
            }
            let (stopped, stop) = AsyncStream<Void>.makeStream()
            stops[name] = stop
            environment.lanes[name] = lane
            group.addTask { try await run(lane, until: stopped) }
            wakeAll(of: name)
        }
        // Applications of clusters that are not there were waiting to be told so.
        if isFirst { for id in environment.registry.all.map(\.id) { environment.wake(id) } }
    }

    private func wakeAll(of cluster: String) {
        for id in environment.registry.ids(in: cluster) { environment.wake(id) }
    }

    private func run(_ lane: ClusterLane, until stopped: AsyncStream<Void>) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [logger = environment.logger] in
                do {
                    try await lane.view.run()
                } catch is CancellationError {
                } catch {
                    logger.error(
                        "live view ended",
                        metadata: ["cluster": "\(lane.cluster)", "error": "\(error)"]
                    )
                }
            }
            group.addTask {
                let controller = Controller(
                    name: "delivery-\(lane.cluster)",
                    queue: lane.queue,
                    reconciler: ApplicationReconciler(environment: environment),
                    workers: Self.workers,
                    threads: ClusterThreads.executors,
                    logger: environment.logger
                )
                try? await controller.run()  // It throws nothing but cancellation.
            }
            for await _ in stopped {}
            group.cancelAll()
        }
    }
}
