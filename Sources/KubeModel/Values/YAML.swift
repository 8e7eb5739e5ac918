/// YAML as Kubernetes reads it: by way of JSON, with YAML 1.1's booleans, dates left as strings, and string keys.
package enum YAML {
    /// One document of a stream.
    package struct Document: Sendable, Hashable {
        package let value: JSON
        /// Counted from 1 within the stream; empty documents count.
        package let index: Int
        /// The line where the document's content begins, counted from 1.
        package let line: Int
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

    /// Reads every document of a stream; empty documents are left out.
    ///
    /// JSON is YAML, so this reads `.json` files, too. Duplicate keys of one mapping are an error.
    package static func documents(
        _ bytes: [UInt8],
        limits: Limits = Limits()
    ) throws(SyntaxError) -> [Document] {
        fatalError("H1 implements")
    }

    /// Writes a value in block style, with the keys in order.
    package static func text(of value: JSON) -> String { fatalError("H1 implements") }
}
