/// Lets one cluster at a time be opened or deleted.
actor OpeningLock {
    private var isTaken = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func withLock<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
        if isTaken { await withCheckedContinuation { waiters.append($0) } }
        isTaken = true
        defer {
            if waiters.isEmpty { isTaken = false } else { waiters.removeFirst().resume() }
        }
        return try await body()
    }
}
