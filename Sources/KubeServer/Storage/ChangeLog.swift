import Algorithms
import DequeModule

/// The last changes of a cluster, so that watches can resume and pages can show one version; bounded.
///
/// What was dropped is known per resource: a resource that seldom changes can be watched from old versions however
/// many changes others have.
struct ChangeLog: Sendable {
    /// How much is kept.
    ///
    /// Kubernetes' own is compacted by age alone, which a burst of writes can make arbitrarily large.
    struct Bounds: Sendable {
        /// How many changes.
        var count = 20_000
        /// How many bytes of objects that are kept only for their changes.
        var size = 16 << 20
        /// How old a change may become where there are more than ``few``; as in Kubernetes.
        var age = Duration.seconds(300)
        /// This many changes may be older.
        var few = 1_000
    }

    private struct Entry {
        var event: StoreEvent
        var time: ContinuousClock.Instant
    }

    private var entries: Deque<Entry> = []
    private let bounds: Bounds
    private(set) var size = 0
    /// The newest version dropped, per resource.
    private var dropped: [String: UInt64] = [:]
    /// Everything up to this version is gone, for all resources.
    private var start: UInt64

    init(start: UInt64, bounds: Bounds) {
        self.start = start
        self.bounds = bounds
    }

    var count: Int { entries.count }

    mutating func append(_ event: StoreEvent, at time: ContinuousClock.Instant) {
        entries.append(Entry(event: event, time: time))
        size += event.size
        while let oldest = entries.first, isTooMuch(oldest, at: time) {
            entries.removeFirst()
            size -= oldest.event.size
            dropped[oldest.event.resource] = oldest.event.version
        }
    }

    private func isTooMuch(_ oldest: Entry, at time: ContinuousClock.Instant) -> Bool {
        if entries.count > bounds.count { return true }
        if size > bounds.size, entries.count > 1 { return true }
        return entries.count > bounds.few && oldest.time.duration(to: time) > bounds.age
    }

    /// Forgets everything up to the newest event.
    mutating func clear(at version: UInt64) {
        entries.removeAll()
        size = 0
        dropped.removeAll()
        start = version
    }

    /// Whether every change of the resource after `version` is still here.
    func reaches(_ version: UInt64, of resource: String) -> Bool {
        version >= max(start, dropped[resource] ?? 0)
    }

    /// The changes of a resource after a version, oldest first.
    func events(of resource: String, after version: UInt64) -> [StoreEvent] {
        let first = entries.partitioningIndex { $0.event.version > version }
        return entries[first...].lazy.map(\.event).filter { $0.resource == resource }
    }
}
