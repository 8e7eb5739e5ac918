import Synchronization

/// The read model: what every application is doing, for the console, the command line and the API.
///
/// Reads never wait for a cluster or a repository. Every change is an event; readers resume from the last event they saw.
package final class Board: Sendable {
    /// A change, in the order in which it happened.
    package struct Event: Sendable {
        package enum Change: Sendable {
            case application(ApplicationSnapshot)
            case applicationRemoved(ApplicationID)
            /// Nodes that changed, and ids of nodes that are gone.
            case objects(ApplicationID, changed: [ObjectNode], removed: [String])
            case sync(ApplicationID, SyncRecord)
        }

        /// Grows by one with each event of this process.
        package var sequence: UInt64
        package var change: Change
    }

    package init(eventLimit: Int = 8_192) { fatalError("H6 implements") }

    // MARK: Reading

    package func applications() -> [ApplicationSnapshot] { fatalError("H6 implements") }
    package func application(_ id: ApplicationID) -> ApplicationSnapshot? { fatalError("H6 implements") }
    package func objects(of id: ApplicationID) -> [ObjectNode] { fatalError("H6 implements") }
    /// The last syncs (at most 20), newest first.
    package func history(of id: ApplicationID) -> [SyncRecord] { fatalError("H6 implements") }

    /// The newest event's number.
    package var sequence: UInt64 { fatalError("H6 implements") }

    /// Events after a number; `nil` when they are no longer kept, so that the reader must read everything again.
    ///
    /// The stream is bounded: it finishes when its reader falls too far behind.
    package func events(after sequence: UInt64) -> AsyncStream<Event>? { fatalError("H6 implements") }

    // MARK: Writing, by Delivery

    package func publish(_ change: Event.Change) { fatalError("H6 implements") }
}
