import Synchronization

/// The watches that clients have open over the network, so that a server that shuts down can end them.
final class OpenWatches: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: WatchStream] = [:]
        var isEnding = false
    }
    private let state = Mutex(State())

    /// Adds a watch; it ends at once when the server is shutting down.
    func add(_ stream: WatchStream) {
        let isEnding = state.withLock { state in
            state.streams[ObjectIdentifier(stream)] = stream
            return state.isEnding
        }
        if isEnding { stream.end() }
    }

    func remove(_ stream: WatchStream) {
        _ = state.withLock { $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// Ends the watches that are open now.
    func endPresent() {
        for stream in state.withLock({ Array($0.streams.values) }) { stream.end() }
    }

    /// Ends every watch, and those that are added later.
    func endAll() {
        let streams = state.withLock { state in
            state.isEnding = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.end() }
    }
}
