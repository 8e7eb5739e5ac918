/// The reader behind ``JSON/parse(_:limits:)``: one pass over the bytes with a stack of its own, so that nesting
/// costs no stack of the thread.
struct JSONReader: ~Copyable {
    /// An array or object that is not closed yet; its members are on `values` and `keys` from the marks on.
    private struct Frame {
        let isObject: Bool
        let values: Int
        let keys: Int
        /// Whether the keys so far came in ascending order.
        var isSorted = true
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSON.Limits
    private var position = 0
    private var values = MoveStack<JSON>(capacity: 64)
    private var keys = MoveStack<String>(capacity: 64)
    private var frames: [Frame] = []
    private var texts = JSONTexts()
    private(set) var duplicates: [String] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSON.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(SyntaxError) -> JSON {
        while true {
            guard try openOrScalar() else { continue }
            if let value = try close() { return value }
        }
    }

    /// Reads a scalar or an empty container, or opens a container; `true` when a value is complete.
    private mutating func openOrScalar() throws(SyntaxError) -> Bool {
        switch try nextByte() {
        case UInt8(ascii: "{"):
            try checkDepth()
            position += 1
            if try nextByte() == UInt8(ascii: "}") {
                position += 1
                values.push(.object(JSONObject()))
                return true
            }
            frames.append(Frame(isObject: true, values: values.count, keys: keys.count))
            try readKey()
            return false
        case UInt8(ascii: "["):
            try checkDepth()
            position += 1
            if try nextByte() == UInt8(ascii: "]") {
                position += 1
                values.push(.array([]))
                return true
            }
            frames.append(Frame(isObject: false, values: values.count, keys: keys.count))
            return false
        case UInt8(ascii: "\""): values.push(.string(try text(isKey: false)))
        case UInt8(ascii: "t"):
            try literal("true")
            values.push(.bool(true))
        case UInt8(ascii: "f"):
            try literal("false")
            values.push(.bool(false))
        case UInt8(ascii: "n"):
            try literal("null")
            values.push(.null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): values.push(try number())
        default: throw invalid("looking for beginning of value")
        }
        return true
    }

    /// After a complete value: closes containers up to the next value; the document if that was all.
    private mutating func close() throws(SyntaxError) -> JSON? {
        while let frame = frames.last {
            let byte = try nextByte()
            if byte == UInt8(ascii: ",") {
                position += 1
                if frame.isObject {
                    _ = try nextByte()
                    try readKey()
                }
                return nil
            }
            if frame.isObject {
                guard byte == UInt8(ascii: "}") else { throw invalid("after object key:value pair") }
                closeObject(frame)
            } else {
                guard byte == UInt8(ascii: "]") else { throw invalid("after array element") }
                values.push(.array(values.popArray(values.count - frame.values)))
            }
            position += 1
            frames.removeLast()
        }
        skipSpace()
        guard position == bytes.count else { throw invalid("after top-level value") }
        return values.pop()
    }

    private mutating func closeObject(_ frame: Frame) {
        let count = values.count - frame.values
        var members = values.popArray(count)
        var names = keys.popArray(count)
        if !frame.isSorted {
            for key in JSONObject.sort(keys: &names, values: &members) { duplicates.append(path(to: key)) }
        }
        values.push(.object(JSONObject(sortedKeys: names, values: members)))
    }

    private mutating func readKey() throws(SyntaxError) {
        guard bytes[position] == UInt8(ascii: "\"") else {
            throw invalid("looking for beginning of object key string")
        }
        let key = try text(isKey: true)
        let last = frames.count - 1
        if frames[last].isSorted, keys.count > frames[last].keys, !(keys.top < key) {
            frames[last].isSorted = false
        }
        keys.push(key)
        guard try nextByte() == UInt8(ascii: ":") else { throw invalid("after object key") }
        position += 1
    }

    /// The path of a key of the innermost object, as Kubernetes prints it.
    private func path(to key: String) -> String {
        var path = ""
        for (frame, inner) in zip(frames, frames.dropFirst()) {
            if frame.isObject {
                path += (path.isEmpty ? "" : ".") + keys[inner.keys - 1]
            } else {
                path += "[\(inner.values - frame.values)]"
            }
        }
        return path + (path.isEmpty ? "" : ".") + key
    }

