import DequeModule

/// The last changes of a cluster, so that watches can resume and pages can show one version; bounded.
///
/// What was dropped is known per resource: a resource that seldom changes can be watched from old versions however
/// many changes others have.
struct ChangeLog: Sendable {
    private var events: Deque<StoreEvent> = []
    private let capacity: Int
    /// The newest version dropped, per resource.
    private var dropped: [String: UInt64] = [:]
    /// Everything up to this version is gone, for all resources.
    private var start: UInt64

    init(start: UInt64, capacity: Int) {
        self.start = start
        self.capacity = capacity
    }

    mutating func append(_ event: StoreEvent) {
        events.append(event)
        while events.count > capacity, let oldest = events.popFirst() {
            dropped[oldest.resource] = oldest.version
        }
    }

    /// Forgets everything up to the newest event.
    mutating func clear(at version: UInt64) {
        events.removeAll()
        dropped.removeAll()
        start = version
    }

    /// Whether every change of the resource after `version` is still here.
    func reaches(_ version: UInt64, of resource: String) -> Bool {
        version >= max(start, dropped[resource] ?? 0)
    }

    /// The changes of a resource after a version, oldest first.
    func events(of resource: String, after version: UInt64) -> [StoreEvent] {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].version <= version { low = middle + 1 } else { high = middle }
        }
        return events[low...].filter { $0.resource == resource }
    }
}
