import KubeModel

extension JSON {
    /// A list of values as `{"items": […]}`.
    static func items(_ values: [JSON]) -> JSON { ["items": .array(values)] }

    static func time(_ seconds: Double) -> JSON { .string(AnswerTime.text(seconds)) }

    static func time(_ seconds: Double?) -> JSON { seconds.map { .time($0) } ?? .null }

    static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    static func count(_ number: Int) -> JSON { .integer(Int64(number)) }

    static func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}
