import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Watches every resource that the cluster serves, also those of CustomResourceDefinitions that come later.
final class ResourceWatch: Sendable {
    typealias Handler = @Sendable (APIResource, Informer.Change) -> Void

    private let cluster: WorkloadCluster
    private let state = Mutex(State())
    private let wake: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    private struct State {
        var watched: [GroupVersionResource: APIResource] = [:]
        var handlers: [Handler] = []
    }

    /// Too busy, and nobody's owner.
    private static let ignored: Set<String> = ["events", "events.events.k8s.io"]

    init(_ cluster: WorkloadCluster) {
        self.cluster = cluster
        (wake, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds a handler; all are added before ``run()``.
    func onChange(_ handler: @escaping Handler) { state.withLock { $0.handlers.append(handler) } }

    /// The resource of a kind, in whatever version it is watched.
    func resource(group: String, kind: String) -> APIResource? {
        state.withLock { state in state.watched.values.first { $0.gvr.group == group && $0.kind == kind } }
    }

    /// Follows discovery until cancelled.
    func run() async throws {
        cluster.informer(.customResourceDefinitions).onChange { [bell] change in
            switch change {
            case .updated(let old, let new)
            where old.status == new.status && old.generation == new.generation: break
            default: bell.yield()
            }
        }
        bell.yield()
        for await _ in wake {
            do {
                try await follow()
            } catch {
                try Task.checkCancellation()
                cluster.logger.warning("discovery failed", metadata: ["error": "\(error)"])
                try await Task.sleep(for: .seconds(1))
                bell.yield()
            }
        }
    }

    private func follow() async throws {
        try await cluster.client.discovery.refresh()
        let served = try await cluster.client.discovery.resources().filter { resource in
            resource.isWatchable && resource.verbs.contains("delete")
                && !Self.ignored.contains(resource.gvr.groupResource)
        }
        let (new, gone, handlers) = state.withLock { state in
            let new = served.filter { state.watched[$0.gvr] == nil }
            let names = Set(served.map(\.gvr))
            let gone = state.watched.values.filter { !names.contains($0.gvr) }
            for resource in new { state.watched[resource.gvr] = resource }
            for resource in gone { state.watched[resource.gvr] = nil }
            return (new, gone, state.handlers)
        }
        for resource in gone { cluster.informers.stop(resource) }
        for resource in new {
            cluster.informer(resource).onChange { change in
                for handler in handlers { handler(resource, change) }
            }
        }
    }
}
