import Delivery
import Foundation
import GitSource
import KubeClient
import KubeServer
import KubeTesting
import Testing

/// Many applications at once; only with `VARDE_LOAD` in the environment, as it wants the machine for itself.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["VARDE_LOAD"] != nil)) struct LoadTests {
    @Test("200 applications with 20 objects each over five clusters are all synced within a minute")
    func manyApplications() async throws {
        var files: [String: String] = [:]
        let clusters = ["dev", "c1", "c2", "c3", "c4"]
        for number in 0..<200 {
            let directory = "env/\(clusters[number % 5])/kart-\(number)"
            for map in 0..<18 { files["\(directory)/map-\(map).yaml"] = configMap("map-\(map)", "\(number)") }
            files["\(directory)/app.yaml"] = workload("web")
        }
        try await DeliveryFixture.run(files, contents: .workloads(nodes: 5)) { fixture in
            let begin = ContinuousClock.now
            for name in clusters.dropFirst() {
                let cluster = try await fixture.host.open(
                    .init(name: name, nodePools: [.init(name: "pool", nodes: 5)])
                )
                fixture.clusters.add(name, KubeClient(transport: cluster.transport))
            }
            try await fixture.eventually(within: .seconds(120), "all are synced") {
                fixture.board.applications().count { $0.sync == .synced } == 200
            }
            print("synced after", begin.duration(to: .now))
            try await fixture.eventually(within: .seconds(120), "all are healthy") {
                fixture.board.applications().count { $0.health == .healthy } == 200
            }
            print("healthy after", begin.duration(to: .now))
            try await Task.sleep(for: .seconds(5))
            let before = clock()
            try await Task.sleep(for: .seconds(5))
            print("idle", Double(clock() - before) / Double(CLOCKS_PER_SEC) / 5 * 100, "% of a core")
        }
    }
}
