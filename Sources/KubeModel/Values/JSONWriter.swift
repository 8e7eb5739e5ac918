/// The writer behind ``JSON/encoded()``.
struct JSONWriter: ~Copyable {
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0
    /// Where the digits of `metadata.resourceVersion` belong, after ``write(_:order:)``.
    var versionPlace: Int?

    init(capacity: Int = 2048) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity)
    }

    deinit { storage.deallocate() }

    /// What was written so far.
    func bytes() -> [UInt8] { Array(UnsafeBufferPointer(start: storage, count: count)) }

    /// What was written so far, as a text.
    var text: String { String(decoding: UnsafeBufferPointer(start: storage, count: count), as: UTF8.self) }

    mutating func put(_ text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .object(let object):
            put(UInt8(ascii: "{"))
            for index in object.keys.indices {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(object.keys[index])
                put(UInt8(ascii: ":"))
                write(object.values[index])
            }
            put(UInt8(ascii: "}"))
        case .array(let elements):
            put(UInt8(ascii: "["))
            for index in elements.indices {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(elements[index])
            }
            put(UInt8(ascii: "]"))
        default: writeScalar(value)
        }
    }

    mutating func write(_ value: JSON, indent: Int, level: Int) {
        switch value {
        case .object(let object) where !object.isEmpty:
            put(UInt8(ascii: "{"))
            for index in object.keys.indices {
                if index > 0 { put(UInt8(ascii: ",")) }
                newLine(indent * (level + 1))
                write(object.keys[index])
                put(UInt8(ascii: ":"))
                put(UInt8(ascii: " "))
                write(object.values[index], indent: indent, level: level + 1)
            }
            newLine(indent * level)
            put(UInt8(ascii: "}"))
        case .array(let elements) where !elements.isEmpty:
            put(UInt8(ascii: "["))
            for index in elements.indices {
                if index > 0 { put(UInt8(ascii: ",")) }
                newLine(indent * (level + 1))
                write(elements[index], indent: indent, level: level + 1)
            }
            newLine(indent * level)
            put(UInt8(ascii: "]"))
        default: write(value)
        }
    }

    mutating func write(_ text: String) {
        put(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { putEscaped($0) }
        put(UInt8(ascii: "\""))
    }

    private mutating func writeScalar(_ value: JSON) {
        switch value {
        case .string(let text): write(text)
        case .integer(let number): putInteger(number)
        case .bool(let isTrue): put(isTrue ? "true" : "false")
        case .double(let number): put(NumberText.text(of: number))
        case .number(let literal): put(literal)
        default: put("null")
        }
    }

    private mutating func newLine(_ spaces: Int) {
        put(0x0A)
        reserve(spaces)
        (storage + count).initialize(repeating: 0x20, count: spaces)
        count += spaces
    }

    private mutating func putInteger(_ number: Int64) {
        var rest = number.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 { put(UInt8(ascii: "-")) }
            put(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start...]))
        }
    }

    private mutating func putEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var plain = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            // Letters, digits and most punctuation; what is left is looked at closely.
            if byte > 0x3E, byte != UInt8(ascii: "\\"), byte != 0xE2 {
                index += 1
                continue
            }
            guard let length = escapedLength(bytes, at: index) else {
                index += 1
                continue
            }
            put(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
            putEscape(length == 1 ? UInt32(byte) : bytes[index + 2] == 0xA8 ? 0x2028 : 0x2029)
            index += length
            plain = index
        }
        put(UnsafeBufferPointer(rebasing: bytes[plain...]))
    }

    /// How many bytes from a place on must be written as an escape; `nil` if they are plain.
    private func escapedLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        switch bytes[index] {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"):
            1
        case 0xE2 where bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8: 3
        default: nil
        }
    }

    private mutating func putEscape(_ scalar: UInt32) {
        switch scalar {
        case 0x22: put("\\\"")
        case 0x5C: put("\\\\")
        case 0x08: put("\\b")
        case 0x09: put("\\t")
        case 0x0A: put("\\n")
        case 0x0C: put("\\f")
        case 0x0D: put("\\r")
        default:
            let digits = String(scalar, radix: 16)
            put("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
        }
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put($0) }
    }

    private mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        (storage + count).initialize(from: base, count: bytes.count)
        count += bytes.count
    }

    mutating func put(_ byte: UInt8) {
        if count == capacity { reserve(1) }
        storage[count] = byte
        count += 1
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let size = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        larger.initialize(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity = size
    }
}
