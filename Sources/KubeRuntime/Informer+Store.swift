import Algorithms
import KubeModel

extension Informer {
    /// Objects by namespace and name.
    ///
    /// Sorted arrays: of many objects each takes one place in one, and of few in each of many namespaces nearly nothing is
    /// wasted. What controls what is known from the first question on.
    struct Store: Sendable {
        /// By namespace, in the order of names.
        private var objects: [String: [KubeObject]] = [:]
        /// By the uid of the controlling owner.
        private var owned: NameIndex?
        /// What nothing controls, by namespace.
        private var orphans: NameIndex?

        subscript(name: ObjectName) -> KubeObject? { find(name)?.object }

        private func find(_ name: ObjectName) -> (place: Int, object: KubeObject, isOnly: Bool)? {
            guard let known = objects[name.namespace] else { return nil }
            let place = Self.place(of: name.name, in: known)
            guard place < known.count, known[place].name == name.name else { return nil }
            return (place, known[place], known.count == 1)
        }

        var all: [KubeObject] { objects.values.flatMap(\.self) }

        func list(namespace: String?) -> [KubeObject] {
            guard let namespace else { return all }
            return objects[namespace] ?? []
        }

        mutating func list(controlledBy uid: String) -> [KubeObject] {
            let index = owned ?? index { $0.controller?.uid }
            owned = index
            return index[uid].compactMap { self[$0] }
        }

        mutating func list(uncontrolledIn namespace: String) -> [KubeObject] {
            let index = orphans ?? index { $0.controller == nil ? $0.namespace : nil }
            orphans = index
            return index[namespace].compactMap { self[$0] }
        }

        private func index(by key: (KubeObject) -> String?) -> NameIndex {
            var index = NameIndex()
            for known in objects.values {
                for object in known {
                    if let key = key(object) { index.insert(object.objectName, key) }
                }
            }
            return index
        }

        /// - Returns: What was there before.
        mutating func put(_ object: KubeObject) -> KubeObject? {
            let old = Self.put(object, into: &objects[object.namespace, default: []])
            guard owned != nil || orphans != nil else { return old }
            let (before, after) = (old?.controller?.uid, object.controller?.uid)
            guard before != after || old == nil else { return old }
            if old != nil { forget(object.objectName, ownedBy: before) }
            if let after {
                owned?.insert(object.objectName, after)
            } else {
                orphans?.insert(object.objectName, object.namespace)
            }
            return old
        }

        @discardableResult
        mutating func remove(_ name: ObjectName) -> KubeObject? {
            guard let (place, old, isOnly) = find(name) else { return nil }
            if isOnly {
                objects[name.namespace] = nil
            } else {
                objects[name.namespace]?.remove(at: place)
            }
            if owned != nil || orphans != nil { forget(name, ownedBy: old.controller?.uid) }
            return old
        }

        private mutating func forget(_ name: ObjectName, ownedBy owner: String?) {
            if let owner {
                owned?.remove(name, owner)
            } else {
                orphans?.remove(name, name.namespace)
            }
        }

        private static func put(_ object: KubeObject, into known: inout [KubeObject]) -> KubeObject? {
            let name = object.name
            let place = place(of: name, in: known)
            guard place < known.count, known[place].name == name else {
                known.insert(object, at: place)
                return nil
            }
            defer { known[place] = object }
            return known[place]
        }

        /// Where the name is, or would be put.
        private static func place(of name: String, in known: [KubeObject]) -> Int {
            // Lists come sorted.
            if let last = known.last, last.name < name { return known.count }
            return known.partitioningIndex { $0.name >= name }
        }
    }

    /// Names of objects by something that they have in common.
    private struct NameIndex: Sendable {
        private var names: [String: [ObjectName]] = [:]

        subscript(key: String) -> [ObjectName] { names[key] ?? [] }

        mutating func insert(_ name: ObjectName, _ key: String) {
            names[key, default: []].insertSorted(name)
        }

        mutating func remove(_ name: ObjectName, _ key: String) {
            guard let place = place(of: name, key) else { return }
            names[key]?.remove(at: place)
            if names[key]?.isEmpty == true { names[key] = nil }
        }

        private func place(of name: ObjectName, _ key: String) -> Int? {
            guard let known = names[key] else { return nil }
            let place = known.partitioningIndex { $0 >= name }
            return place < known.count && known[place] == name ? place : nil
        }
    }
}

extension [ObjectName] {
    fileprivate mutating func insertSorted(_ name: ObjectName) {
        if let last, last < name { return append(name) }
        let place = partitioningIndex { $0 >= name }
        if place == count || self[place] != name { insert(name, at: place) }
    }
}
