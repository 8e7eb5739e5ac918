import NIOCore
import Synchronization

/// The open connections of a host, bounded: where there are too many, those that wait for nothing make room.
final class ConnectionTable: Sendable {
    private let connections = Mutex<[ObjectIdentifier: ClientConnection]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { connections.withLock { $0.count } }

    subscript(channel: any Channel) -> ClientConnection? {
        connections.withLock { $0[ObjectIdentifier(channel)] }
    }

    /// Adds a connection until it is closed.
    func add(_ channel: any Channel) -> ClientConnection {
        let connection = ClientConnection(channel)
        let key = ObjectIdentifier(channel)
        let surplus: ClientConnection? = connections.withLock { connections in
            connections[key] = connection
            guard connections.count > limit else { return nil }
            return connections.values.filter(\.status.isWaiting).min { $0.status.since < $1.status.since }
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.connections.withLock { _ = $0.removeValue(forKey: key) }
        }
        surplus?.close()
        return connection
    }

    /// Closes every connection, whatever it is doing.
    func closeAll() {
        for connection in connections.withLock({ Array($0.values) }) { connection.close() }
    }

    /// Closes every connection that has stalled.
    func closeStalled(now: ContinuousClock.Instant = .now) {
        let stalled = connections.withLock { $0.values.filter { $0.status.isStalled(now: now) } }
        for connection in stalled { connection.close() }
    }
}
