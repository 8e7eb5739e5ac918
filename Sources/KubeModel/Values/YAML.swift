/// YAML as Kubernetes reads it: by way of JSON, with YAML 1.1's booleans, dates left as strings, and string keys.
package enum YAML {
    /// One document of a stream.
    package struct Document: Sendable, Hashable {
        package let value: JSON
        /// Counted from 1 within the stream; empty documents count.
        package let index: Int
        /// The line where the document's content begins, counted from 1.
        package let line: Int

        package init(value: JSON, index: Int, line: Int) {
            self.value = value
            self.index = index
            self.line = line
        }
    }

    /// Limits for input from outside.
    package struct Limits: Sendable {
        package var depth: Int
        /// Nodes after the expansion of aliases, for the whole stream.
        package var nodes: Int
        package init(depth: Int = 1_000, nodes: Int = 5_000_000) {
            self.depth = depth
            self.nodes = nodes
        }
    }

    /// What becomes of a key that occurs twice in one mapping.
    package enum Repetition: Sendable { case refused, reported }

    /// Reads every document of a stream as a server does that warns of repeated keys: the last value counts.
    ///
    /// - Parameter repeated: Receives what is wrong, with the line of each repetition.
    package static func documents(
        _ bytes: [UInt8],
        limits: Limits = Limits(),
        repeated: inout [SyntaxError]
    ) throws(SyntaxError) -> [Document] {
        if let document = jsonDocument(bytes, limits: limits) { return [document] }
        var result: Result<[Document], SyntaxError> = .success([])
        var found: [SyntaxError] = []
        bytes.withUnsafeBufferPointer { buffer in
            let reader = YAMLReader(buffer, limits: limits, repetition: .reported)
            do throws(SyntaxError) { result = .success(try reader.documents()) } catch {
                result = .failure(error)
            }
            found = reader.repeated
        }
        repeated = found
        return try result.get()
    }

    /// Reads every document of a stream; empty documents are left out.
    ///
    /// JSON is YAML, so this reads `.json` files, too. Duplicate keys of one mapping are an error. A document of
    /// nothing but `null` counts as empty.
    package static func documents(
        _ bytes: [UInt8],
        limits: Limits = Limits()
    ) throws(SyntaxError) -> [Document] {
        if let document = jsonDocument(bytes, limits: limits) { return [document] }
        var result: Result<[Document], SyntaxError> = .success([])
        bytes.withUnsafeBufferPointer { buffer in
            let reader = YAMLReader(buffer, limits: limits)
            do throws(SyntaxError) { result = .success(try reader.documents()) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// Writes a value in block style, with the keys in order, as `kubectl get -o yaml` does.
    package static func text(of value: JSON) -> String {
        var writer = YAMLWriter()
        writer.write(value)
        return writer.text
    }

    /// The document of a file that is one JSON object; `nil` if it has to be read as YAML.
    private static func jsonDocument(_ bytes: [UInt8], limits: Limits) -> Document? {
        let start = bytes.prefix { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard start.count < bytes.count, bytes[start.count] == UInt8(ascii: "{") else { return nil }
        var duplicates: [String] = []
        // A failure is no loss: the YAML reader then finds the error, or reads flow style that is no JSON.
        guard let value = try? JSON.parse(bytes, limits: .init(depth: limits.depth), duplicates: &duplicates),
            duplicates.isEmpty
        else { return nil }
        return Document(value: value, index: 1, line: 1 + start.count(where: { $0 == 0x0A }))
    }
}
