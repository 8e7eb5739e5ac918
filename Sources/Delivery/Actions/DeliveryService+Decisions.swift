import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

extension ApplicationCell {
    /// Takes up what a person decided.
    ///
    /// - Returns: The decision's number, by which it is known to be recorded.
    func decide(_ change: (inout Inputs) -> Void) -> Int {
        inputs.withLock { inputs in
            change(&inputs)
            inputs.decisions.made += 1
            return inputs.decisions.made
        }
    }
}

extension DeliveryService {
    /// Lets a decision take effect, and waits until a restart would find it.
    ///
    /// - Throws: `StatusError` (503) when the admin cluster does not take it down in time; it has taken effect all the same,
    ///   and is written as soon as that is possible.
    func keep(
        _ decision: Int,
        _ what: String,
        _ cell: ApplicationCell,
        _ person: String,
        _ more: Logger.Metadata
    ) async throws {
        log(what, cell.id, person, more)
        environment.wake(cell.id)
        environment.records.enqueue(cell.id)
        guard try await isRecorded(decision, of: cell) else {
            throw StatusError(
                code: 503,
                reason: "ServiceUnavailable",
                message:
                    "\(cell.id): \(what), and this holds from now on; but the cluster that holds Varde's objects has not taken it "
                    + "down within \(Int(environment.recordDeadline.seconds)) s. It is written as soon as that cluster "
                    + "answers, and would be lost if Varde ended before."
            )
        }
    }

    func log(_ what: String, _ id: ApplicationID, _ person: String, _ more: Logger.Metadata) {
        var metadata: Logger.Metadata = ["application": "\(id)", "by": "\(person)"]
        metadata.merge(more) { _, new in new }
        environment.logger.notice("\(what)", metadata: metadata)
    }

    /// - Returns: Whether the decision was written before the deadline.
    private nonisolated func isRecorded(_ decision: Int, of cell: ApplicationCell) async throws -> Bool {
        let (changes, deadline) = (environment.recorded.stream(), environment.recordDeadline)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await Task.sleep(for: deadline)
                return false
            }
            group.addTask {
                for await _ in changes
                where cell.inputs.withLock({ $0.decisions.recorded >= decision || $0.isForgotten }) {
                    return true
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }
}
