import Foundation
import KubeModel

/// Reads Kubernetes objects in protocol buffers, as Go clients send them, into the JSON that they stand for.
struct ProtobufDecoder {
    private typealias Malformed = ProtobufReader.Malformed

    /// What stands before every object, so that it is not taken for something else.
    private static let magic: [UInt8] = [0x6b, 0x38, 0x73, 0x00]

    /// - Throws: `SyntaxError` for bytes that are no object of a known kind.
    static func object(_ bytes: [UInt8]) throws(SyntaxError) -> JSON {
        do {
            return try ProtobufDecoder().envelope(bytes)
        } catch let error as SyntaxError {
            throw error
        } catch {
            throw SyntaxError(
                message: "the body is not a Kubernetes object in protocol buffers",
                line: 1,
                column: 1
            )
        }
    }

    private let types = ProtobufTypes.shared

    private func envelope(_ bytes: [UInt8]) throws -> JSON {
        guard bytes.starts(with: Self.magic) else { throw Malformed() }
        var reader = ProtobufReader(bytes[4...])
        var apiVersion = ""
        var kind = ""
        var raw: ArraySlice<UInt8> = []
        while let (number, value) = try reader.next() {
            guard case .bytes(let content) = value else { continue }
            switch number {
            case 1:
                var type = ProtobufReader(content)
                while let (number, value) = try type.next() {
                    guard case .bytes(let text) = value else { continue }
                    if number == 1 { apiVersion = String(decoding: text, as: UTF8.self) }
                    if number == 2 { kind = String(decoding: text, as: UTF8.self) }
                }
            case 2: raw = content
            default: break
            }
        }
        let gvk = GroupVersionKind(apiVersion: apiVersion, kind: kind)
        let name = OpenAPIDocuments.schemaName(of: gvk)
        guard let index = types.index(of: name) else {
            throw SyntaxError(
                message: "no kind \"\(kind)\" is registered for version \"\(apiVersion)\"",
                line: 1,
                column: 1
            )
        }
        var json = try message(raw, index, depth: 0)
        json["apiVersion"] = .string(apiVersion)
        json["kind"] = .string(kind)
        return json
    }

