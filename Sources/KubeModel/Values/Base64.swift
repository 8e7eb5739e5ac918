/// Base 64 with the standard alphabet and padding, as Kubernetes writes bytes in JSON.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    package static func encoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[index + 2]) }
            for place in 0..<4 {
                result.append(
                    place <= count ? alphabet[Int(group >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "=")
                )
            }
            index += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text; `nil` if it is no base 64.
    ///
    /// Line breaks are skipped, as in Go.
    package static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        if case .success(let bytes) = decode(text) { return bytes }
        return nil
    }

    /// Where a text stops being base 64, counted from 0 as Go's decoder counts.
    package struct Corruption: Error, Hashable {
        package let offset: Int
        package init(offset: Int) { self.offset = offset }
    }

    package static func decode(_ text: some Sequence<UInt8>) -> Result<[UInt8], Corruption> {
        var result: [UInt8] = []
        var group: UInt32 = 0
        var filled = 0
        var padding = 0
        var offset = 0
        for byte in text {
            defer { offset += 1 }
            if byte == 0x0A || byte == 0x0D { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                guard filled >= 2, filled + padding <= 4 else { return .failure(Corruption(offset: offset)) }
                continue
            }
            let value = values[Int(byte)]
            guard value != 0xFF, padding == 0 else { return .failure(Corruption(offset: offset)) }
            group = group << 6 | UInt32(value)
            filled += 1
            if filled == 4 {
                result += [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)]
                group = 0
                filled = 0
            }
        }
        guard filled == 0 || filled + padding == 4 else {
            return .failure(Corruption(offset: offset - filled - padding))
        }
        if filled == 2 { result.append(UInt8(group >> 4 & 255)) }
        if filled == 3 { result += [UInt8(group >> 10 & 255), UInt8(group >> 2 & 255)] }
        return .success(result)
    }
}
