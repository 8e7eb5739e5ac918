package import KubeClient
package import KubeModel
package import Logging
import Synchronization

/// A live copy of one resource's objects: list once, then watch, for ever.
///
/// State is complete once ``hasSynced``; afterwards reads are local and cost no request. An object that changed several
/// times may be seen only in its last state. When the watch breaks or expires the informer resumes or lists again, with a
/// backoff, and computes what changed in between.
package final class Informer: Sendable {
    package enum Change: Sendable {
        case added(KubeObject)
        case updated(old: KubeObject, new: KubeObject)
        case removed(KubeObject)
        /// Everything that existed at the start has been seen.
        case synced
    }

    package typealias Handler = @Sendable (Change) -> Void

    /// How objects are kept that came as parsed JSON; those that came as bytes of the process' own stay as they are.
    package enum Form: Sendable {
        /// Parsed: at hand at once, at several times the memory.
        case parsed
        /// As bytes, parsed when looked at.
        case packed
        /// As the bytes of what the function leaves of it: for objects that nobody compares or applies.
        case abridged(@Sendable (KubeObject) -> KubeObject)
    }

    package let resource: APIResource
    private let client: KubeClient
    private let scope: Scope
    private let clock: any Clock<Duration>
    private let backoff: Backoff
    private let logger: Logger
    private let form: Form
    /// Held while changes are handed out, so that a late handler's replay has neither gaps nor doubles.
    ///
    /// Taken before `state`.
    private let handlers = Mutex<[Handler]>([])
    private let state = Mutex(Shared())

    private struct Scope: Sendable {
        var namespace: String?
        var labelSelector: String?
        var fieldSelector: String?
    }

    private struct Shared {
        var machine = StateMachine()
        /// Whether the handlers, too, have all that there was at first.
        var hasHandedOver = false
        var failure: (any Error)?
        /// Failures in a row.
        var failures = 0
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var lastWaiter = 0
        var unserved: @Sendable () -> Void = {}
    }

    /// Finished by ``stop()``; nothing is ever sent on it.
    private let (lifetime, lifetimeEnd) = AsyncStream<Never>.makeStream()

    package init(
        client: KubeClient,
        resource: APIResource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        form: Form = .parsed,
        clock: any Clock<Duration> = ContinuousClock(),
        backoff: Backoff = Backoff(first: .milliseconds(500), limit: .seconds(30)),
        logger: Logger? = nil
    ) {
        self.resource = resource
        self.client = client
        self.scope = Scope(namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector)
        self.form = form
        self.clock = clock
        self.backoff = backoff
        self.logger = logger ?? Logger(label: "informer")
    }

    /// Adds a handler, which is called at once for everything already known, then in order for every change.
    ///
    /// Handlers run on the informer's task and must return quickly: put a key on a queue. They may read this informer, but not
    /// add handlers to it.
    package func onChange(_ handler: @escaping Handler) {
        handlers.withLock { handlers in
            let (known, hasSynced) = state.withLock { ($0.machine.store.all, $0.machine.hasSynced) }
            for object in known { handler(.added(object)) }
            if hasSynced { handler(.synced) }
            handlers.append(handler)
        }
    }

    /// Sets who is told whenever the server does not serve the resource, before all that was known of it is removed.
    package func onUnserved(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.unserved = handler }
    }

    // MARK: Reading

    /// Whether everything that existed at the start has been seen, by the handlers that were there before, too.
    package var hasSynced: Bool { state.withLock { $0.hasHandedOver } }

    /// The last failure to reach the server, while it lasts.
    package var failure: (any Error)? { state.withLock { $0.failure } }

    /// How many times in a row the server could not be reached or refused.
    package var failuresInRow: Int { state.withLock { $0.failures } }

    package func get(_ name: ObjectName) -> KubeObject? { state.withLock { $0.machine.store[name] } }

    /// The known objects of a namespace, or of all, in no particular order.
    package func list(namespace: String? = nil) -> [KubeObject] {
        state.withLock { $0.machine.store.list(namespace: namespace) }
    }

    /// The known objects whose controlling owner has this uid; from an index.
    package func list(controlledBy uid: String) -> [KubeObject] {
        state.withLock { $0.machine.store.list(controlledBy: uid) }
    }

    /// The known objects of a namespace that have no controlling owner; from an index.
    package func list(uncontrolledIn namespace: String) -> [KubeObject] {
        state.withLock { $0.machine.store.list(uncontrolledIn: namespace) }
    }

    /// Returns when ``hasSynced``, or throws on cancellation.
    package func waitUntilSynced() async throws {
        let ticket = state.withLock { shared in
            shared.lastWaiter += 1
            return shared.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { shared in
                    if shared.hasHandedOver {
                        continuation.resume()
                    } else if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        shared.waiters[ticket] = continuation
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// How many wait in ``waitUntilSynced()``.
    var waiting: Int { state.withLock { $0.waiters.count } }

    // MARK: The loop

    /// Lists and watches until cancelled or stopped.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.listAndWatch() }
            group.addTask { for await _ in self.lifetime {} }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
        deliver { $0.emptied() }
    }

    /// Ends ``run()``: the resource is no longer served.
    ///
    /// Everything known is reported as removed.
    package func stop() { lifetimeEnd.finish() }

    private func listAndWatch() async throws {
        while true {
            try Task.checkCancellation()
            do {
                switch state.withLock({ $0.machine.next }) {
                case .list: try await list()
                case .watch(let version): try await watch(from: version)
                }
                state.withLock { $0.failures = 0 }
            } catch {
                try Task.checkCancellation()
                let failures = failed(error)
                try await clock.sleep(for: backoff.jittered(attempt: failures))
            }
        }
    }

    private func list() async throws {
        do {
            let answer = try await client.list(
                resource,
                namespace: scope.namespace,
                labelSelector: scope.labelSelector,
                fieldSelector: scope.fieldSelector
            ) { isReadable($0) ? form.keep($0) : nil }
            deliver { $0.listed(answer.items, resourceVersion: answer.resourceVersion) }
            state.withLock { $0.failure = nil }
        } catch let error as StatusError where error.isNotFound {
            // Nobody serves the resource, so nothing of it is there.
            let told = state.withLock { shared in
                shared.failure = error
                return shared.unserved
            }
            told()
            deliver { $0.unserved() }
            throw error
        }
    }

    private struct EndedAtOnce: Error, CustomStringConvertible {
        var description: String { "the server ended the watch without an event" }
    }

    /// A watch that lasted this long was one: that it broke says nothing of the server.
    private static let shortestWatch = Duration.milliseconds(250)

    /// Returns when the watch ended after some use, which only needs another watch.
    private func watch(from version: String) async throws {
        var began = ContinuousClock.now
        var (isOpen, sawEvents) = (false, false)
        func wasUseful() -> Bool { isOpen && began.duration(to: .now) >= Self.shortestWatch }
        do {
            let events = try await client.watch(
                resource,
                namespace: scope.namespace,
                labelSelector: scope.labelSelector,
                fieldSelector: scope.fieldSelector,
                from: version,
                knows: { [weak self] seen in self?.state.withLock { $0.machine.knows(seen) } ?? false }
            )
            (isOpen, began) = (true, .now)
            state.withLock { $0.failure = nil }
            for try await event in events {
                sawEvents = true
                try handle(event)
            }
        } catch let error as StatusError where !sawEvents {
            state.withLock { $0.machine.refused(error) }
            throw error
        } catch let error as ClientError where wasUseful() {
            logger.debug(
                "watch broke; taken up again",
                metadata: ["resource": "\(resource.gvr)", "error": "\(error)"]
            )
        }
        try Task.checkCancellation()
        if !sawEvents, !wasUseful() { throw EndedAtOnce() }
    }

    private func handle(_ event: WatchEvent) throws {
        var event = event
        switch event {
        case .added(let object):
            guard isReadable(object) else { return }
            event = .added(keep(object))
        case .modified(let object):
            guard isReadable(object) else { return }
            event = .modified(keep(object))
        case .deleted(let object): guard isReadable(object) else { return }
        case .bookmark, .error: break
        }
        var end: StatusError?
        deliver { machine in
            switch machine.received(event) {
            case .changes(let changes): return changes
            case .ended(let error):
                end = error
                return []
            }
        }
        if let end { throw end }
    }

    /// What is known already, as one's own write whose answer came first, is not worth a new form.
    private func keep(_ object: KubeObject) -> KubeObject {
        state.withLock { $0.machine.isKnown(object) } ? object : form.keep(object)
    }

    private func isReadable(_ object: KubeObject) -> Bool {
        if !object.name.isEmpty { return true }
        logger.error("skipped an object without a name", metadata: ["resource": "\(resource.gvr)"])
        return false
    }

    /// - Returns: How many failures came before this one, in a row.
    private func failed(_ error: any Error) -> Int {
        let failures = state.withLock { shared in
            shared.failure = error
            shared.failures += 1
            return shared.failures - 1
        }
        logger.info(
            "informer lost its server",
            metadata: ["resource": "\(resource.gvr)", "error": "\(error)"]
        )
        return failures
    }

    private func deliver(_ step: (inout StateMachine) -> [Change]) {
        handlers.withLock { handlers in
            for change in state.withLock({ step(&$0.machine) }) {
                // Before it is told, and after everything else was: who looks in between sees that it is not all.
                if case .synced = change { state.withLock { $0.hasHandedOver = true } }
                for handler in handlers { handler(change) }
            }
            // Those, too, who began to wait while the handlers were told.
            let waiters = state.withLock { shared -> [CheckedContinuation<Void, any Error>] in
                guard shared.hasHandedOver else { return [] }
                defer { shared.waiters = [:] }
                return Array(shared.waiters.values)
            }
            for waiter in waiters { waiter.resume() }
        }
    }
}

extension Informer {
    /// Takes the answer to one's own write, so that the next read here sees it without waiting for the watch.
    ///
    /// Works where resource versions are numbers that grow over the whole cluster; elsewhere nothing happens. An answer that
    /// the watch has overtaken is ignored, so that what was deleted meanwhile does not come back.
    package func absorb(_ object: KubeObject) {
        guard isReadable(object) else { return }
        deliver { $0.absorbed(form.keep(object)) }
    }
}

extension Informer.Form {
    fileprivate func keep(_ object: KubeObject) -> KubeObject {
        switch self {
        case .parsed: return object
        case .packed: return object.packed
        case .abridged(let abridge): return object.bytes == nil ? abridge(object).packedAway : object
        }
    }
}