    private func message(_ bytes: ArraySlice<UInt8>, _ index: Int, depth: Int) throws -> JSON {
        guard depth < 100 else { throw Malformed() }
        let message = types.messages[index]
        var result: JSON = [:]
        var lists: [String: [JSON]] = [:]
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard let field = message.field(number) else { continue }
            switch field.cardinality {
            case .map:
                guard case .bytes(let entry) = value else { throw Malformed() }
                let (key, content) = try mapEntry(entry, field, depth: depth)
                var map = result[field.name] ?? [:]
                map[key] = content
                result[field.name] = map
            case .list: lists[field.name, default: []] += try elements(value, field, depth: depth)
            case .single:
                let content = try single(value, field, depth: depth)
                if field.name.isEmpty {
                    for (key, value) in content.object ?? [:] { result[key] = value }
                } else if !content.isNull, field.keepsZero || !Self.isZero(content) {
                    result[field.name] = content
                }
            }
        }
        for (name, list) in lists { result[name] = .array(list) }
        return result
    }

    private func mapEntry(
        _ bytes: ArraySlice<UInt8>,
        _ field: ProtobufTypes.Field,
        depth: Int
    ) throws -> (String, JSON) {
        var reader = ProtobufReader(bytes)
        var key = ""
        var content: JSON?
        while let (number, value) = try reader.next() {
            if number == 1, case .bytes(let text) = value { key = String(decoding: text, as: UTF8.self) }
            if number == 2 { content = try single(value, field, depth: depth) }
        }
        if let content { return (key, content) }
        return (key, try single(.bytes([]), field, depth: depth))
    }

    /// One element, or several numbers that are packed.
    private func elements(
        _ value: ProtobufReader.Value,
        _ field: ProtobufTypes.Field,
        depth: Int
    ) throws -> [JSON] {
        if case .integer = field.kind, case .bytes(let packed) = value {
            var reader = ProtobufReader(packed)
            var numbers: [JSON] = []
            while !reader.isAtEnd { numbers.append(.integer(Int64(bitPattern: try reader.varint()))) }
            return numbers
        }
        return [try single(value, field, depth: depth)]
    }

    private func single(
        _ value: ProtobufReader.Value,
        _ field: ProtobufTypes.Field,
        depth: Int
    ) throws -> JSON {
        switch value {
        case .number(let number):
            switch field.kind {
            case .bool: return .bool(number != 0)
            case .integer: return .integer(Int64(bitPattern: number))
            case .float: return .double(Double(bitPattern: number))
            default: throw Malformed()
            }
        case .bytes(let bytes):
            switch field.kind {
            case .string: return .string(String(decoding: bytes, as: UTF8.self))
            case .bytes: return .string(Data(bytes).base64EncodedString())
            case .message(let index): return try message(bytes, index, depth: depth + 1)
            case .time, .microTime: return try time(bytes, field.kind)
            case .duration: return try duration(bytes)
            case .intOrString: return try intOrString(bytes)
            case .quantity: return .string(try text(1, in: bytes))
            case .raw: return try raw(bytes)
            case .texts: return .array(try texts(bytes))
            case .integer, .bool, .float:
                // An entry of a map that has the zero value may be without it.
                return bytes.isEmpty ? .integer(0) : .null
            }
        }
    }

    private static func isZero(_ value: JSON) -> Bool {
        switch value {
        case .string(let text): text.isEmpty
        case .integer(let number): number == 0
        case .bool(let isTrue): !isTrue
        case .double(let number): number == 0
        default: false
        }
    }

    // MARK: Types with a form of their own

    private func numbers(_ bytes: ArraySlice<UInt8>) throws -> [Int: Int64] {
        var reader = ProtobufReader(bytes)
        var numbers: [Int: Int64] = [:]
        while let (number, value) = try reader.next() {
            if case .number(let content) = value { numbers[number] = Int64(bitPattern: content) }
        }
        return numbers
    }

    private func text(_ wanted: Int, in bytes: ArraySlice<UInt8>) throws -> String {
        try texts(bytes, wanted).last ?? ""
    }

    private func texts(_ bytes: ArraySlice<UInt8>, _ wanted: Int) throws -> [String] {
        var reader = ProtobufReader(bytes)
        var texts: [String] = []
        while let (number, value) = try reader.next() {
            if number == wanted, case .bytes(let content) = value {
                texts.append(String(decoding: content, as: UTF8.self))
            }
        }
        return texts
    }

    private func texts(_ bytes: ArraySlice<UInt8>) throws -> [JSON] { try texts(bytes, 1).map(JSON.string) }

    private func time(_ bytes: ArraySlice<UInt8>, _ kind: ProtobufTypes.Kind) throws -> JSON {
        let numbers = try numbers(bytes)
        let seconds = numbers[1] ?? 0
        let nanoseconds = numbers[2] ?? 0
        // A time that is not set.
        if seconds == 0, nanoseconds == 0 { return .null }
        let whole = TokenRequests.time(Int(seconds)).dropLast()
        guard case .microTime = kind else { return .string("\(whole)Z") }
        let fraction = String(nanoseconds / 1000)
        return .string("\(whole).\(String(repeating: "0", count: max(0, 6 - fraction.count)))\(fraction)Z")
    }

    private func duration(_ bytes: ArraySlice<UInt8>) throws -> JSON {
        let nanoseconds = try numbers(bytes)[1] ?? 0
        return .string(
            nanoseconds % 1_000_000_000 == 0 ? "\(nanoseconds / 1_000_000_000)s" : "\(nanoseconds)ns"
        )
    }

    private func intOrString(_ bytes: ArraySlice<UInt8>) throws -> JSON {
        let numbers = try numbers(bytes)
        if numbers[1] ?? 0 == 0 { return .integer(numbers[2] ?? 0) }
        return .string(try text(3, in: bytes))
    }

    private func raw(_ bytes: ArraySlice<UInt8>) throws -> JSON {
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if number == 1, case .bytes(let content) = value { return try JSON.parse(content) }
        }
        return .null
    }
}
