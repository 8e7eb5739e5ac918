import Foundation

/// Base64 as Go's decoder judges it.
enum Base64Text {
    /// The position of the first byte that is wrong, as Go counts; `nil` for good base64.
    static func firstProblem(in text: String) -> Int? {
        let bytes = Array(text.utf8).filter { $0 != 10 && $0 != 13 }
        var position = 0
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        let padding = bytes.count - position
        if padding == 0 {
            return position % 4 == 0 ? nil : position - position % 4
        }
        guard bytes[position] == UInt8(ascii: "=") else { return position }
        switch position % 4 {
        case 2:
            guard padding >= 2 else { return bytes.count }
            guard bytes[position + 1] == UInt8(ascii: "=") else { return position + 1 }
            return padding == 2 ? nil : position + 2
        case 3: return padding == 1 ? nil : position + 1
        default: return position
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        NameRule.isAlphanumeric(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
    }

    /// How many bytes a good text stands for.
    static func decodedCount(_ text: String) -> Int {
        let padding = text.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return max(0, text.utf8.count / 4 * 3 - padding)
    }

    static func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
    static func decoded(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map(Array.init) }
}
