import DequeModule
import Synchronization

/// The parsed forms of the objects that were looked at last; bounded for the whole process.
final class RecentTrees: Sendable {
    static let shared = RecentTrees(capacity: 3 << 20)

    /// In bytes of the encoded objects; their trees take three to six times as much.
    private let capacity: Int
    private let state = Mutex(State())

    private struct State {
        var objects: Deque<EncodedObject> = []
        var size = 0
    }

    init(capacity: Int) { self.capacity = capacity }

    /// Notes an object whose tree has just been made; the oldest others lose theirs.
    func add(_ object: EncodedObject) {
        let old: [EncodedObject] = state.withLock { state in
            state.objects.append(object)
            state.size += object.bytes.count
            var old: [EncodedObject] = []
            while state.size > capacity, state.objects.count > 1, let oldest = state.objects.popFirst() {
                state.size -= oldest.bytes.count
                old.append(oldest)
            }
            return old
        }
        for object in old { object.forget() }
    }
}
