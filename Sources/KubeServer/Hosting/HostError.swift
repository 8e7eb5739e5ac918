/// What can go wrong with the host of the embedded clusters.
package struct HostError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The address cannot be listened on: it is taken, or not this machine's.
        case cannotListen
        /// A name that cannot be a cluster's.
        case invalidName
        /// A network that services cannot have their addresses from.
        case invalidNetwork
    }

    package var code: Code
    package var message: String

    package var description: String { message }
    package var isRetryable: Bool { code == .cannotListen }
}
