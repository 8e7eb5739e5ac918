/// The entries of one directory, as a Git tree object lists them.
struct Tree: Sendable {
    /// Their paths are names.
    let entries: [TreeEntry]
    private let places: [String: Int]

    init(entries: [TreeEntry]) {
        self.entries = entries
        places =
            entries.count < 12
            ? [:]
            : Dictionary(entries.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads a tree object: `<mode> <name>\0<id>` over and over; `nil` if it is malformed.
    ///
    /// - Parameter idLength: Bytes of an id: 20 or 32.
    init?(_ bytes: [UInt8], idLength: Int) {
        var entries: [TreeEntry] = []
        var place = 0
        while place < bytes.count {
            guard let space = bytes[place...].firstIndex(of: UInt8(ascii: " ")),
                let zero = bytes[space...].firstIndex(of: 0), zero + idLength < bytes.count
            else { return nil }
            let kind: TreeEntry.Kind =
                switch String(decoding: bytes[place..<space], as: UTF8.self) {
                case "40000", "040000": .directory
                case "100755": .executable
                case "120000": .symlink
                case "160000": .submodule
                default: .file
                }
            let name = String(decoding: bytes[(space + 1)..<zero], as: UTF8.self)
            place = zero + 1 + idLength
            entries.append(TreeEntry(path: name, kind: kind, id: ObjectID(bytes: bytes[(zero + 1)..<place])))
        }
        self.init(entries: entries)
    }

    subscript(name: some StringProtocol) -> TreeEntry? {
        guard places.isEmpty else { return places[String(name)].map { entries[$0] } }
        return entries.first { $0.path == name }
    }
}

extension ObjectID {
    /// From the bytes of an id.
    init(bytes: ArraySlice<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        self.init(
            String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
                var place = 0
                for byte in bytes {
                    buffer[place] = digits[Int(byte >> 4)]
                    buffer[place + 1] = digits[Int(byte & 15)]
                    place += 2
                }
                return place
            }
        )
    }

    var isWellFormed: Bool {
        (hex.utf8.count == 40 || hex.utf8.count == 64) && hex.utf8.allSatisfy(Self.isDigit)
    }

    /// The bytes of an id in a tree of the same repository.
    var byteCount: Int { hex.utf8.count / 2 }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
