import KubeClient
import KubeModel
import KubeRuntime
import Logging

/// What every controller of one cluster shares: its client, its informers, its events.
///
/// Writes go through here so that their answers are seen by the informers at once: a controller that runs again finds what
/// it wrote, and needs no other protection against acting twice.
struct WorkloadCluster: Sendable {
    let client: KubeClient
    let informers: InformerSet
    let events: EventRecorder
    let logger: Logger
    let now: @Sendable () -> Timestamp
    /// The cluster's certificate authority as PEM, for `kube-root-ca.crt`.
    var certificateAuthority = ""

    init(client: KubeClient, logger: Logger, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.client = client
        self.informers = InformerSet(client: client, logger: logger)
        self.events = EventRecorder(client: client, logger: logger, now: now)
        self.logger = logger
        self.now = now
    }

    func informer(_ resource: APIResource) -> Informer { informers.informer(for: resource) }

    // MARK: Writing

    @discardableResult
    func create(_ resource: APIResource, _ object: KubeObject) async throws -> KubeObject {
        let created = try await client.create(resource, object)
        informer(resource).absorb(created)
        return created
    }

    @discardableResult
    func patch(
        _ resource: APIResource,
        _ name: ObjectName,
        _ patch: JSON,
        subresource: String? = nil
    ) async throws
        -> KubeObject
    {
        let patched = try await client.patch(resource, name, merge: patch, subresource: subresource)
        informer(resource).absorb(patched)
        return patched
    }

    /// Writes a status if it differs from the object's; an object that is gone is no failure.
    func updateStatus(_ resource: APIResource, of object: KubeObject, to status: JSON) async throws {
        guard let difference = object.status.withoutNulls().mergePatch(to: status.withoutNulls()) else {
            return
        }
        do {
            try await patch(resource, object.objectName, ["status": difference], subresource: "status")
        } catch let error as StatusError where error.isNotFound {
            // Gone; its removal ends the matter.
        }
    }

    /// Deletes an object, if it is still this one.
    func delete(
        _ resource: APIResource,
        _ object: KubeObject,
        propagation: KubeClient.Propagation = .background,
        gracePeriod: Duration? = nil
    ) async throws {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(propagation.rawValue),
            "preconditions": ["uid": .string(object.uid)],
        ]
        if let gracePeriod { options["gracePeriodSeconds"] = .integer(gracePeriod.components.seconds) }
        do {
            let request = APIRequest(.delete, resource.path(object.objectName), body: .json(options))
            let answer = KubeObject(try await client.send(request))
            if answer.kind == resource.kind, answer.isBeingDeleted { informer(resource).absorb(answer) }
        } catch let error as StatusError where error.isNotFound || error.isConflict {
            // Gone, or another object by now.
        }
    }
}

extension Informer {
    /// Calls a handler with every object that appears or changes; on a change of controller, with the old state, too.
    func onEvery(_ handler: @escaping @Sendable (KubeObject) -> Void) {
        onChange { change in
            switch change {
            case .added(let object), .removed(let object): handler(object)
            case .updated(let old, let new):
                if old.controller?.uid != new.controller?.uid { handler(old) }
                handler(new)
            case .synced: break
            }
        }
    }
}

extension WorkQueue<ObjectName> {
    /// Queues every object of an informer.
    nonisolated func feed(from informer: Informer) {
        informer.onEvery { [self] in enqueue($0.objectName) }
    }

    /// Queues the controlling owner of every object of an informer, if it is of this kind.
    nonisolated func feedOwners(of informer: Informer, kind: String) {
        informer.onEvery { [self] object in
            guard let owner = object.controller, owner.kind == kind else { return }
            enqueue(ObjectName(namespace: object.namespace, name: owner.name))
        }
    }
}

/// Runs a few requests at a time, all of them; then throws the first failure, if there was one.
func inParallel<Element: Sendable>(
    _ elements: some Sequence<Element> & Sendable,
    limit: Int = 8,
    _ work: @escaping @Sendable (Element) async throws -> Void
) async throws {
    var failure: (any Error)?
    await withTaskGroup(of: (any Error)?.self) { group in
        var running = 0
        for element in elements {
            if running >= limit, let outcome = await group.next() {
                failure = failure ?? outcome
                running -= 1
            }
            running += 1
            group.addTask {
                do {
                    try await work(element)
                    return nil
                } catch { return error }
            }
        }
        for await outcome in group { failure = failure ?? outcome }
    }
    if let failure { throw failure }
}
