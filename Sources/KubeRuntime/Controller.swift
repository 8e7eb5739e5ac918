/// Brings the state of one key to what it should be.
package protocol Reconciler<Key>: Sendable {
    associatedtype Key: Hashable & Sendable

    /// Reads all state, acts on the difference, and says when to look again. Never called twice at a time for one key.
    ///
    /// - Throws: Anything; the controller logs it and tries again after the key's backoff.
    func reconcile(_ key: Key) async throws -> ReconcileResult
}

package enum ReconcileResult: Sendable, Hashable {
    case settled
    case again(after: Duration)
}

/// Runs a reconciler for the keys of a queue, with a number of workers, until cancelled.
package struct Controller<R: Reconciler>: Sendable {
    package let name: String
    package let queue: WorkQueue<R.Key>
    package let reconciler: R
    package let workers: Int

    package init(name: String, queue: WorkQueue<R.Key>, reconciler: R, workers: Int = 2) {
        self.name = name
        self.queue = queue
        self.reconciler = reconciler
        self.workers = workers
    }

    package func run() async throws { fatalError("H4 implements") }
}
