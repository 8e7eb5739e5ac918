import Synchronization

/// All applications of this process.
final class ApplicationRegistry: Sendable {
    private struct State {
        var cells: [ApplicationID: ApplicationCell] = [:]
        var labels: [String: ApplicationID] = [:]
    }

    private let state = Mutex(State())

    subscript(id: ApplicationID) -> ApplicationCell? { state.withLock { $0.cells[id] } }

    func id(label: String) -> ApplicationID? { state.withLock { $0.labels[label] } }

    var all: [ApplicationCell] { state.withLock { Array($0.cells.values) } }

    func cells(in cluster: String) -> [ApplicationCell] {
        state.withLock { $0.cells.values.filter { $0.id.cluster == cluster } }
    }

    func ids(in cluster: String) -> [ApplicationID] {
        state.withLock { $0.cells.keys.filter { $0.cluster == cluster } }
    }

    /// The application of an id; made by `make` if it is not there.
    func cell(_ id: ApplicationID, or make: () -> ApplicationCell) -> ApplicationCell {
        state.withLock { state in
            if let known = state.cells[id] { return known }
            let cell = make()
            state.cells[id] = cell
            state.labels[cell.tracking.value] = id
            return cell
        }
    }

    func remove(_ cell: ApplicationCell) {
        state.withLock { state in
            guard state.cells[cell.id] === cell else { return }
            state.cells[cell.id] = nil
            state.labels[cell.tracking.value] = nil
        }
    }
}
