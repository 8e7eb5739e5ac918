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
        guard try await take(decision, what, cell, person, more, isOver: { _ in false }) else {
            throw StatusError(
                code: 503,
                reason: "ServiceUnavailable",
                message: "\(cell.id): \(what), and this holds from now on; but \(unrecordedWords)"
            )
        }
    }

    /// Lets a decision take effect, and waits until a restart would find it, or would have nothing to find.
    ///
    /// - Returns: Whether that is so in time.
    func take(
        _ decision: Int,
        _ what: String,
        _ cell: ApplicationCell,
        _ person: String,
        _ more: Logger.Metadata,
        isOver: @escaping @Sendable (ApplicationCell.Inputs) -> Bool
    ) async throws -> Bool {
        log(what, cell.id, person, more)
        environment.wake(cell.id)
        environment.records.enqueue(cell.id)
        return try await environment.recorded.wait(within: environment.recordDeadline) {
            cell.inputs.withLock { $0.decisions.recorded >= decision || $0.isForgotten || isOver($0) }
        }
    }

    nonisolated var unrecordedWords: String {
        "the cluster that holds Varde's objects has not taken it down within \(Int(environment.recordDeadline.seconds)) s. "
            + "It is written as soon as that cluster answers, and would be lost if Varde ended before."
    }

    func log(_ what: String, _ id: ApplicationID, _ person: String, _ more: Logger.Metadata) {
        var metadata: Logger.Metadata = ["application": "\(id)", "by": "\(person)"]
        metadata.merge(more) { _, new in new }
        environment.logger.notice("\(what)", metadata: metadata)
    }
}
