import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Notices Argo CD's `skip-reconcile` on `Application` objects, whoever set it.
struct PauseWatch {
    let environment: DeliveryEnvironment

    /// Watches until cancelled; a watch that ended is taken up where it was, one that failed begins anew with a list.
    func run() async throws {
        let backoff = Backoff(first: .milliseconds(500), limit: .seconds(30))
        var attempt = 0
        var known: String?
        while true {
            do {
                if known == nil {
                    let (items, version) = try await environment.admin.list(.applications)
                    for object in items { note(object) }
                    known = version
                }
                for try await event in try await environment.admin.watch(.applications, from: known ?? "") {
                    attempt = 0
                    switch event {
                    case .added(let object), .modified(let object):
                        known = object.resourceVersion
                        note(object)
                    case .deleted(let object):
                        known = object.resourceVersion
                        mirror.remove(object)
                    case .bookmark(let version, _): known = version
                    case .error(let error): throw error
                    }
                }
            } catch {
                try Task.checkCancellation()
                known = nil
                environment.logger.debug("applications not watched", metadata: ["error": "\(error)"])
                attempt += 1
            }
            try await Task.sleep(for: backoff.jittered(attempt: attempt))
        }
    }

    private var mirror: RecordMirror { RecordMirror(environment: environment) }

    private func note(_ object: KubeObject) {
        if mirror.show(object) { return }
        let spec = object.spec
        guard let tenant = spec["tenant"]?.string, let cluster = spec["cluster"]?.string,
            let namespace = spec["namespace"]?.string,
            let cell = environment.registry[
                ApplicationID(tenant: tenant, cluster: cluster, namespace: namespace)
            ]
        else { return }
        let isSkipped = object.annotation(Pause.annotation) == "true"
        let isNews = cell.inputs.withLock { inputs in
            defer { inputs.isSkipped = isSkipped }
            return inputs.isSkipped != isSkipped
        }
        if isNews { environment.wake(cell.id) }
    }
}
