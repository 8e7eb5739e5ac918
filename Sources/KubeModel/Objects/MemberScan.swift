/// Finds a member of a compact JSON object without parsing what is passed over.
///
/// Of bytes that are none it finds something or nothing, but never reads beyond them.
package struct MemberScan {
    package let bytes: UnsafeBufferPointer<UInt8>
    private var place: Int

    /// - Parameter place: Where the object's first member begins.
    package init(bytes: UnsafeBufferPointer<UInt8>, place: Int) {
        self.bytes = bytes
        self.place = place
    }

    package mutating func range(of member: String) -> Range<Int>? {
        while let (key, value) = next() {
            if member.utf8.count == key.count, bytes[key].elementsEqual(member.utf8) { return value }
        }
        return nil
    }

    /// Where the next member's name, without its quotes, and its value are; `nil` after the last.
    package mutating func next() -> (key: Range<Int>, value: Range<Int>)? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
        let key = place + 1
        skipText()
        let end = place - 1
        place += 1
        let start = place
        skipValue()
        guard start < place, place <= bytes.count else { return nil }
        defer { place += 1 }
        return (key..<end, start..<place)
    }

    /// Where the value that begins here ends.
    mutating func valueEnd() -> Int {
        skipValue()
        return place
    }

    private mutating func skipText() {
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place += 1
    }

    private mutating func skipValue() {
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                skipText()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
            case UInt8(ascii: ","): if depth == 0 { return }
            default: break
            }
            place += 1
        }
    }
}

/// Where the members of an object's `metadata` that are asked for all the time begin in its bytes.
struct MetadataPlaces: Sendable {
    /// Where `metadata` begins; 0 for none.
    private let start: UInt32
    /// By the order of `index(of:)`; 0 for what is not there.
    private var members = InlineArray<8, UInt32>(repeating: 0)

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var object = MemberScan(bytes: bytes, place: 1)
        guard let metadata = object.range(of: "metadata"), bytes[metadata.lowerBound] == UInt8(ascii: "{")
        else {
            start = 0
            return
        }
        start = UInt32(metadata.lowerBound)
        var scan = MemberScan(bytes: bytes, place: metadata.lowerBound + 1)
        while let (key, value) = scan.next() {
            let name = String(decoding: UnsafeBufferPointer(rebasing: bytes[key]), as: UTF8.self)
            if let index = Self.index(of: name) { members[index] = UInt32(value.lowerBound) }
        }
    }

    /// Where the value of a member is.
    func range(of key: String, in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        guard start > 0 else { return nil }
        guard let index = Self.index(of: key) else {
            var scan = MemberScan(bytes: bytes, place: Int(start) + 1)
            return scan.range(of: key)
        }
        let place = Int(members[index])
        guard place > 0 else { return nil }
        var scan = MemberScan(bytes: bytes, place: place)
        return place..<scan.valueEnd()
    }

    private static func index(of key: String) -> Int? {
        switch key {
        case "uid": 0
        case "resourceVersion": 1
        case "labels": 2
        case "ownerReferences": 3
        case "deletionTimestamp": 4
        case "creationTimestamp": 5
        case "finalizers": 6
        case "generation": 7
        default: nil
        }
    }
}
