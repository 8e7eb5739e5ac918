import KubeModel
import NIOCore

/// One message of a `text/event-stream`.
struct ServerSentEvent: Sendable {
    var name: String
    /// What a client that comes back names as the last it saw.
    var id: String
    var data: JSON

    /// As it goes over the wire; JSON in its compact form has no line breaks, so one `data` line is enough.
    var bytes: ByteBuffer {
        var buffer = ByteBuffer(string: "event: \(name)\nid: \(id)\ndata: ")
        buffer.writeBytes(data.encoded())
        buffer.writeString("\n\n")
        return buffer
    }

    /// A comment for whoever reads the wire, and an event for browsers, which hide comments from pages: nothing happens, but a
    /// dead connection is noticed on both ends.
    static let heartbeat = ByteBuffer(string: ": still here\nevent: alive\ndata: {}\n\n")
}

/// A place in the stream of events of one process.
struct StreamPosition: Sendable, Hashable, CustomStringConvertible {
    var process: String
    var sequence: UInt64

    init(process: String, sequence: UInt64) {
        self.process = process
        self.sequence = sequence
    }

    /// From `<process>-<sequence>`.
    init?(_ text: some StringProtocol) {
        guard let dash = text.lastIndex(of: "-"), let sequence = UInt64(text[text.index(after: dash)...])
        else { return nil }
        self.init(process: String(text[..<dash]), sequence: sequence)
    }

    var description: String { "\(process)-\(sequence)" }
}
