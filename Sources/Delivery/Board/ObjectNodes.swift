import Algorithms

/// Objects of one application in the order of their ids.
///
/// Each is kept once, however many events, trees and boards it is in.
package struct ObjectNodes: Sendable {
    private final class Kept: Sendable {
        let node: ObjectNode
        init(_ node: ObjectNode) { self.node = node }
    }

    private var kept: [Kept] = []

    package init() {}

    /// Of nodes with the same id the last counts.
    package init(_ nodes: some Sequence<ObjectNode>) {
        kept.reserveCapacity(nodes.underestimatedCount)
        for node in nodes.sorted(by: { $0.id < $1.id }) {
            if kept.last?.node.id == node.id { kept.removeLast() }
            kept.append(Kept(node))
        }
    }

    package subscript(id id: String) -> ObjectNode? {
        let place = kept.partitioningIndex { $0.node.id >= id }
        return place < kept.count && kept[place].node.id == id ? kept[place].node : nil
    }

    /// Puts nodes in the places of those with their ids, and takes some away.
    mutating func take(_ changed: ObjectNodes, without removed: [String]) {
        let gone = Set(removed)
        var all = kept.filter { !gone.contains($0.node.id) } + changed.kept
        all.sort { $0.node.id < $1.node.id }
        kept.removeAll(keepingCapacity: true)
        for one in all {
            if kept.last?.node.id == one.node.id { kept.removeLast() }
            kept.append(one)
        }
    }

    /// What differs in `new`; what does not differ is left as it is.
    mutating func replace(with new: ObjectNodes) -> (changed: ObjectNodes, removed: [String]) {
        var (all, changed, removed) = (ObjectNodes(), ObjectNodes(), [String]())
        all.kept.reserveCapacity(new.kept.count)
        var old = kept[...]
        for one in new.kept {
            while let first = old.first, first.node.id < one.node.id {
                removed.append(old.removeFirst().node.id)
            }
            if let first = old.first, first.node.id == one.node.id {
                old.removeFirst()
                if first.node == one.node {
                    all.kept.append(first)
                    continue
                }
            }
            all.kept.append(one)
            changed.kept.append(one)
        }
        removed += old.map(\.node.id)
        guard !changed.isEmpty || !removed.isEmpty else { return (changed, removed) }
        self = all
        return (changed, removed)
    }
}

extension ObjectNodes: RandomAccessCollection, ExpressibleByArrayLiteral {
    package init(arrayLiteral nodes: ObjectNode...) { self.init(nodes) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { kept.count }
    package subscript(position: Int) -> ObjectNode { kept[position].node }
}
