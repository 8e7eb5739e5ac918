/// Cuts a stream of bytes into lines.
///
/// Pure; bounded by the longest line.
struct LineFramer: Sendable {
    /// A line is longer than allowed: the stream is of no use any more.
    struct LineTooLong: Error, Hashable { let limit: Int }

    private let limit: Int
    private var rest: [UInt8] = []

    init(limit: Int = 64 << 20) { self.limit = limit }

    /// Takes bytes in and gives the lines that they complete, without line breaks and empty lines.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(LineTooLong) -> [[UInt8]] {
        let scanned = rest.count
        rest.append(contentsOf: bytes)
        var lines: [[UInt8]] = []
        var start = 0
        var search = scanned
        while let end = rest[search...].firstIndex(of: UInt8(ascii: "\n")) {
            if end > start { lines.append(Array(rest[start..<end])) }
            start = end + 1
            search = start
        }
        if start > 0 { rest.removeFirst(start) }
        if rest.count > limit { throw LineTooLong(limit: limit) }
        return lines
    }

    /// What came after the last line break.
    var remainder: [UInt8] { rest }
}
