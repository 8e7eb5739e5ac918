/// Reads the files of a compressed tar archive one after the other.
struct TarReader {
    typealias Failure = GzipReader.Failure

    struct Entry {
        var name: String
        /// Bytes.
        var size: Int
    }

    private static let block = 512
    let bytes: GzipReader
    /// Entries that may still come.
    var left: Int
    /// What of the last file, and of its last block, was not read.
    private var unread = 0
    /// The name of the next file, where it is too long for its own header.
    private var longName: String?

    /// - Parameter entries: More than these are a failure, directories and the like included.
    init(_ bytes: GzipReader, entries: Int) {
        self.bytes = bytes
        left = entries
    }

    /// The next file, whatever comes before it passed over; `nil` at the end.
    mutating func next() throws(Failure) -> Entry? {
        while true {
            try bytes.skip(unread)
            unread = 0
            let header = try bytes.read(Self.block)
            guard header.count == Self.block else { throw .broken }
            if header.allSatisfy({ $0 == 0 }) { return nil }
            guard left > 0, let size = Self.number(header[124..<136]) else { throw .broken }
            left -= 1
            unread = (size + Self.block - 1) / Self.block * Self.block
            switch header[156] {
            case 0, UInt8(ascii: "0"):
                let name = longName ?? Self.name(header)
                longName = nil
                return Entry(name: name, size: size)
            case UInt8(ascii: "L"):
                guard size <= Self.longestName else { throw .tooLarge }
                longName = Self.text(try take(size)[...])
            case UInt8(ascii: "x"):
                guard size <= Self.longestName * 4 else { throw .tooLarge }
                longName = Self.path(inRecords: try take(size)) ?? longName
            case UInt8(ascii: "g"): break
            default: longName = nil
            }
        }
    }

    private static let longestName = 4096

    /// The content of the file that came last.
    mutating func content(of entry: Entry) throws(Failure) -> [UInt8] { try take(entry.size) }

    private mutating func take(_ size: Int) throws(Failure) -> [UInt8] {
        let content = try bytes.read(size)
        guard content.count == size else { throw .broken }
        unread -= size
        return content
    }

    /// Octal digits.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = text(field).trimmingPrefix { $0 == " " }.prefix { $0 != " " }
        guard let number = Int(digits, radix: 8), number >= 0 else { return digits.isEmpty ? 0 : nil }
        return number
    }

    private static func name(_ header: [UInt8]) -> String {
        let name = text(header[0..<100])
        // GNU's own form has other things there.
        guard header[257..<263].elementsEqual(Array("ustar".utf8) + [0]) else { return name }
        let prefix = text(header[345..<500])
        return prefix.isEmpty ? name : "\(prefix)/\(name)"
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The path of `<length> path=<path>\n`, one of the records of POSIX.
    private static func path(inRecords records: [UInt8]) -> String? {
        var rest = records[...]
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
            length > blank - rest.startIndex, length <= rest.count
        {
            let record = rest[(blank + 1)..<(rest.startIndex + length)]
            if record.starts(with: "path=".utf8) { return text(record.dropFirst(5).dropLast()) }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}
