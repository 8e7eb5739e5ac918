import Foundation
import KubeModel
import KubeServer
import Testing

@Suite("A cluster's store")
struct StorageTests {
    static func key(_ name: String, in namespace: String = "a") -> ClusterStore.Key {
        ClusterStore.Key(resource: "configmaps", name: ObjectName(namespace: namespace, name: name))
    }

    static func object(_ name: String, in namespace: String = "a", value: String = "") -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: name)
        object["data"] = ["k": .string(value)]
        return object
    }

    @discardableResult
    static func put(
        _ store: ClusterStore,
        _ name: String,
        in namespace: String = "a",
        value: String = ""
    ) async throws
        -> KubeObject
    {
        let key = key(name, in: namespace)
        let expected = store.get(key).flatMap { UInt64($0.resourceVersion) }
        return try await store.commit(
            key,
            expecting: expected,
            .put(object(name, in: namespace, value: value))
        )
    }

    @Test("What was committed is read back, with a version that grows with every write")
    func commits() async throws {
        let store = try ClusterStore()
        let first = try await Self.put(store, "x", value: "1")
        let second = try await Self.put(store, "x", value: "2")
        #expect(store.get(Self.key("x")) == second)
        #expect(try #require(UInt64(first.resourceVersion)) < #require(UInt64(second.resourceVersion)))
        #expect(store.resourceVersion == UInt64(second.resourceVersion))
    }

    @Test("A write that was computed from another version is refused and changes nothing")
    func refusesStaleWrites() async throws {
        let store = try ClusterStore()
        let present = try await Self.put(store, "x", value: "1")
        for expected in [nil, 0, 999] as [UInt64?] {
            await #expect(throws: ClusterStore.Stale.self) {
                _ = try await store.commit(
                    Self.key("x"),
                    expecting: expected,
                    .put(Self.object("x", value: "2"))
                )
            }
        }
        #expect(store.get(Self.key("x")) == present)
    }

    @Test("Of many writers that saw the same version exactly one wins")
    func oneWriterWins() async throws {
        let store = try ClusterStore()
        let version = UInt64(try await Self.put(store, "x").resourceVersion)
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let change = ClusterStore.Change.put(Self.object("x", value: "\(number)"))
                    return (try? await store.commit(Self.key("x"), expecting: version, change)) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(winners == 1)
    }

    @Test(
        "Lists are in the order of keys, in which a namespace stands before those that continue its name only after a dash"
    )
    func ordersLists() async throws {
        let store = try ClusterStore()
        for (namespace, name) in [("b", "x"), ("a", "y"), ("a-b", "x"), ("a", "x")] {
            try await Self.put(store, name, in: namespace)
        }
        let names = store.list("configmaps", namespace: nil).items.map(\.objectName.description)
        #expect(names == ["a-b/x", "a/x", "a/y", "b/x"])
        #expect(store.list("configmaps", namespace: "a").items.map(\.name) == ["x", "y"])
        #expect(store.list("secrets", namespace: nil).items.isEmpty)
    }

    @Test("A removed object is gone, and its last version is that of the removal")
    func removes() async throws {
        let store = try ClusterStore()
        let present = try await Self.put(store, "x")
        let last = try await store.commit(
            Self.key("x"),
            expecting: UInt64(present.resourceVersion),
            .remove(present)
        )
        #expect(store.get(Self.key("x")) == nil)
        #expect(last.resourceVersion == String(store.resourceVersion))
        #expect(last.resourceVersion != present.resourceVersion)
    }

    @Test("Pages of an earlier version show the objects of that version")
    func showsEarlierVersions() async throws {
        let store = try ClusterStore()
        try await Self.put(store, "a", value: "1")
        let b = try await Self.put(store, "b", value: "1")
        let version = store.resourceVersion
        try await Self.put(store, "a", value: "2")
        try await Self.put(store, "c", value: "1")
        _ = try await store.commit(Self.key("b"), expecting: UInt64(b.resourceVersion), .remove(b))
        let then = try store.snapshot("configmaps", namespace: "a", at: version).map(\.object)
        #expect(then.map(\.name) == ["a", "b"])
        #expect(then.first?.at("data", "k") == "1")
        #expect(store.list("configmaps", namespace: "a").items.map(\.name) == ["a", "c"])
    }

    @Test("Versions that were compacted are too old, for pages and for watches")
    func forgetsCompactedVersions() async throws {
        let store = try ClusterStore()
        try await Self.put(store, "a")
        let version = store.resourceVersion
        try await Self.put(store, "b")
        store.compact()
        #expect(throws: ClusterStore.TooOld.self) {
            try store.snapshot("configmaps", namespace: nil, at: version)
        }
        #expect(throws: ClusterStore.TooOld.self) { try store.watch("configmaps", after: version) }
        #expect(throws: Never.self) { try store.watch("configmaps", after: store.resourceVersion) }
    }

    @Test("A busy resource does not make the versions of a quiet one too old")
    func boundsTheLogPerResource() async throws {
        let store = try ClusterStore(logCapacity: 5)
        let quiet = ClusterStore.Key(resource: "secrets", name: ObjectName(namespace: "a", name: "s"))
        _ = try await store.commit(quiet, expecting: nil, .put(Self.object("s")))
        let version = store.resourceVersion
        for number in 0..<20 { try await Self.put(store, "x\(number)") }
        #expect(throws: Never.self) { try store.watch("secrets", after: version) }
        #expect(throws: ClusterStore.TooOld.self) { try store.watch("configmaps", after: version) }
    }

    @Test("Large objects make the log forget earlier, so that memory stays bounded")
    func boundsTheLogBySize() async throws {
        let store = try ClusterStore()
        try await Self.put(store, "a")
        let version = store.resourceVersion
        let large = String(repeating: "x", count: 900_000)
        for number in 0..<24 { try await Self.put(store, "a", value: "\(large)\(number)") }
        #expect(throws: ClusterStore.TooOld.self) { try store.watch("configmaps", after: version) }
        #expect(throws: Never.self) { try store.watch("configmaps", after: store.resourceVersion - 10) }
    }

    @Test("State survives: objects, versions and facts are there when the file is opened again")
    func survives() async throws {
        let directory = try Directory()
        let written: [KubeObject]
        do {
            let store = try ClusterStore(path: directory.file("a.sqlite"))
            try await Self.put(store, "a", value: "1")
            let gone = try await Self.put(store, "gone")
            try await Self.put(store, "b", in: "other")
            _ = try await store.commit(
                Self.key("gone"),
                expecting: UInt64(gone.resourceVersion),
                .remove(gone)
            )
            try store.setFact("token", "secret")
            written = store.list("configmaps", namespace: nil).items
            // No close: what was answered must be there when the process is killed.
        }
        let store = try ClusterStore(path: directory.file("a.sqlite"))
        #expect(store.list("configmaps", namespace: nil).items == written)
        #expect(store.resourceVersion == 4)
        #expect(try store.fact("token") == "secret")
        #expect(throws: ClusterStore.TooOld.self) { try store.watch("configmaps", after: 1) }
        let next = try await Self.put(store, "c")
        #expect(next.resourceVersion == "5")
    }

    @Test(
        "A file that is no database is moved aside and reported, not deleted; a new store can be made in its place"
    )
    func quarantines() async throws {
        let directory = try Directory()
        let path = directory.file("a.sqlite")
        let garbage = Data(repeating: 0x2a, count: 10_000)
        try garbage.write(to: URL(filePath: path))
        let error = #expect(throws: StoreError.self) { try ClusterStore(path: path) }
        #expect(error?.code == .corrupt)
        #expect(try Data(contentsOf: URL(filePath: path + ".corrupt-1")) == garbage)
        let store = try ClusterStore(path: path)
        try await Self.put(store, "a")
    }

    @Test("A closed store refuses writes, and its watches end")
    func closes() async throws {
        let store = try ClusterStore()
        let watch = try store.watch("configmaps", after: nil)
        await store.close()
        #expect(try await watch.next() == nil)
        await #expect(throws: StoreError.self) { try await Self.put(store, "a") }
    }

    @Test("A backup taken while the store is in use opens with the same objects")
    func backsUp() async throws {
        let directory = try Directory()
        let store = try ClusterStore(path: directory.file("a.sqlite"))
        try await Self.put(store, "a", value: "1")
        try store.backup(to: directory.file("copy.sqlite"))
        try await Self.put(store, "b")
        let copy = try ClusterStore(path: directory.file("copy.sqlite"))
        #expect(copy.list("configmaps", namespace: nil).items.map(\.name) == ["a"])
    }
}

/// A directory that goes away with the test.
final class Directory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "varde-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}
