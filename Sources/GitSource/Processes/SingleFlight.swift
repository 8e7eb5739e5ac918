import Synchronization

/// Lets callers that want the same thing at the same time share one piece of work.
///
/// The first caller does the work in its own task; the others wait for its result. When it is cancelled, one of those
/// who wait takes over, so nobody fails because somebody else lost interest.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// Which work a caller may share.
    package enum Joining: Sendable {
        /// Work that is under way will do.
        case current
        /// Only work that begins after the call will do.
        case next
    }

    private enum Turn { case lead, result(Result<Value, any Error>) }

    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Turn, any Error>
    }

    private struct Flight {
        var followers: [Waiter] = []
        var later: [Waiter] = []
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Does `work`, or shares the result of a caller that does it for the same key.
    package func run(
        _ key: Key,
        joining: Joining,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        if case .result(let result) = try await turn(key, joining) { return try result.get() }
        do {
            try Task.checkCancellation()
            let value = try await work()
            land(key, .success(value))
            return value
        } catch {
            land(key, .failure(error))
            throw error
        }
    }

    private func turn(_ key: Key, _ joining: Joining) async throws -> Turn {
        let number = state.withLock { state -> Int? in
            guard state.flights[key] != nil else {
                state.flights[key] = Flight()
                return nil
            }
            state.nextNumber += 1
            return state.nextNumber
        }
        guard let number else { return .lead }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let mayLead = state.withLock { state in
                    // The flight may have landed since; then this caller begins another.
                    guard state.flights[key] != nil else {
                        state.flights[key] = Flight()
                        return true
                    }
                    let waiter = Waiter(number: number, continuation: continuation)
                    switch joining {
                    case .current: state.flights[key]?.followers.append(waiter)
                    case .next: state.flights[key]?.later.append(waiter)
                    }
                    return false
                }
                if mayLead { return continuation.resume(returning: .lead) }
                if Task.isCancelled { leave(key, number) }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    private func leave(_ key: Key, _ number: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard var flight = state.flights[key] else { return nil }
            defer { state.flights[key] = flight }
            if let place = flight.followers.firstIndex(where: { $0.number == number }) {
                return flight.followers.remove(at: place)
            }
            guard let place = flight.later.firstIndex(where: { $0.number == number }) else { return nil }
            return flight.later.remove(at: place)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    /// Hands the result to the followers, and the lead to whoever still needs work done.
    private func land(_ key: Key, _ result: Result<Value, any Error>) {
        var served: [Waiter] = []
        let leader = state.withLock { state -> Waiter? in
            guard var flight = state.flights[key] else { return nil }
            if case .failure(let error) = result, error is CancellationError, !flight.followers.isEmpty {
                let leader = flight.followers.removeFirst()
                state.flights[key] = flight
                return leader
            }
            served = flight.followers
            guard !flight.later.isEmpty else {
                state.flights[key] = nil
                return nil
            }
            state.flights[key] = Flight(followers: Array(flight.later.dropFirst()))
            return flight.later[0]
        }
        for waiter in served { waiter.continuation.resume(returning: .result(result)) }
        leader?.continuation.resume(returning: .lead)
    }
}
