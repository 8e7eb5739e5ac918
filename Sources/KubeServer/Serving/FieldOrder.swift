/// In which order the fields of a JSON document stand, for complaints about them; objects in memory are sorted by name.
struct FieldOrder {
    private let document: [UInt8]
    private var index = 0
    private var places: [String: Int] = [:]

    /// - Parameter document: A document that was parsed already: of anything else the order is unspecified.
    init(_ document: [UInt8]) {
        self.document = document
        value(at: "", depth: 0)
    }

    /// Where a field such as `spec.containers[0].image` stands among the others; last for one that does not.
    func place(of field: String) -> Int { places[field] ?? Int.max }

    private var byte: UInt8? { index < document.count ? document[index] : nil }

    private mutating func value(at path: String, depth: Int) {
        skipSpace()
        guard depth < 200, let first = byte else { return }
        switch first {
        case UInt8(ascii: "{"):
            index += 1
            while let key = next(UInt8(ascii: "}")) {
                guard key == UInt8(ascii: "\"") else { return }
                let name = text()
                let field = path.isEmpty ? name : "\(path).\(name)"
                if places[field] == nil { places[field] = places.count }
                skipSpace()
                if byte == UInt8(ascii: ":") { index += 1 }
                value(at: field, depth: depth + 1)
            }
        case UInt8(ascii: "["):
            index += 1
            var element = 0
            while next(UInt8(ascii: "]")) != nil {
                let start = index
                value(at: "\(path)[\(element)]", depth: depth + 1)
                guard index > start else { return }
                element += 1
            }
        case UInt8(ascii: "\""): _ = text()
        default:
            while let byte, byte > 32, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"),
                byte != UInt8(ascii: "]")
            { index += 1 }
        }
    }

    /// What the next member begins with; `nil` behind the end of the array or object.
    private mutating func next(_ end: UInt8) -> UInt8? {
        skipSpace()
        while byte == UInt8(ascii: ",") {
            index += 1
            skipSpace()
        }
        guard let byte else { return nil }
        guard byte == end else { return byte }
        index += 1
        return nil
    }

    /// A string without its quotes; escapes are left as they are.
    private mutating func text() -> String {
        index += 1
        let start = index
        while let byte, byte != UInt8(ascii: "\"") { index += byte == UInt8(ascii: "\\") ? 2 : 1 }
        let end = min(index, document.count)
        index = end + 1
        return String(decoding: document[start..<end], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while let byte, byte == 32 || byte == 10 || byte == 13 || byte == 9 { index += 1 }
    }
}
