import KubeRuntime
import Synchronization

/// A person's sync, from when it is asked for until it is over: that long the `Application` object tells of it, and a process
/// that is started meanwhile does it.
extension ReconcilePass {
    /// Whether a person asked for a sync that has not begun yet.
    var isAskedFor: Bool { inputs.syncRequest.map { !$0.isBegun } ?? false }

    /// A person's wish makes everything be tried again at once.
    mutating func takeManualRequest() {
        guard isAskedFor else { return }
        progress.failures = [:]
        progress.blocked = nil
        progress.pauses = [:]
        progress.dryRuns = [:]
        for reference in progress.hookResults.keys { progress.hookResults[reference]?.retryAt = 0 }
    }

    /// Its sync is under way.
    mutating func beginRequest() {
        guard isAskedFor else { return }
        replaceRequest { $0?.isBegun = true }
    }

    /// Its sync is over, or there was none to begin.
    mutating func endRequest() {
        guard inputs.syncRequest != nil else { return }
        replaceRequest { $0 = nil }
        isToBeRecorded = true
        // Who waits for it to be written down need not any more.
        environment.recorded.signal()
    }

    /// Changes the request of this pass, unless a newer one has taken its place.
    private mutating func replaceRequest(_ change: (inout SyncRequest?) -> Void) {
        let known = inputs.syncRequest
        cell.inputs.withLock { if $0.syncRequest == known { change(&$0.syncRequest) } }
        change(&inputs.syncRequest)
    }
}
