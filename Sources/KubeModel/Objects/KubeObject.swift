/// A Kubernetes object: a JSON object with accessors for the fields that every kind has.
///
/// The accessors read and write the JSON itself; nothing is lost in a round trip.
package struct KubeObject: Sendable {
    /// What it says, unless it is `encoded`.
    private var tree: JSON
    private(set) var encoded: EncodedObject?

    package init(_ json: JSON) { tree = json }

    /// An object that is kept as its bytes for as long as it is not changed.
    package init(_ encoded: EncodedObject) {
        tree = .null
        self.encoded = encoded
    }

    package var json: JSON {
        get { encoded?.json ?? tree }
        set {
            encoded = nil
            tree = newValue
        }
        _modify {
            if let encoded {
                tree = encoded.json
                self.encoded = nil
            }
            yield &tree
        }
    }

    /// The bytes of an object that came with them and was not changed since.
    package var bytes: [UInt8]? { encoded?.bytes }

    /// What `metadata` has at a key, without parsing what is kept as bytes, if that can be.
    private func metadata(_ key: String) -> JSON? {
        // The record of managers is large: who asks for it wants the rest, too.
        if let encoded, key != "managedFields" { return encoded.metadata(key) }
        return json["metadata"]?[key]
    }

    private func metadata(_ key: String, _ member: String) -> JSON? {
        if let encoded { return encoded.metadata(key, member) }
        return json["metadata"]?[key]?[member]
    }

    package init(apiVersion: String, kind: String, namespace: String = "", name: String) {
        var metadata: JSON = ["name": .string(name)]
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        tree = ["apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": metadata]
    }

    package subscript(key: String) -> JSON? {
        get { json[key] }
        set { json[key] = newValue }
    }

    package func at(_ path: String...) -> JSON? {
        if path.count > 1, path[0] == "metadata" {
            switch path.count {
            case 2: return metadata(path[1])
            case 3 where path[1] != "managedFields": return metadata(path[1], path[2])
            default: return metadata(path[1])?.at(Array(path[2...]))
            }
        }
        return json.at(path)
    }
    package mutating func set(_ value: JSON?, at path: String...) { json.set(value, at: path) }

    package var apiVersion: String {
        get { encoded?.apiVersion ?? json["apiVersion"]?.string ?? "" }
        set { json["apiVersion"] = .string(newValue) }
    }
    package var kind: String {
        get { encoded?.kind ?? json["kind"]?.string ?? "" }
        set { json["kind"] = .string(newValue) }
    }
    package var gvk: GroupVersionKind { GroupVersionKind(apiVersion: apiVersion, kind: kind) }

    package var metadata: JSON {
        get { json["metadata"] ?? [:] }
        set { json["metadata"] = newValue }
    }
    package var name: String {
        get { encoded?.name ?? json["metadata"]?["name"]?.string ?? "" }
        set { json.set(.string(newValue), at: ["metadata", "name"]) }
    }
    package var namespace: String {
        get { encoded?.namespace ?? json["metadata"]?["namespace"]?.string ?? "" }
        set { json.set(newValue.isEmpty ? nil : .string(newValue), at: ["metadata", "namespace"]) }
    }
    package var objectName: ObjectName { ObjectName(namespace: namespace, name: name) }
    package var reference: ObjectReference {
        ObjectReference(group: gvk.group, kind: kind, namespace: namespace, name: name)
    }
    package var uid: String { metadata("uid")?.string ?? "" }
    package var resourceVersion: String { metadata("resourceVersion")?.string ?? "" }
    package var generation: Int { metadata("generation")?.int ?? 0 }
    package var creationTimestamp: String? { metadata("creationTimestamp")?.string }
    package var deletionTimestamp: String? { metadata("deletionTimestamp")?.string }
    package var isBeingDeleted: Bool { deletionTimestamp != nil }
    package var finalizers: [String] { metadata("finalizers")?.array?.compactMap(\.string) ?? [] }

    package var labels: [String: String] {
        get { Self.strings(metadata("labels")) }
        set { json.set(Self.json(newValue), at: ["metadata", "labels"]) }
    }
    package var annotations: [String: String] {
        get { Self.strings(metadata("annotations")) }
        set { json.set(Self.json(newValue), at: ["metadata", "annotations"]) }
    }
    /// One label, without building the dictionary.
    package func label(_ key: String) -> String? { metadata("labels", key)?.string }
    /// One annotation, without building the dictionary.
    package func annotation(_ key: String) -> String? { metadata("annotations", key)?.string }

    package var ownerReferences: [OwnerReference] {
        (metadata("ownerReferences")?.array ?? []).map(OwnerReference.init)
    }
    /// The owner that has `controller: true`, if there is one.
    package var controller: OwnerReference? {
        guard case .array(let references) = metadata("ownerReferences") else { return nil }
        return references.first { $0["controller"]?.bool == true }.map(OwnerReference.init)
    }

    package var spec: JSON {
        get { json["spec"] ?? [:] }
        set { json["spec"] = newValue }
    }
    package var status: JSON {
        get { json["status"] ?? [:] }
        set { json["status"] = newValue }
    }
    /// The condition of a type in `status.conditions`.
    package func condition(_ type: String) -> Condition? {
        for condition in json.at("status", "conditions")?.array ?? [] where condition["type"]?.string == type
        {
            return Condition(condition)
        }
        return nil
    }

    private static func strings(_ json: JSON?) -> [String: String] {
        guard let object = json?.object else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: object.compactMap { key, value in value.string.map { (key, $0) } }
        )
    }

    private static func json(_ strings: [String: String]) -> JSON? {
        strings.isEmpty
            ? nil
            : .object(JSONObject(strings.map { ($0, .string($1)) }, uniquingKeysWith: { _, last in last }))
    }
}

