/// Who owns which names, decided on `-` boundaries: `foo` owns `foo` and `foo-…`, not `foobar`.
///
/// Where prefixes nest, the longest owns.
package struct PrefixTrie: Sendable, Hashable {
    private struct Node: Sendable, Hashable {
        var owner: String?
        var children: [Substring: Node] = [:]
    }

    private var root = Node()

    package init() {}

    /// Whom a prefix overlaps with.
    package enum Overlap: Sendable, Hashable {
        /// A shorter (or the same) prefix that owns this one already.
        case inside(prefix: String, owner: String)
        /// A longer prefix of somebody else that this one would own.
        case around(prefix: String, owner: String)
    }

    /// What of others a new prefix of `owner` would overlap with.
    package func overlaps(of prefix: String, owner: String) -> [Overlap] {
        var found: [Overlap] = []
        var node = root
        var path: [Substring] = []
        for part in Self.parts(prefix) {
            guard let child = node.children[part] else { return found }
            path.append(part)
            node = child
            if let other = child.owner, other != owner {
                found.append(.inside(prefix: path.joined(separator: "-"), owner: other))
            }
        }
        Self.visit(node, path) { path, other in
            if other != owner, path.count > Self.parts(prefix).count {
                found.append(.around(prefix: path.joined(separator: "-"), owner: other))
            }
        }
        return found
    }

    package mutating func insert(_ prefix: String, owner: String) {
        Self.insert(Self.parts(prefix)[...], owner, into: &root)
    }

    /// The owner of a namespace's name, and the prefix by which it is owned.
    package func owner(of name: String) -> (owner: String, prefix: String)? {
        var node = root
        var path: [Substring] = []
        var best: (owner: String, prefix: String)?
        for part in Self.parts(name) {
            guard let child = node.children[part] else { break }
            path.append(part)
            node = child
            if let owner = child.owner { best = (owner, path.joined(separator: "-")) }
        }
        return best
    }

    private static func parts(_ name: String) -> [Substring] {
        name.split(separator: "-", omittingEmptySubsequences: false)
    }

    private static func insert(_ parts: ArraySlice<Substring>, _ owner: String, into node: inout Node) {
        guard let first = parts.first else {
            node.owner = owner
            return
        }
        insert(parts.dropFirst(), owner, into: &node.children[first, default: Node()])
    }

    private static func visit(_ node: Node, _ path: [Substring], _ body: ([Substring], String) -> Void) {
        if let owner = node.owner { body(path, owner) }
        for (part, child) in node.children.sorted(by: { $0.key < $1.key }) {
            visit(child, path + [part], body)
        }
    }
}
