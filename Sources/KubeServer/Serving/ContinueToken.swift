import Foundation
import KubeModel

/// Where a list goes on: at a version, after a key.
///
/// Written as Kubernetes writes it, so that clients' tools can read it.
struct ContinueToken: Sendable, Hashable {
    /// `nil` for a list that goes on with whatever is there now.
    var version: UInt64?
    /// The last key that was given out, relative to the collection: `name`, or `namespace/name`.
    var last: String

    init(version: UInt64?, last: String) {
        self.version = version
        self.last = last
    }

    var text: String {
        let json: JSON = [
            "v": "meta.k8s.io/v1", "rv": .integer(version.map(Int64.init) ?? -1),
            "start": .string(last + "\0"),
        ]
        return Data(json.encoded()).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// - Throws: `StatusError` 400.
    init(text: String) throws {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64) else {
            throw StatusError.badRequest(
                "continue key is not valid: illegal base64 data at input byte \(Self.firstIllegalByte(text))"
            )
        }
        let json: JSON
        do {
            json = try JSON.parse([UInt8](data))
        } catch {
            throw StatusError.badRequest("continue key is not valid: \(error.message)")
        }
        guard json["v"]?.string == "meta.k8s.io/v1" else {
            throw StatusError.badRequest(
                "continue key is not valid: server does not recognize this encoded version"
            )
        }
        guard let start = json["start"]?.string, !start.isEmpty else {
            throw StatusError.badRequest("continue key is not valid: encoded start key empty")
        }
        let version = json["rv"]?.int ?? 0
        guard version != 0 else {
            throw StatusError.badRequest("continue key is not valid: incorrect encoded start resourceVersion")
        }
        self.version = version < 0 ? nil : UInt64(version)
        last = start.hasSuffix("\0") ? String(start.dropLast()) : start
    }

    /// Where a text stops being base64 for URLs: at a character of another alphabet, or at a last one too few.
    private static func firstIllegalByte(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        let illegal = bytes.firstIndex { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: "-")
                && byte != UInt8(ascii: "_")
        }
        return illegal ?? max(0, bytes.count - 1)
    }
}
