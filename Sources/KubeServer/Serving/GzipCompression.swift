import CNIOExtrasZlib

/// Compression of large answers, fast rather than small, as Kubernetes does it.
enum GzipCompression {
    /// Smaller answers are sent as they are.
    static let threshold = 128 * 1024

    /// The bytes in gzip form; `nil` if they cannot be compressed.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = cnioextras_z_stream()
        // 15 bits of window, and 16 for the form of gzip.
        guard
            CNIOExtrasZlib_deflateInit2(
                &stream,
                1,
                CNIOEXTRAS_Z_DEFLATED,
                15 + 16,
                8,
                CNIOEXTRAS_Z_DEFAULT_STRATEGY
            ) == CNIOEXTRAS_Z_OK
        else {
            return nil
        }
        defer { _ = cnioextras_z_deflateEnd(&stream) }
        let bound = Int(cnioextras_z_deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                let isComplete = cnioextras_z_deflate(&stream, CNIOEXTRAS_Z_FINISH) == CNIOEXTRAS_Z_STREAM_END
                count = isComplete ? bound - Int(stream.avail_out) : 0
            }
        }
        return output.isEmpty ? nil : output
    }
}
