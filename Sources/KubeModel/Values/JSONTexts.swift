/// Makes the texts of a document; keys that recur share one storage.
struct JSONTexts {
    /// One place per hash value; a later key takes the place of an earlier one.
    private var keys: [String?] = []

    mutating func key(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        // Texts of up to 15 bytes need no storage.
        guard bytes.count > 15, bytes.count < 128 else { return Self.text(bytes) }
        var hash = UInt32(truncatingIfNeeded: bytes.count)
        for byte in bytes { hash = hash &* 31 &+ UInt32(byte) }
        if keys.isEmpty { keys = Array(repeating: nil, count: 128) }
        let place = Int(hash & 127)
        if let known = keys[place], Self.isEqual(known, bytes) { return known }
        let text = Self.text(bytes)
        keys[place] = text
        return text
    }

    /// The text of some bytes; each byte that is no UTF-8 becomes U+FFFD, as in Go.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if isASCII(bytes) { return String(decoding: bytes, as: UTF8.self) }
        return String(validating: bytes, as: UTF8.self) ?? repaired(bytes)
    }

    private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var bits: UInt8 = 0
        for byte in bytes { bits |= byte }
        return bits < 0x80
    }

    private static func isEqual(_ text: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { known in
            known.count == bytes.count && known.elementsEqual(bytes)
        } ?? text.utf8.elementsEqual(bytes)
    }

    private static func repaired(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let length = sequenceLength(bytes, at: index)
            if length > 0 {
                result.append(contentsOf: bytes[index..<index + length])
                index += length
            } else {
                result.append(contentsOf: [0xEF, 0xBF, 0xBD])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// How many bytes the valid sequence at a place has; 0 if it is none.
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let first = bytes[index]
        let length =
            switch first {
            case 0..<0x80: 1
            case 0xC2..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF5: 4
            default: 0
            }
        guard length > 0, index + length <= bytes.count else { return 0 }
        guard length > 1 else { return 1 }
        guard bytes[(index + 1)..<(index + length)].allSatisfy({ $0 & 0xC0 == 0x80 }) else { return 0 }
        let second = bytes[index + 1]
        switch first {
        case 0xE0 where second < 0xA0: return 0
        case 0xED where second > 0x9F: return 0
        case 0xF0 where second < 0x90: return 0
        case 0xF4 where second > 0x8F: return 0
        default: return length
        }
    }
}
