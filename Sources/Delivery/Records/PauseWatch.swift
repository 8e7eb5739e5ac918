import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Notices Argo CD's `skip-reconcile` on `Application` objects, whoever set it, and what replicas leave there for each other.
struct PauseWatch {
    let environment: DeliveryEnvironment

    /// Watches until cancelled.
    func run() async throws {
        let watch = ChangeWatch(
            client: environment.admin,
            resource: .applications,
            backoff: Backoff(first: .milliseconds(500), limit: .seconds(30)),
            logger: environment.logger
        )
        try await watch.run(from: listed) { notice in
            switch notice {
            case .began: break
            case .changed(let object): note(object)
            case .removed(let object): mirror.remove(object)
            }
        }
    }

    @Sendable private func listed() async throws -> String {
        let (items, version) = try await environment.admin.list(.applications)
        for object in items { note(object) }
        return version
    }

    private func noteErrands(_ object: KubeObject) {
        guard let errands = environment.errands, ErrandRunner.isConcerned(by: object),
            let id = ApplicationObject(object)?.snapshot.id
        else { return }
        errands.desk.noted(object)
        errands.queue.enqueue(id)
    }

    private var mirror: RecordMirror { RecordMirror(environment: environment) }

    private func note(_ object: KubeObject) {
        noteErrands(object)
        if mirror.show(object) { return }
        let spec = object.spec
        guard let tenant = spec["tenant"]?.string, let cluster = spec["cluster"]?.string,
            let namespace = spec["namespace"]?.string,
            let cell = environment.registry[
                ApplicationID(tenant: tenant, cluster: cluster, namespace: namespace)
            ]
        else { return }
        let isSkipped = Interventions.isSkipped(object)
        let isNews = cell.inputs.withLock { inputs in
            defer { inputs.isSkipped = isSkipped }
            return inputs.isSkipped != isSkipped
        }
        if isNews { environment.wake(cell.id) }
    }
}
