import KubeModel
import Testing

@Suite("Objects that are kept as bytes")
struct EncodedObjectTests {
    private static let tree: JSON = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": [
            "name": "a", "namespace": "b", "uid": "1", "labels": ["app": "web"], "resourceVersion": "7",
            "annotations": ["note": "\"metadata\":{\"name\":\"}\\"],
            "ownerReferences": [
                ["apiVersion": "v1", "kind": "Node", "name": "n", "uid": "2", "controller": true]
            ],
            "managedFields": [["manager": "m", "fieldsV1": ["f:metadata": [:]]]],
        ],
        "rules": [["verbs": ["get"]]],
    ]

    private static func object(_ order: JSON.MemberOrder = .structure) -> KubeObject {
        KubeObject(EncodedObject(bytes: tree.encoded(order: order), tree: tree))
    }

    @Test("They answer like the others")
    func answers() {
        let (kept, plain) = (Self.object(), KubeObject(Self.tree))
        #expect(kept == plain)
        #expect(kept.hashValue == plain.hashValue)
        #expect(kept.reference == plain.reference)
        #expect(kept.labels == ["app": "web"])
        #expect(kept.annotation("note") == plain.annotation("note"))
        #expect(kept.controller?.uid == "2")
        #expect(kept.at("metadata", "labels", "app") == "web")
        #expect(kept.at("metadata", "managedFields") == plain.at("metadata", "managedFields"))
        #expect(kept.at("rules") == plain.at("rules"))
        #expect(kept.unpacked == plain)
    }

    @Test(
        "Members of the metadata are read from the bytes, escapes, nulls and all",
        arguments: [JSON.MemberOrder.structure, .name]
    )
    func readsMetadata(order: JSON.MemberOrder) {
        var tree = Self.tree
        tree.set("a\"b<c", at: ["metadata", "labels", "odd"])
        tree.set(.null, at: ["metadata", "creationTimestamp"])
        tree.set(["x", "y"], at: ["metadata", "finalizers"])
        tree.set(3, at: ["metadata", "generation"])
        tree.set("web-", at: ["metadata", "generateName"])
        let kept = KubeObject(EncodedObject(bytes: tree.encoded(order: order), tree: tree))
        for (key, value) in tree["metadata"]?.object ?? [:] { #expect(kept.at("metadata", key) == value) }
        #expect(kept.label("odd") == "a\"b<c" && kept.label("none") == nil)
        #expect(kept.creationTimestamp == nil && !kept.isBeingDeleted)
        #expect(kept.at("metadata", "name", "x") == nil && kept.at("metadata", "selfLink") == nil)
        #expect(kept.finalizers == ["x", "y"] && kept.generation == 3)
        let bare = KubeObject(EncodedObject(bytes: Array("{}".utf8), tree: [:]))
        #expect(bare.uid.isEmpty && bare.name.isEmpty && bare.label("a") == nil)
    }

    @Test("A change is the object's own, and ends its bytes")
    func changes() {
        let kept = Self.object()
        var changed = kept
        changed.set("c", at: "metadata", "labels", "app")
        #expect(changed.bytes == nil)
        #expect(changed.label("app") == "c")
        #expect(kept.label("app") == "web")
        #expect(kept.bytes != nil)
    }

    @Test(
        "Members are found in the bytes, whatever stands before them",
        arguments: [
            JSON.MemberOrder.structure, .name,
        ]
    )
    func findsMembers(order: JSON.MemberOrder) throws {
        let object = Self.object(order)
        for key in ["kind", "metadata", "rules"] {
            let bytes = try #require(object.bytes(of: key))
            #expect(try JSON.parse(bytes) == Self.tree[key])
        }
        #expect(object.bytes(of: "name") == nil)
    }

    @Test(
        "The record of managers can be left out, whatever the order of members",
        arguments: [
            JSON.MemberOrder.structure, .name,
        ]
    )
    func leavesOutManagers(order: JSON.MemberOrder) {
        var expected = Self.tree
        expected.set([], at: ["metadata", "managedFields"])
        #expect(Self.object(order).unpackedWithoutManagedFields == KubeObject(expected))
        expected["metadata"]?["managedFields"] = nil
        let bare = EncodedObject(bytes: expected.encoded(order: order), tree: expected)
        #expect(KubeObject(bare).unpackedWithoutManagedFields == KubeObject(expected))
    }

    @Test("In a list of a built-in kind an object does not say what it is")
    func isBare() throws {
        let bare = try #require(Self.object().bareBytes)
        #expect(bare.starts(with: Array("\"metadata\":{\"name\":\"a\"".utf8)))
        #expect(Self.object(.name).bareBytes == nil)
    }

    @Test("A draft gets its version where the version belongs")
    func takesVersions() throws {
        var tree = Self.tree
        tree.set("", at: ["metadata", "resourceVersion"])
        for order in [JSON.MemberOrder.structure, .name] {
            let bytes = ObjectDraft(tree, order: order).bytes(version: 42)
            var expected = Self.tree
            expected.set("42", at: ["metadata", "resourceVersion"])
            #expect(bytes == expected.encoded(order: order))
        }
    }

    @Test("Objects that are looked at after many others still say the same")
    func survivesForgetting() {
        let objects = (0..<40).map { number in
            var tree = Self.tree
            tree["text"] = .string(String(repeating: "x", count: 500_000) + "\(number)")
            return KubeObject(EncodedObject(bytes: tree.encoded(order: .structure), tree: tree))
        }
        for (number, object) in objects.enumerated() {
            #expect(object.json["text"]?.string?.hasSuffix("x\(number)") == true)
        }
    }
}
