import CNIOExtrasZlib

/// Unpacks bytes in the form of gzip as they are asked for, so that little of them is in memory at a time.
final class GzipReader {
    enum Failure: Error { case broken, tooLarge }

    private var stream = cnioextras_z_stream()
    /// Where the library reads, which must stay where it is.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var isAtEnd = false
    /// Bytes that may still come.
    var left: Int

    /// - Parameter limit: Bytes, unpacked; asking for more fails.
    init(_ bytes: [UInt8], limit: Int) throws(Failure) {
        guard let length = UInt32(exactly: bytes.count) else { throw .tooLarge }
        input = .allocate(capacity: max(bytes.count, 1))
        _ = input.update(fromContentsOf: bytes)
        left = limit
        stream.next_in = input.baseAddress
        stream.avail_in = length
        // 15 bits of window, and 16 for the form of gzip.
        guard CNIOExtrasZlib_inflateInit2(&stream, 15 + 16) == CNIOEXTRAS_Z_OK else {
            isAtEnd = true
            throw .broken
        }
    }

    deinit {
        _ = cnioextras_z_inflateEnd(&stream)
        input.deallocate()
    }

    /// The next bytes; fewer than asked for at the end only.
    func read(_ count: Int) throws(Failure) -> [UInt8] {
        guard count <= left, count <= Int(UInt32.max) else { throw .tooLarge }
        var isBroken = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(count)
            while stream.avail_out > 0, !isAtEnd {
                let result = cnioextras_z_inflate(&stream, CNIOEXTRAS_Z_NO_FLUSH)
                isAtEnd = result == CNIOEXTRAS_Z_STREAM_END
                // Without more to read it would say that it could do nothing.
                guard isAtEnd || result == CNIOEXTRAS_Z_OK else {
                    isBroken = true
                    break
                }
            }
            filled = count - Int(stream.avail_out)
        }
        if isBroken { throw .broken }
        left -= bytes.count
        return bytes
    }

    /// Passes over bytes.
    func skip(_ count: Int) throws(Failure) {
        guard count <= left else { throw .tooLarge }
        var rest = count
        while rest > 0 {
            let passed = try read(min(rest, 64 << 10)).count
            guard passed > 0 else { throw .broken }
            rest -= passed
        }
    }
}
