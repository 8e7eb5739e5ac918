import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Testing

@Suite("Faults: lists", .timeLimit(.minutes(1)))
struct ListFaultTests {
    @Test("410 Gone on a list's continue: it is read anew in one piece, without gaps and without doubles")
    func expired() async throws {
        try await EmbeddedTestCluster.run(.api) { cluster in
            for index in 0..<7 {
                let map = KubeObject(
                    apiVersion: "v1",
                    kind: "ConfigMap",
                    namespace: "default",
                    name: "m\(index)"
                )
                _ = try await cluster.client.create(.configMaps, map)
            }
            let faults = Faults()
            let client = KubeClient(transport: faults.before(cluster.cluster.transport))
            let whole = try await client.list(.configMaps, namespace: "default", pageSize: 3)
            let pages = faults.requests { _ in true }.count
            #expect(pages >= 3)
            let counts = Counter()
            // The second page is there, the third has expired.
            faults.set { request in
                let isNext = request.query.contains { $0.name == "continue" }
                return isNext && counts.next("page") == 2 ? .status(410) : .none
            }
            let again = try await client.list(.configMaps, namespace: "default", pageSize: 3)
            #expect(again.items.map(\.name).sorted() == whole.items.map(\.name).sorted())
            #expect(faults.injected == 1)
        }
    }
}
