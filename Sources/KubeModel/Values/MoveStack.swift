/// A stack whose top elements can be moved out as an array of just their size.
struct MoveStack<Element>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    /// The element pushed last; there must be one.
    var top: Element {
        precondition(count > 0)
        return storage[count - 1]
    }

    subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count)
        return storage[index]
    }

    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (storage + count).initialize(to: element)
        count += 1
    }

    mutating func pop() -> Element {
        precondition(count > 0)
        count -= 1
        return (storage + count).move()
    }

    /// Moves the last `number` elements out, in the order in which they were pushed.
    mutating func popArray(_ number: Int) -> [Element] {
        precondition(number >= 0 && number <= count)
        count -= number
        // Not `unsafeUninitializedCapacity`: for texts the standard library then looks up the array's type each time.
        var array: [Element] = []
        array.reserveCapacity(number)
        for place in count..<(count + number) { array.append((storage + place).move()) }
        return array
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }
}
