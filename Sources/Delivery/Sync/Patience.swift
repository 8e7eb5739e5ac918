import Synchronization

/// How long refusals are taken for rights that are on their way: an API server learns of a new RoleBinding by watching, some
/// milliseconds after it answered that it has it.
///
/// Shared by all writes of a pass: when one was refused to the end, the others do not wait as well.
final class Patience: Sendable {
    private let tries: Int
    private let isOver = Atomic(false)

    /// - Parameter tries: How often a refused write is repeated; 0 where rights are no news. Seven take about a second.
    init(tries: Int) { self.tries = tries }

    /// Waits before a refused write is repeated.
    ///
    /// - Returns: `false`, at once, when it is not to be repeated any more.
    func wait(after tried: Int) async -> Bool {
        guard tried < tries, !isOver.load(ordering: .relaxed), !Task.isCancelled else {
            if tried >= tries { isOver.store(true, ordering: .relaxed) }
            return false
        }
        // Cancelled: the next request ends it.
        try? await Task.sleep(for: min(.milliseconds(10 << tried), .milliseconds(300)))
        return true
    }
}
