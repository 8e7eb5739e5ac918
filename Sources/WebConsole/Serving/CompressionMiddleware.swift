import CNIOExtrasZlib
import HTTPTypes
import Hummingbird
import NIOCore

/// Compresses JSON answers that are worth it, for callers that take gzip; streams are left as they are.
struct CompressionMiddleware: RouterMiddleware {
    private static let threshold = 1_400

    func handle(
        _ request: Request,
        context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard request.method == .get, Gzip.isTaken(by: request), response.headers[.contentEncoding] == nil,
            response.headers[.contentType]?.hasPrefix("application/json") == true,
            let length = response.body.contentLength, length >= Self.threshold
        else { return response }
        let content = Content()
        try await response.body.write(Collector(content: content))
        guard let bytes = Gzip.compress(Array(content.bytes.readableBytesView), .fast) else {
            return response
        }
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        response.headers[.vary] = "Accept-Encoding"
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        return response
    }

    /// Written by one task.
    private final class Content { var bytes = ByteBuffer() }

    private struct Collector: ResponseBodyWriter {
        let content: Content
        mutating func write(_ buffer: ByteBuffer) async throws { content.bytes.writeImmutableBuffer(buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// The gzip form of bytes.
enum Gzip {
    /// How much time is spent on being small.
    enum Effort: Int32 { case fast = 1, thorough = 9 }

    static func isTaken(by request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains { part in
            let text = part.filter { $0 != " " }
            return text.hasPrefix("gzip") && !text.hasSuffix(";q=0")
        }
    }

    /// `nil` if they cannot be compressed.
    static func compress(_ bytes: [UInt8], _ effort: Effort) -> [UInt8]? {
        var stream = cnioextras_z_stream()
        // 15 bits of window, and 16 for the form of gzip.
        guard
            CNIOExtrasZlib_deflateInit2(
                &stream,
                effort.rawValue,
                CNIOEXTRAS_Z_DEFLATED,
                15 + 16,
                8,
                CNIOEXTRAS_Z_DEFAULT_STRATEGY
            ) == CNIOEXTRAS_Z_OK
        else { return nil }
        defer { _ = cnioextras_z_deflateEnd(&stream) }
        let bound = Int(cnioextras_z_deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                let isWhole = cnioextras_z_deflate(&stream, CNIOEXTRAS_Z_FINISH) == CNIOEXTRAS_Z_STREAM_END
                count = isWhole ? bound - Int(stream.avail_out) : 0
            }
        }
        return output.isEmpty ? nil : output
    }
}
