/// A value that is absent most of the time: until it is there it costs whatever has it a word.
///
/// Each of thousands of applications has a dozen of them.
@propertyWrapper
struct Rare<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    init() {}

    var wrappedValue: Value? {
        get { box?.value }
        set { box = newValue.map(Box.init) }
    }
}