    private func checkDepth() throws(SyntaxError) {
        guard frames.count < limits.depth else { throw invalid("exceeded max depth") }
    }
}

// MARK: - Scalars

extension JSONReader {
    private mutating func text(isKey: Bool) throws(SyntaxError) -> String {
        let start = position + 1
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") {
                position = end + 1
                let content = UnsafeBufferPointer(rebasing: bytes[start..<end])
                return isKey ? texts.key(content) : JSONTexts.text(content)
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            end += 1
        }
        position = end
        return try escapedText(from: start)
    }

    /// The rest of a text that has escapes; `position` is at the first of them.
    private mutating func escapedText(from start: Int) throws(SyntaxError) -> String {
        var buffer = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return buffer.withUnsafeBufferPointer(JSONTexts.text)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &buffer)
            case 0..<0x20: throw invalid("in string literal")
            default:
                buffer.append(byte)
                position += 1
            }
        }
        throw unexpectedEnd()
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(SyntaxError) {
        guard position < bytes.count else { throw unexpectedEnd() }
        switch bytes[position] {
        case let byte
        where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/"):
            buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            let first = try hexDigits()
            buffer.append(contentsOf: Unicode.Scalar(try scalar(first)).map { Array(String($0).utf8) } ?? [])
            return
        default: throw invalid("in string escape code")
        }
        position += 1
    }

    /// The scalar that begins with a code unit: a surrogate pair is read to its end, a lone surrogate is U+FFFD.
    private mutating func scalar(_ first: UInt32) throws(SyntaxError) -> UInt32 {
        guard (0xD800..<0xE000).contains(first) else { return first }
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return 0xFFFD }
        let back = position
        position += 2
        let second = try hexDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            position = back
            return 0xFFFD
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func hexDigits() throws(SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw unexpectedEnd() }
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw invalid("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func literal(_ word: StaticString) throws(SyntaxError) {
        for offset in 1..<word.utf8CodeUnitCount {
            let place = position + offset
            let expected = word.utf8Start[offset]
            guard place < bytes.count else { throw unexpectedEnd() }
            if bytes[place] != expected {
                position = place
                throw invalid("in literal \(word) (expecting \(Self.quoted(expected)))")
            }
        }
        position += word.utf8CodeUnitCount
    }

    private mutating func number() throws(SyntaxError) -> JSON {
        let start = position
        var isWhole = true
        var value: UInt64 = 0
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        guard position < bytes.count else { throw unexpectedEnd() }
        if bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            let digits = position
            while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
                value = value &* 10 &+ UInt64(digit)
                position += 1
            }
            guard position > digits else { throw invalid("in numeric literal") }
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try skipDigits("after decimal point in numeric literal")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try skipDigits("in exponent of numeric literal")
        }
        if isWhole, position - start <= 18 {
            return .integer(bytes[start] == UInt8(ascii: "-") ? -Int64(value) : Int64(value))
        }
        return NumberText.value(
            of: String(decoding: bytes[start..<position], as: UTF8.self),
            spelling: limits.numbers
        )
    }

    private mutating func skipDigits(_ context: String) throws(SyntaxError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position == start else { return }
        throw position < bytes.count ? invalid(context) : unexpectedEnd()
    }
}

// MARK: - White space and errors

extension JSONReader {
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space, without consuming it.
    private mutating func nextByte() throws(SyntaxError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw unexpectedEnd() }
        return bytes[position]
    }

    private func unexpectedEnd() -> SyntaxError { error("unexpected end of JSON input", at: bytes.count) }

    private func invalid(_ context: String) -> SyntaxError {
        guard position < bytes.count else { return unexpectedEnd() }
        return error("invalid character \(Self.quoted(bytes[position])) \(context)", at: position)
    }

    private func error(_ message: String, at place: Int) -> SyntaxError {
        var line = 1
        var lineStart = 0
        for index in 0..<place where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        return SyntaxError(message: message, line: line, column: place - lineStart + 1)
    }

    /// A byte as Go's `encoding/json` prints it in its messages.
    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): return "'\\''"
        case UInt8(ascii: "\""): return "'\"'"
        case UInt8(ascii: "\\"): return "'\\\\'"
        case 0x0A: return "'\\n'"
        case 0x0D: return "'\\r'"
        case 0x09: return "'\\t'"
        case 0..<0x20, 0x7F..<0xA0:
            let digits = String(byte, radix: 16)
            return "'\\x" + (digits.count < 2 ? "0" : "") + digits + "'"
        default: return "'" + String(Unicode.Scalar(byte)) + "'"
        }
    }
}
