/// One answer of `git cat-file --batch`.
enum BatchObject: Sendable, Equatable {
    enum Kind: String, Sendable { case blob, tree, commit, tag }
    case found(ObjectID, Kind, [UInt8])
    /// There is no such object, or the name is ambiguous.
    case missing
    /// Larger than the reader keeps; its bytes were passed over.
    case tooLarge(ObjectID, size: Int)
}

/// Cuts the output of `git cat-file --batch` into objects, however it is chunked.
struct BatchFramer {
    struct Malformed: Error {}

    private enum State {
        case header
        case content(ObjectID, BatchObject.Kind, remaining: Int)
        case skipping(ObjectID, size: Int, remaining: Int)
        case terminator
    }

    private let sizeLimit: Int
    private var state = State.header
    private var header: [UInt8] = []
    private var content: [UInt8] = []

    /// - Parameter sizeLimit: Objects of more bytes come out as ``BatchObject/tooLarge(_:size:)``.
    init(sizeLimit: Int) { self.sizeLimit = sizeLimit }

    /// Takes the next bytes, and hands out every object that they complete.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ emit: (BatchObject) -> Void) throws(Malformed) {
        var place = 0
        // Runs once more at the end of the bytes, for objects that need none: empty ones.
        while place < bytes.count || isComplete {
            switch state {
            case .header:
                let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n"))
                header.append(contentsOf: bytes[place..<(end ?? bytes.count)])
                guard header.count < 8192 else { throw Malformed() }
                guard let end else { return }
                place = end + 1
                if try !beginObject() { emit(.missing) }
            case .content(let id, let kind, let remaining):
                let count = min(remaining, bytes.count - place)
                content.append(contentsOf: bytes[place..<place + count])
                place += count
                state = .content(id, kind, remaining: remaining - count)
                guard remaining == count else { continue }
                emit(.found(id, kind, content))
                content = []
                state = .terminator
            case .skipping(let id, let size, let remaining):
                let count = min(remaining, bytes.count - place)
                place += count
                state = .skipping(id, size: size, remaining: remaining - count)
                guard remaining == count else { continue }
                emit(.tooLarge(id, size: size))
                state = .terminator
            case .terminator:
                guard bytes[place] == UInt8(ascii: "\n") else { throw Malformed() }
                place += 1
                state = .header
            }
        }
    }

    private var isComplete: Bool {
        switch state {
        case .content(_, _, remaining: 0), .skipping(_, _, remaining: 0): true
        default: false
        }
    }

    /// Reads a header; `false` if it says that there is no object.
    private mutating func beginObject() throws(Malformed) -> Bool {
        let line = String(decoding: header, as: UTF8.self)
        header.removeAll(keepingCapacity: true)
        if line.hasSuffix(" missing") || line.hasSuffix(" ambiguous") { return false }
        let parts = line.split(separator: " ")
        guard parts.count == 3, let kind = BatchObject.Kind(rawValue: String(parts[1])),
            let size = Int(parts[2]), size >= 0
        else { throw Malformed() }
        let id = ObjectID(String(parts[0]))
        if size > sizeLimit {
            state = .skipping(id, size: size, remaining: size)
        } else {
            content.reserveCapacity(size)
            state = .content(id, kind, remaining: size)
        }
        return true
    }
}
