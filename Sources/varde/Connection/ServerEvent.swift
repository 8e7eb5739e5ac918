import KubeModel

/// An event of `GET /api/v1/stream`.
struct ServerEvent: Sendable, Hashable {
    var id: String
    var name: String
    var data: JSON

    /// The number in `<process>-<sequence>`.
    var sequence: Int? { id.lastIndex(of: "-").flatMap { Int(id[id.index(after: $0)...]) } }
}

/// Cuts a stream of bytes into server-sent events.
struct ServerEventParser {
    private var line: [UInt8] = []
    private var id = ""
    private var name = ""
    private var data: [UInt8] = []
    private var endsWithReturn = false

    /// The events that are complete with these bytes; an event whose data is no JSON is left out.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), endsWithReturn {
                endsWithReturn = false
                continue
            }
            endsWithReturn = byte == UInt8(ascii: "\r")
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id": id = String(decoding: value, as: UTF8.self)
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if !data.isEmpty { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> ServerEvent? {
        defer {
            name = ""
            data.removeAll(keepingCapacity: true)
        }
        // One bad event must not end the stream.
        guard !data.isEmpty, let json = try? JSON.parse(data) else { return nil }
        return ServerEvent(id: id, name: name.isEmpty ? "message" : name, data: json)
    }
}
