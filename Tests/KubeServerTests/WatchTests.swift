import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Testing

@Suite("Watches")
struct WatchTests {
    @Test("A watch gets every change after its version, once and in order")
    func getsChangesInOrder() async throws {
        let store = try ClusterStore()
        try await StorageTests.put(store, "a", value: "1")
        let watch = try store.watch("configmaps", after: 0)
        for value in ["2", "3"] { try await StorageTests.put(store, "a", value: value) }
        try await StorageTests.put(store, "b", in: "other")
        var values: [String] = []
        while values.count < 4, let items = try await watch.next() {
            for case .event(let event) in items {
                values.append("\(event.kind) \(event.name) \(event.version)")
            }
        }
        #expect(values == ["added a/a 1", "modified a/a 2", "modified a/a 3", "added other/b 4"])
    }

    @Test("A reader that is too slow is cut instead of memory growing")
    func cutsSlowReaders() async throws {
        let store = try ClusterStore()
        let watch = try store.watch("configmaps", after: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    for number in 0..<550 { try await StorageTests.put(store, "\(writer)-\(number)") }
                }
            }
            try await group.waitForAll()
        }
        await #expect(throws: StoreWatch.Overflow.self) { while try await watch.next() != nil {} }
    }

    private static func configMap(_ name: String, labels: [String: String] = [:]) -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: name)
        object.labels = labels
        return object
    }

    @Test(
        "An object that comes to match is added, one that no longer does is deleted with its last matching content"
    )
    func followsSelectors() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let client = cluster.client
            let made = try await client.create(.configMaps, Self.configMap("a", labels: ["t": "other"]))
            let events = try await client.watch(
                .configMaps,
                namespace: "default",
                labelSelector: "t=x",
                from: made.resourceVersion
            )
            for label in ["x", "other"] {
                _ = try await client.patch(
                    .configMaps,
                    made.objectName,
                    merge: ["metadata": ["labels": ["t": .string(label)]]]
                )
            }
            var iterator = events.makeAsyncIterator()
            guard case .added(let entered) = try await iterator.next(),
                case .deleted(let left) = try await iterator.next()
            else {
                Issue.record("not ADDED and DELETED")
                return
            }
            #expect(entered.label("t") == "x" && left.label("t") == "x")
            #expect(entered.resourceVersion != left.resourceVersion)
        }
    }

    @Test("Initial events come first, and a bookmark marks their end")
    func sendsInitialEvents() async throws {
        try await EmbeddedTestCluster.run { cluster in
            _ = try await cluster.client.create(.configMaps, Self.configMap("a"))
            let query = [
                (name: "watch", value: "true"), (name: "sendInitialEvents", value: "true"),
                (name: "resourceVersionMatch", value: "NotOlderThan"),
                (name: "allowWatchBookmarks", value: "true"),
            ]
            let path = "/api/v1/namespaces/default/configmaps"
            var events = try await cluster.client.transport.watch(APIRequest(.get, path, query: query))
                .makeAsyncIterator()
            var names: [String] = []
            while let event = try await events.next() {
                if case .added(let object) = event { names.append(object.name) }
                if case .bookmark(_, let isInitialEnd) = event {
                    #expect(isInitialEnd)
                    break
                }
            }
            #expect(names.contains("a"))
        }
    }

    @Test("A watch from a version that is no longer kept says so with a 410")
    func refusesOldVersions() async throws {
        try await EmbeddedTestCluster.run { cluster in
            var events = try await cluster.client.watch(.configMaps, from: "1").makeAsyncIterator()
            guard case .error(let error) = try await events.next() else {
                Issue.record("no error")
                return
            }
            #expect(error.isGone)
            #expect(try await events.next() == nil)
        }
    }
}