extension KubeObject: Hashable {
    package static func == (left: KubeObject, right: KubeObject) -> Bool {
        if let left = left.encoded, let right = right.encoded, left === right { return true }
        return left.json == right.json
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

/// An entry of `metadata.ownerReferences`.
package struct OwnerReference: Sendable, Hashable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var uid: String
    package var isController: Bool
    package var blocksOwnerDeletion: Bool

    package init(_ json: JSON) {
        apiVersion = json["apiVersion"]?.string ?? ""
        kind = json["kind"]?.string ?? ""
        name = json["name"]?.string ?? ""
        uid = json["uid"]?.string ?? ""
        isController = json["controller"]?.bool ?? false
        blocksOwnerDeletion = json["blockOwnerDeletion"]?.bool ?? false
    }

    /// The reference by which `owner` controls another object, as the workload controllers write it.
    package init(controlledBy owner: KubeObject) {
        apiVersion = owner.apiVersion
        kind = owner.kind
        name = owner.name
        uid = owner.uid
        isController = true
        blocksOwnerDeletion = true
    }

    package var json: JSON {
        var json: JSON = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
            "uid": .string(uid),
        ]
        if isController { json["controller"] = true }
        if blocksOwnerDeletion { json["blockOwnerDeletion"] = true }
        return json
    }
}

/// An entry of `status.conditions`.
package struct Condition: Sendable, Hashable {
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var status: String
    package var reason: String
    package var message: String
    package var lastTransitionTime: String?
    package var observedGeneration: Int?

    package init(_ json: JSON) {
        type = json["type"]?.string ?? ""
        status = json["status"]?.string ?? ""
        reason = json["reason"]?.string ?? ""
        message = json["message"]?.string ?? ""
        lastTransitionTime = json["lastTransitionTime"]?.string
        observedGeneration = json["observedGeneration"]?.int
    }

    package var isTrue: Bool { status == "True" }
    package var isFalse: Bool { status == "False" }
}
