/// Writes messages of protocol buffers whose fields are texts or messages.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: Int, _ text: String) { write(number, Array(text.utf8)) }

    mutating func write(_ number: Int, _ content: [UInt8]) {
        varint(UInt64(number << 3 | 2))
        varint(UInt64(content.count))
        bytes += content
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7f) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
