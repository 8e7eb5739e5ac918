import KubeRuntime
import Synchronization

/// Brings one application's namespace to the revision its source names.
///
/// Level-based: reads all state on every call and ignores which event woke it, so a second call right after the first
/// makes no request.
/// - Important: Cancellation takes effect between objects. Stopping half-way is safe: the next call plans again from what
///   it finds.
struct ApplicationReconciler: Reconciler {
    let environment: DeliveryEnvironment

    func reconcile(_ id: ApplicationID) async throws -> ReconcileResult {
        guard let cell = environment.registry[id] else { return .settled }
        let isFree = cell.isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        // Only while an application changes its lane: one queue never gives a key out twice.
        guard isFree else { return .again(after: .milliseconds(100)) }
        defer { cell.isBusy.withLock { $0 = false } }

        let offset = environment.clockOffset
        cell.follow(clockOffset: offset)
        var pass = ReconcilePass(environment, cell)
        defer { pass.keepProgress() }
        let result = try await pass.run()
        // Waits that were reckoned by two clocks are of any length.
        if Progress.step(from: offset, to: environment.clockOffset) != nil { return .again(after: .zero) }
        return result
    }
}
