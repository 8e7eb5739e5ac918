import Foundation
import HTTPTypes
import HummingbirdCore
import KubeModel
import NIOCore
import Synchronization

extension HTTPFrontEnd {
    func response(
        _ answer: ServerResponse,
        to request: Request,
        _ connection: ClientConnection?
    ) -> Response {
        var fields = HTTPFields()
        if !answer.contentType.isEmpty { fields[.contentType] = answer.contentType }
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        switch answer.content {
        case .watch, .chunks:
            // Looking out for the end of the connection while streaming uses it up: the client must not ask on it again.
            fields[.connection] = "close"
        default: break
        }
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-cache, private" }
        var answer = answer
        if Self.compress(&answer, request) {
            fields[.contentEncoding] = "gzip"
            fields[.vary] = "Accept-Encoding"
        }
        for warning in answer.warnings {
            fields.append(HTTPField(name: Self.warning, value: Self.text(of: warning)))
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: fields,
            body: request.method == .head ? ResponseBody() : body(of: answer, request, connection)
        )
    }

    /// Writes and compresses a large JSON answer, where the client can take it.
    private static func compress(_ answer: inout ServerResponse, _ request: Request) -> Bool {
        guard request.headers[.acceptEncoding]?.contains("gzip") == true else { return false }
        switch answer.content {
        case .bytes: return false
        case .list(let list) where isPiecewise(list, answer): return true
        default: break
        }
        guard let bytes = answer.body else { return false }
        guard bytes.count > GzipCompression.threshold, let smaller = GzipCompression.compress(bytes) else {
            answer.content = .bytes(bytes)
            return false
        }
        answer.content = .bytes(smaller)
        return true
    }

    private static let warning = HTTPField.Name("Warning") ?? .contentType

    private static func text(of warning: String) -> String {
        let escaped = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "299 - \"\(escaped)\""
    }

    private func body(
        of answer: ServerResponse,
        _ request: Request,
        _ connection: ClientConnection?
    ) -> ResponseBody {
        switch answer.content {
        case .none: return ResponseBody()
        case .list(let list) where Self.isPiecewise(list, answer): return body(of: list, request, connection)
        case .bytes, .json, .object, .list:
            return ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body ?? []))
        case .watch(let stream): return body(of: stream, request, connection)
        case .chunks(let chunks):
            return ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    for await chunk in chunks {
                        connection?.enter(.sending)
                        try await writer.write(ByteBuffer(bytes: chunk))
                        connection?.enter(.streaming)
                    }
                }
                try await writer.finish(nil)
            }
        }
    }

    /// Whether a list is long enough to be written, and compressed, in pieces.
    private static func isPiecewise(_ list: ObjectList, _ answer: ServerResponse) -> Bool {
        answer.encoding == .json && list.objects.count > ObjectList.wholeSize
    }

    private func body(
        of list: ObjectList,
        _ request: Request,
        _ connection: ClientConnection?
    ) -> ResponseBody {
        let isCompressed = request.headers[.acceptEncoding]?.contains("gzip") == true
        return ResponseBody { writer in
            func send(_ bytes: [UInt8]) async throws {
                connection?.enter(.sending)
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            if isCompressed {
                var stream = GzipPieces()
                try await send(GzipPieces.start)
                try await list.pieces(GzipPieces.piece) { piece in
                    guard let piece else {
                        throw StoreError(code: .unavailable, message: "an answer cannot be compressed")
                    }
                    try await send(stream.add(piece))
                }
                try await send(stream.end)
            } else {
                try await list.pieces {
                    $0
                } _: {
                    try await send($0)
                }
            }
            try await writer.finish(nil)
        }
    }

    private func body(
        of stream: WatchStream,
        _ request: Request,
        _ connection: ClientConnection?
    ) -> ResponseBody {
        ResponseBody { [watches] writer in
            watches.add(stream)
            defer { watches.remove(stream) }
            try await request.body.consumeWithInboundCloseHandler { _ in
                // The head goes out at once, so that the client knows that the watch has begun.
                try await writer.write(ByteBuffer())
                connection?.enter(.streaming)
                try await stream.run { frames in
                    var buffer = ByteBuffer()
                    for frame in frames { buffer.writeBytes(frame.line) }
                    connection?.enter(.sending)
                    try await writer.write(buffer)
                    connection?.enter(.streaming)
                }
            } onInboundClosed: {
                stream.end()
            }
            try await writer.finish(nil)
        }
    }
}

/// The `Date` header, written once a second.
final class DateHeader: Sendable {
    private let written = Mutex<(second: Int, text: String)>((0, ""))

    var text: String {
        let second = Int(Date().timeIntervalSince1970)
        return written.withLock { written in
            if written.second != second { written = (second, Self.text(of: second)) }
            return written.text
        }
    }

    /// As RFC 9110 has it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(of second: Int) -> String {
        var time = time_t(second)
        var parts = tm()
        gmtime_r(&time, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(1900 + Int(parts.tm_year)) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
