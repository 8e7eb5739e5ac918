import CNIOExtrasZlib

/// Compresses one text in pieces that can be made at the same time: each is a part of one stream in gzip form.
struct GzipPieces {
    /// A compressed part, which ends at a byte.
    struct Piece: Sendable {
        fileprivate var bytes: [UInt8]
        fileprivate var checksum: UInt
        fileprivate var length: Int
    }

    private var checksum: UInt = 0
    private var length = 0

    /// What the stream begins with.
    static let start: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255]

    /// `nil` if the bytes cannot be compressed.
    static func piece(_ bytes: [UInt8]) -> Piece? {
        var stream = cnioextras_z_stream()
        let isReady = CNIOExtrasZlib_deflateInit2(
            &stream,
            1,
            CNIOEXTRAS_Z_DEFLATED,
            -15,
            8,
            CNIOEXTRAS_Z_DEFAULT_STRATEGY
        )
        guard isReady == CNIOEXTRAS_Z_OK else { return nil }
        defer { _ = cnioextras_z_deflateEnd(&stream) }
        let bound = Int(cnioextras_z_deflateBound(&stream, UInt(bytes.count))) + 64
        var input = bytes
        var checksum: UInt = 0
        let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            input.withUnsafeMutableBufferPointer { source in
                checksum = cnioextras_z_crc32(0, source.baseAddress, UInt32(source.count))
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                let result = cnioextras_z_deflate(&stream, CNIOEXTRAS_Z_SYNC_FLUSH)
                count = result == CNIOEXTRAS_Z_OK && stream.avail_in == 0 ? bound - Int(stream.avail_out) : 0
            }
        }
        return output.isEmpty ? nil : Piece(bytes: output, checksum: checksum, length: bytes.count)
    }

    /// The bytes of the next piece.
    mutating func add(_ piece: Piece) -> [UInt8] {
        checksum = cnioextras_z_crc32_combine(checksum, piece.checksum, piece.length)
        length += piece.length
        return piece.bytes
    }

    /// What the stream ends with: an empty last block, the checksum and the length.
    var end: [UInt8] {
        func bytes(_ number: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        return [3, 0] + bytes(UInt32(truncatingIfNeeded: checksum))
            + bytes(UInt32(truncatingIfNeeded: length))
    }
}
