import DequeModule

/// The last events of a board, and which of them a later one replaces.
struct EventRing: Sendable {
    enum Step {
        case event(Board.Event)
        /// Everything up to this number has been seen.
        case nothingNew(UInt64)
        /// Events that the reader has not seen are gone.
        case tooLate
    }

    private enum Subject: Hashable {
        case application(ApplicationID)
        case sync(ApplicationID, Int)
    }

    private let limit: Int
    private var events: Deque<Board.Event> = []
    /// The number of the newest event that carries the whole state of a subject.
    private var newest: [Subject: UInt64] = [:]
    private(set) var last: UInt64 = 0

    init(limit: Int) { self.limit = max(1, limit) }

    private var first: UInt64 { last - UInt64(events.count) + 1 }

    mutating func append(_ change: Board.Event.Change) {
        last += 1
        events.append(Board.Event(sequence: last, change: change))
        if let subject = Self.subject(of: change) { newest[subject] = last }
        guard events.count > limit, let dropped = events.popFirst() else { return }
        if let subject = Self.subject(of: dropped.change), newest[subject] == dropped.sequence {
            newest[subject] = nil
        }
    }

    func canResume(after sequence: UInt64) -> Bool { sequence <= last && sequence + 1 >= first }

    func next(after sequence: UInt64) -> Step {
        guard canResume(after: sequence) else { return .tooLate }
        var index = Int(sequence + 1 - first)
        while index < events.count {
            let event = events[index]
            if let subject = Self.subject(of: event.change), newest[subject] != event.sequence {
                index += 1
                continue
            }
            return .event(event)
        }
        return .nothingNew(last)
    }

    private static func subject(of change: Board.Event.Change) -> Subject? {
        switch change {
        case .application(let snapshot): .application(snapshot.id)
        case .applicationRemoved(let id): .application(id)
        case .sync(let id, let record): .sync(id, record.number)
        case .objects: nil
        }
    }
}
