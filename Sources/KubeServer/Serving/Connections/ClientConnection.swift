import Foundation
import NIOCore
import Synchronization

/// One connection of a client: who it has shown itself to be, and what it is doing.
final class ClientConnection: Sendable {
    /// What a client certificate told.
    enum Identity: Sendable {
        case none
        case certified(ClientCertificates.Finding)
        /// A certificate was shown that is not good: without a token its requests are refused.
        case refused
    }

    let channel: any Channel
    private let state: Mutex<(identity: Identity, state: ConnectionState)>

    init(_ channel: any Channel) {
        self.channel = channel
        state = Mutex((.none, ConnectionState(now: .now)))
    }

    /// A certificate that has expired since it was shown is refused.
    var identity: Identity {
        let identity = state.withLock { $0.identity }
        if case .certified(let finding) = identity, finding.expiry < Date() { return .refused }
        return identity
    }

    func identify(_ identity: Identity) { state.withLock { $0.identity = identity } }

    func enter(_ phase: ConnectionState.Phase) { state.withLock { $0.state.enter(phase, now: .now) } }

    var status: ConnectionState { state.withLock { $0.state } }

    func close() { channel.close(promise: nil) }
}
