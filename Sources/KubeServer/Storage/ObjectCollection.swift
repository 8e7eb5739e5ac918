import Algorithms
import KubeModel

/// The objects of one resource in the order of their keys (`namespace/name`), as etcd would list them.
struct ObjectCollection: Sendable {
    /// Sorted by `namespace/`, which differs from the order of names where one continues the other with `-` or `.`.
    private var namespaces: [String] = []
    private var members: [String: [StoredObject]] = [:]
    private(set) var count = 0

    func get(_ name: ObjectName) -> StoredObject? {
        guard let objects = members[name.namespace] else { return nil }
        let place = Self.place(of: name.name, in: objects)
        guard place < objects.count, objects[place].name.name == name.name else { return nil }
        return objects[place]
    }

    /// The objects of a namespace, or of all, sorted; sharing the stored ones.
    func list(namespace: String?) -> [StoredObject] {
        if let namespace { return members[namespace] ?? [] }
        if namespaces.count == 1 { return members[namespaces[0]] ?? [] }
        var result: [StoredObject] = []
        result.reserveCapacity(count)
        for namespace in namespaces { result.append(contentsOf: members[namespace] ?? []) }
        return result
    }

    mutating func put(_ object: StoredObject) {
        let name = object.name
        if members[name.namespace] == nil {
            namespaces.insert(name.namespace, at: place(ofNamespace: name.namespace))
            members[name.namespace] = [object]
            count += 1
            return
        }
        let isNew = Self.put(object, into: &members[name.namespace, default: []])
        if isNew { count += 1 }
    }

    mutating func remove(_ name: ObjectName) {
        guard var objects = members.removeValue(forKey: name.namespace) else { return }
        let place = Self.place(of: name.name, in: objects)
        if place < objects.count, objects[place].name.name == name.name {
            objects.remove(at: place)
            count -= 1
        }
        if objects.isEmpty {
            namespaces.removeAll { $0 == name.namespace }
        } else {
            members[name.namespace] = objects
        }
    }

    private static func put(_ object: StoredObject, into objects: inout [StoredObject]) -> Bool {
        let place = place(of: object.name.name, in: objects)
        if place < objects.count, objects[place].name.name == object.name.name {
            objects[place] = object
            return false
        }
        objects.insert(object, at: place)
        return true
    }

    private static func place(of name: String, in objects: [StoredObject]) -> Int {
        if let last = objects.last, last.name.name < name { return objects.count }
        return objects.partitioningIndex { $0.name.name >= name }
    }

    private func place(ofNamespace namespace: String) -> Int {
        let key = namespace + "/"
        return namespaces.partitioningIndex { $0 + "/" >= key }
    }
}
