/// What is wrong with a text that should be JSON or YAML, and where.
package struct SyntaxError: Error, Hashable, CustomStringConvertible {
    package let message: String
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in bytes.
    package let column: Int

    package init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// Limits for input from outside.
    package struct Limits: Sendable {
        /// Nested arrays and objects; Kubernetes allows 10,000.
        package var depth = 10_000
        package init(depth: Int = 10_000) { self.depth = depth }
    }

    /// Reads one JSON document; white space may surround it, anything else after it is an error.
    package static func parse(_ bytes: some Collection<UInt8>, limits: Limits = Limits()) throws(SyntaxError) -> JSON {
        fatalError("H1 implements")
    }

    /// Reads one JSON document from a text.
    package static func parse(_ text: String, limits: Limits = Limits()) throws(SyntaxError) -> JSON {
        try parse(Array(text.utf8), limits: limits)
    }

    /// The compact form, keys sorted; with Kubernetes' escapes of `<`, `>`, `&`, U+2028 and U+2029.
    package func encoded() -> [UInt8] { fatalError("H1 implements") }

    /// The form with two (or `indent`) spaces per level.
    package func encoded(indent: Int) -> [UInt8] { fatalError("H1 implements") }

    /// ``encoded()`` as a text.
    package var text: String { String(decoding: encoded(), as: UTF8.self) }
}
