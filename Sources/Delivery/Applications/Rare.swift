/// A value by reference, for tables and states of which there are thousands.
final class Boxed<Value: Sendable>: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// A value that is absent most of the time: until it is there it costs whatever has it a word.
@propertyWrapper
struct Rare<Value: Sendable>: Sendable {
    private var box: Boxed<Value>?

    init() {}

    var wrappedValue: Value? {
        get { box?.value }
        set { box = newValue.map(Boxed.init) }
    }
}
