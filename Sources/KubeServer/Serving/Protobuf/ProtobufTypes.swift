import KubeModel
import KubernetesData

/// The messages of the API: what the numbers of their fields mean.
struct ProtobufTypes: Sendable {
    enum Kind: Sendable {
        case string, bool, integer, float, bytes
        case time, microTime, duration, intOrString, quantity
        /// Holds JSON as it is.
        case raw
        /// A list of texts that is a message of its own.
        case texts
        case message(Int)
    }

    enum Cardinality: Int, Sendable { case single, list, map }

    struct Field: Sendable {
        var number: Int
        /// Empty where the fields of a message belong to its parent.
        var name: String
        var kind: Kind
        var cardinality: Cardinality
        /// Whether a zero value is a value; else it is left out.
        var keepsZero: Bool
    }

    struct Message: Sendable {
        var fields: [Field]

        func field(_ number: Int) -> Field? { fields.first { $0.number == number } }
    }

    static let shared = ProtobufTypes()

    let messages: [Message]
    private let indices: [String: Int]

    /// The message of a type, by its name in the schemas.
    func index(of name: String) -> Int? { indices[name] }

    private init() {
        let json: JSON
        do {
            json = try JSON.parse(
                UnsafeBufferPointer(start: varde_kubernetes_protobuf, count: varde_kubernetes_protobuf_size)
            )
        } catch {
            // The file is part of the binary: a mistake in it is one of the build.
            fatalError("a data file of this program is broken: \(error)")
        }
        let object = json.object ?? [:]
        messages = object.values.map {
            Message(fields: ($0.array ?? []).compactMap { Self.field($0.string ?? "") })
        }
        indices = Dictionary(
            object.keys.enumerated().map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// `1 replicas i 4`: number, name, type, flags (cardinality, and 4 for keeping zero values).
    private static func field(_ text: String) -> Field? {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 4, let number = Int(parts[0]), let flags = Int(parts[3]),
            let cardinality = Cardinality(rawValue: flags & 3)
        else { return nil }
        return Field(
            number: number,
            name: parts[1] == "-" ? "" : parts[1],
            kind: kind(parts[2]),
            cardinality: cardinality,
            keepsZero: flags & 4 != 0
        )
    }

    private static func kind(_ code: String) -> Kind {
        switch code {
        case "s": .string
        case "b": .bool
        case "i": .integer
        case "f": .float
        case "y": .bytes
        case "t": .time
        case "m": .microTime
        case "d": .duration
        case "x": .intOrString
        case "q": .quantity
        case "r": .raw
        case "e": .texts
        default: .message(Int(code) ?? 0)
        }
    }
}
