import KubeClient
import KubeRuntime
import Logging
import Synchronization

/// Keeps one running lane for every cluster of the fleet.
struct LaneSupervisor {
    let environment: DeliveryEnvironment

    /// Applications of one cluster that are worked on at a time.
    private static let workers = 32

    /// A lane that runs.
    private struct Running {
        var stop: AsyncStream<Void>.Continuation
        /// Since when the cluster is this process's without a gap.
        var term: Int
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var running: [String: Running] = [:]
            var problems: [String: String] = [:]
            var unknown: Set<String> = []
            let changes = await environment.clusters.changes()
            await update(&running, &group)
            tellProblems(&problems)
            await tellUnknown(&unknown)
            for await _ in changes {
                await update(&running, &group)
                tellProblems(&problems)
                await tellUnknown(&unknown)
            }
        }
    }

    private func update(
        _ running: inout [String: Running],
        _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async {
        let names = await environment.clusters.clusterNames()
        let isFirst = environment.lanes.expected == nil
        environment.lanes.expected = names
        let delivered = names.filter(environment.clusters.delivers)
        for (name, lane) in running where !delivered.contains(name) {
            lane.stop.finish()
            running[name] = nil
            environment.lanes[name] = nil
            wakeAll(of: name)
        }
        // Lost and taken again before anybody looked: another one may have had it for a while.
        let regained = running.filter { $0.value.term != environment.clusters.term(of: $0.key) }.keys
        environment.lanes.others(deliver: names.subtracting(delivered).union(regained))
        for name in delivered.sorted() {
            guard let client = await environment.clusters.client(for: name) else { continue }
            let term = environment.clusters.term(of: name)
            let isForeign = environment.lanes.foreign.contains(name)
            // Another connection, or another cluster of the same name, needs another view.
            let isSeen = environment.lanes[name]?.client.discovery === client.discovery
            guard isForeign || !isSeen else { continue }
            guard await takeOver(name) else { return }
            if isSeen {
                running[name]?.term = term
            } else {
                running[name]?.stop.finish()
                running[name] = Running(stop: begin(name, client, &group), term: term)
            }
            wakeAll(of: name)
        }
        // Applications of clusters that are not there were waiting to be told so.
        if isFirst { for id in environment.registry.all.map(\.id) { environment.wake(id) } }
    }

    /// Lets the applications of clusters that could not be opened say why.
    private func tellProblems(_ told: inout [String: String]) {
        let closed = (environment.lanes.expected ?? []).subtracting(environment.lanes.names)
        let problems = closed.reduce(into: [:]) { $0[$1] = environment.clusters.problem(of: $1) }
        for (name, problem) in problems where told[name] != problem { wakeAll(of: name) }
        told = problems
    }

    /// Lets the applications of clusters that the fleet does not have say so, where this process is the one of several to say it.
    private func tellUnknown(_ told: inout Set<String>) async {
        let unknown = Set(environment.registry.all.map(\.id.cluster))
            .subtracting(environment.lanes.expected ?? [])
        let own = unknown.filter(environment.clusters.delivers)
        environment.lanes.others(deliver: unknown.subtracting(own))
        for name in own.subtracting(told) {
            guard await takeOver(name) else { return }
            wakeAll(of: name)
        }
        told = own
    }

    /// Reads what another replica recorded of a cluster's applications, where one had it before.
    ///
    /// - Returns: `false` when it was cancelled.
    private func takeOver(_ cluster: String) async -> Bool {
        guard environment.lanes.foreign.contains(cluster) else { return true }
        // Only cancellation ends it with an error.
        guard (try? await RecordReader(environment: environment).takeOver(cluster)) != nil else {
            return false
        }
        environment.lanes.takeOver(cluster)
        return true
    }

    private func begin(
        _ name: String,
        _ client: KubeClient,
        _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) -> AsyncStream<Void>.Continuation {
        let lane = ClusterLane(
            cluster: name,
            client: client,
            applications: environment.registry,
            schemas: environment.schemas,
            logger: environment.logger
        )
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        environment.lanes[name] = lane
        group.addTask { try await run(lane, until: stopped) }
        return stop
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
