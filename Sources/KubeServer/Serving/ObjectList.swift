package import KubeModel

/// A list of objects, or of what a form shows of them, that is written piece by piece.
package struct ObjectList: Sendable {
    /// Kind, version, metadata, and whatever else is not an object.
    var head: JSON
    /// `items`, or `rows` of a Table.
    var member: String
    var objects: [KubeObject]
    /// In which order the list itself is written.
    var order: JSON.MemberOrder
    /// What stands for an object.
    var item: @Sendable (KubeObject) -> JSON
    /// Appends what stands for an object.
    var write: @Sendable (KubeObject, inout [UInt8]) -> Void

    /// The whole list as one value.
    package var json: JSON {
        var json = head
        json[member] = .array(objects.map(item))
        return json
    }

    /// Lists of up to this many objects are written at once.
    static let wholeSize = 200
    /// How many objects make a piece of a longer list: some pieces of every list wait in memory for its reader, however slow.
    static let pieceSize = 50

    /// Writes the whole list.
    func bytes() -> [UInt8] {
        let (start, end) = frame
        var bytes = start
        write(objects[...], isFirst: true, into: &bytes)
        return bytes + end
    }

    /// Writes the list in pieces, some of them at the same time, and hands them over in order.
    ///
    /// - Parameter shape: Applied to each piece where it is made.
    func pieces<Piece: Sendable>(
        _ shape: @escaping @Sendable ([UInt8]) -> Piece,
        _ emit: (Piece) async throws -> Void
    ) async throws {
        let (start, end) = frame
        let places = Array(stride(from: 0, to: objects.count, by: Self.pieceSize))
        try await withThrowingTaskGroup(of: (Int, Piece).self) { group in
            var made: [Int: Piece] = [:]
            var started = 0
            func startNext() {
                guard started < places.count else { return }
                let number = started
                started += 1
                group.addTask(executorPreference: globalConcurrentExecutor) {
                    let from = places[number]
                    let slice = objects[from..<min(from + Self.pieceSize, objects.count)]
                    var bytes = number == 0 ? start : []
                    write(slice, isFirst: number == 0, into: &bytes)
                    if number == places.count - 1 { bytes += end }
                    return (number, shape(bytes))
                }
            }
            for _ in 0..<4 { startNext() }
            for number in places.indices {
                while made[number] == nil, let (other, piece) = try await group.next() { made[other] = piece }
                if let piece = made.removeValue(forKey: number) { try await emit(piece) }
                startNext()
            }
        }
    }

    /// What stands before and after the objects.
    private var frame: (start: [UInt8], end: [UInt8]) {
        var marked = head
        marked[member] = .array([])
        var bytes = marked.encoded(order: order)
        let mark = Array("\"\(member)\":[]".utf8)
        // Within texts quotation marks are escaped, and no list's metadata has such a member.
        guard let place = bytes.firstRange(of: mark)?.upperBound else { return (bytes, []) }
        let end = Array(bytes[(place - 1)...]) + [UInt8(ascii: "\n")]
        bytes.removeSubrange((place - 1)...)
        return (bytes, end)
    }

    private func write(_ slice: ArraySlice<KubeObject>, isFirst: Bool, into bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + slice.reduce(0) { $0 + ($1.bytes?.count ?? 2048) + 64 })
        var isFirst = isFirst
        for object in slice {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(object, &bytes)
        }
    }
}
