/// What is wrong with a text that should be JSON or YAML, and where.
package struct SyntaxError: Error, Hashable, CustomStringConvertible {
    /// For JSON in the words of Go's `encoding/json`, which Kubernetes hands on to its clients.
    package let message: String
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in bytes.
    package let column: Int
    /// For YAML, in the words of the reader of Kubernetes' tools, which count lines in their own way.
    package let goMessage: String?

    package init(message: String, line: Int, column: Int, goMessage: String? = nil) {
        self.message = message
        self.line = line
        self.column = column
        self.goMessage = goMessage
    }

    package var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
    /// Limits for input from outside, and what is kept of it.
    package struct Limits: Sendable {
        /// Nested arrays and objects.
        ///
        /// Kubernetes allows 10,000, on stacks that grow; what is read here is walked on stacks of eight
        /// megabytes.
        package var depth = 2_000
        package var numbers = NumberSpelling.values
        package init(depth: Int = 2_000, numbers: NumberSpelling = .values) {
            self.depth = depth
            self.numbers = numbers
        }
    }

    /// Whether `1e0` and `1.50` are read as their values or kept as they are spelled.
    package enum NumberSpelling: Sendable {
        case values
        /// A number that would be written otherwise becomes ``JSON/number(_:)``, so that a message can name
        /// it as the client spelled it.
        case kept
    }

    /// Reads one JSON document; white space may surround it, anything else after it is an error.
    ///
    /// As Go reads: the last of equal keys wins, bytes that are no UTF-8 and lone surrogates become U+FFFD, integers
    /// that do not fit 64 bits become floating point.
    package static func parse(
        _ bytes: some Collection<UInt8>,
        limits: Limits = Limits()
    ) throws(SyntaxError) -> JSON {
        var duplicates: [String] = []
        return try parse(bytes, limits: limits, duplicates: &duplicates)
    }

    /// Reads one JSON document and notes the paths of keys that occur twice in one object: `metadata.name`,
    /// `spec.ports[0].port`.
    package static func parse(
        _ bytes: some Collection<UInt8>,
        limits: Limits = Limits(),
        duplicates: inout [String]
    ) throws(SyntaxError) -> JSON {
        let read: (UnsafeBufferPointer<UInt8>) -> Result<(JSON, [String]), SyntaxError> = { buffer in
            var reader = JSONReader(buffer, limits: limits)
            do throws(SyntaxError) {
                let value = try reader.document()
                return .success((value, reader.duplicates))
            } catch {
                return .failure(error)
            }
        }
        let result =
            bytes.withContiguousStorageIfAvailable(read)
            ?? Array(bytes).withUnsafeBufferPointer(read)
        let (value, found) = try result.get()
        duplicates = found
        return value
    }

    /// Reads one JSON document from a text.
    package static func parse(_ text: String, limits: Limits = Limits()) throws(SyntaxError) -> JSON {
        try parse(text.utf8, limits: limits)
    }

    /// The compact form, keys sorted; with Kubernetes' escapes of `<`, `>`, `&`, U+2028 and U+2029.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes()
    }

    /// The form with two (or `indent`) spaces per level.
    package func encoded(indent: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self, indent: indent, level: 0)
        return writer.bytes()
    }

    /// ``encoded()`` as a text.
    package var text: String {
        var writer = JSONWriter(capacity: 256)
        writer.write(self)
        return writer.text
    }
}
