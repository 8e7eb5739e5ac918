/// What can go wrong with a cluster's database.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The file does not hold what it should; it was moved aside, never deleted.
        case corrupt
        /// The file cannot be opened, read or written.
        case unavailable
        /// The store was closed.
        case closed
    }

    package var code: Code
    package var message: String

    package var description: String { message }
    package var isRetryable: Bool { code == .unavailable }
}
