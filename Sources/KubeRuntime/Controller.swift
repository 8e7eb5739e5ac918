import KubeModel
package import Logging
import Synchronization

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
    package let logger: Logger
    private let threads: [any TaskExecutor]
    private let said = Said()

    /// Why a key failed the last time: what goes on failing for the same reason is told once.
    private final class Said: Sendable {
        let words = Mutex<[R.Key: String]>([:])
    }

    /// - Parameter threads: Where the workers run, in turn; anywhere if there are none.
    package init(
        name: String,
        queue: WorkQueue<R.Key>,
        reconciler: R,
        workers: Int = 2,
        threads: [any TaskExecutor] = [],
        logger: Logger? = nil
    ) {
        self.name = name
        self.queue = queue
        self.reconciler = reconciler
        self.workers = workers
        self.threads = threads
        self.logger = logger ?? Logger(label: name)
    }

    /// Returns when the queue is shut down or the task is cancelled, after the keys in work are finished.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for worker in 0..<max(1, workers) {
                let thread = threads.isEmpty ? nil : threads[worker % threads.count]
                group.addTask(executorPreference: thread) { await work() }
            }
        }
    }

    private func work() async {
        while let key = await queue.next() {
            await reconcile(key)
            await queue.done(key)
        }
    }

    private func reconcile(_ key: R.Key) async {
        do {
            let result = try await reconciler.reconcile(key)
            await queue.forget(key)
            said.words.withLock { _ = $0.removeValue(forKey: key) }
            if case .again(let delay) = result { await queue.add(key, after: delay) }
        } catch {
            if Task.isCancelled { return }
            let delay = await queue.addRetry(key)
            // Losing a race to another writer is everyday; the next try sees what that one wrote.
            let isRace = (error as? StatusError)?.isConflict ?? false
            let words = "\(error)"
            let isNews = said.words.withLock { $0.updateValue(words, forKey: key) != words }
            logger.log(
                level: isRace || !isNews ? .debug : .warning,
                "reconcile failed; trying again",
                metadata: [
                    "controller": "\(name)", "key": "\(key)", "error": "\(words)", "after": "\(delay)",
                ]
            )
        }
    }
}
