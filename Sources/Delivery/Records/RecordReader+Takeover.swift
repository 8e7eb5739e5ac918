import KubeModel
import Synchronization

extension RecordReader {
    /// Takes over the applications of a cluster from another replica: what that one recorded last counts, not what this
    /// process knew before.
    func takeOver(_ cluster: String) async throws {
        for id in environment.registry.ids(in: cluster) {
            guard let cell = environment.registry[id] else { continue }
            // A pass of the time before must not write its state over the new one.
            while cell.isBusy.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(20)) }
            cell.progress.withLock { $0 = Progress(snapshot: $0.snapshot) }
        }
        try await restore(isTakeover: true) { $0.cluster == cluster }
    }
}
