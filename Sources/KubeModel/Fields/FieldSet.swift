import Algorithms

/// A set of places in an object: the fields that a manager owns, or that differ.
///
/// A tree whose branches are in the order of their ``PathElement``s. A place and what is below it are members
/// independently: `{f:data: {".": {}, f:k: {}}}` has the map `data` and its member `k`.
package struct FieldSet: Hashable, Sendable {
    /// What the set has at one step and below it.
    struct Node: Hashable, Sendable {
        let element: PathElement
        var isMember: Bool
        var children: FieldSet

        var isEmpty: Bool { !isMember && children.isEmpty }
    }

    /// Sorted by element, none of them empty.
    private(set) var nodes: [Node]

    package init() { nodes = [] }

    /// Nodes that are already sorted; empty ones are left out.
    init(sorted nodes: [Node]) {
        self.nodes = nodes.contains(where: \.isEmpty) ? nodes.filter { !$0.isEmpty } : nodes
    }

    /// Nodes in any order, with different elements.
    init(unsorted nodes: [Node]) {
        var isSorted = true
        for index in nodes.indices.dropFirst() where !(nodes[index - 1].element < nodes[index].element) {
            isSorted = false
            break
        }
        self.init(sorted: isSorted ? nodes : nodes.sorted { $0.element < $1.element })
    }

    package var isEmpty: Bool { nodes.isEmpty }

    subscript(element: PathElement) -> Node? {
        let place = lowerBound(of: element)
        return place < nodes.count && nodes[place].element == element ? nodes[place] : nil
    }

    private func lowerBound(of element: PathElement) -> Int {
        nodes.partitioningIndex { $0.element >= element }
    }

    /// Whether a place is a member itself.
    package func contains(_ path: FieldPath) -> Bool { contains(path.elements[...]) }

    private func contains(_ path: ArraySlice<PathElement>) -> Bool {
        guard let first = path.first, let node = self[first] else { return false }
        return path.count == 1 ? node.isMember : node.children.contains(path.dropFirst())
    }

    package mutating func insert(_ path: FieldPath) { insert(path.elements[...]) }

    private mutating func insert(_ path: ArraySlice<PathElement>) {
        guard let first = path.first else { return }
        let place = lowerBound(of: first)
        if place == nodes.count || nodes[place].element != first {
            nodes.insert(Node(element: first, isMember: false, children: FieldSet()), at: place)
        }
        if path.count == 1 {
            nodes[place].isMember = true
        } else {
            nodes[place].children.insert(path.dropFirst())
        }
    }

    package init(_ paths: [FieldPath]) {
        self.init()
        for path in paths { insert(path) }
    }

    /// The members, parents before what is below them.
    package var paths: [FieldPath] {
        var result: [FieldPath] = []
        collect(into: &result, below: [])
        return result
    }

    private func collect(into result: inout [FieldPath], below path: [PathElement]) {
        for node in nodes {
            let path = path + [node.element]
            if node.isMember { result.append(FieldPath(path)) }
            node.children.collect(into: &result, below: path)
        }
    }

    /// The members that have no members below them.
    package var leaves: FieldSet {
        FieldSet(
            sorted: nodes.map { node in
                let isLeaf = node.children.isEmpty
                return Node(
                    element: node.element,
                    isMember: node.isMember && isLeaf,
                    children: node.children.leaves
                )
            }
        )
    }
}

// MARK: - Algebra

extension FieldSet {
    package func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return combined(with: other, keepsLeft: true, keepsRight: true) { left, right in
            Node(
                element: left.element,
                isMember: left.isMember || right.isMember,
                children: left.children.union(right.children)
            )
        }
    }

    package func intersection(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return FieldSet() }
        return combined(with: other, keepsLeft: false, keepsRight: false) { left, right in
            Node(
                element: left.element,
                isMember: left.isMember && right.isMember,
                children: left.children.intersection(right.children)
            )
        }
    }

    /// What is in this set and not in the other, place by place.
    package func difference(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return self }
        return combined(with: other, keepsLeft: true, keepsRight: false) { left, right in
            Node(
                element: left.element,
                isMember: left.isMember && !right.isMember,
                children: left.children.difference(right.children)
            )
        }
    }

    /// What is in this set and neither in the other nor below a member of it.
    package func recursiveDifference(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return self }
        return combined(with: other, keepsLeft: true, keepsRight: false) { left, right in
            Node(
                element: left.element,
                isMember: left.isMember && !right.isMember,
                children: right.isMember ? FieldSet() : left.children.recursiveDifference(right.children)
            )
        }
    }

    /// What is in this set at or below members of the other.
    package func filtered(to other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return FieldSet() }
        return combined(with: other, keepsLeft: false, keepsRight: false) { left, right in
            right.isMember
                ? left
                : Node(
                    element: left.element,
                    isMember: false,
                    children: left.children.filtered(to: right.children)
                )
        }
    }

    private func combined(
        with other: FieldSet,
        keepsLeft: Bool,
        keepsRight: Bool,
        both: (Node, Node) -> Node
    ) -> FieldSet {
        var result: [Node] = []
        result.reserveCapacity(nodes.count)
        var left = 0
        var right = 0
        while left < nodes.count || right < other.nodes.count {
            if right == other.nodes.count
                || (left < nodes.count && nodes[left].element < other.nodes[right].element)
            {
                if keepsLeft { result.append(nodes[left]) }
                left += 1
            } else if left == nodes.count || other.nodes[right].element < nodes[left].element {
                if keepsRight { result.append(other.nodes[right]) }
                right += 1
            } else {
                let node = both(nodes[left], other.nodes[right])
                if !node.isEmpty { result.append(node) }
                left += 1
                right += 1
            }
        }
        return FieldSet(sorted: result)
    }
}
