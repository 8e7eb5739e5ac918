/// Does something that may take long, for no longer than a deadline.
///
/// - Returns: What came of it; `nil` when the time was over before, and it was cancelled.
/// - Throws: What the operation throws.
package func withDeadline<Value: Sendable>(
    _ deadline: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: deadline)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
