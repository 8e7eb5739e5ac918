import Delivery
import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("Faults: many commits", .timeLimit(.minutes(3)))
struct CommitStormTests {
    /// Sixty seconds in the words; the suite is content with four, `VARDE_STORM` has seconds for more.
    private static let seconds = ProcessInfo.processInfo.environment["VARDE_STORM"].flatMap(Int.init) ?? 4

    @Test(
        "Two commits a second for a minute: the newest wins, nothing half-done stays, and nobody falls behind"
    )
    func storm() async throws {
        let web = DeliveryFixture.id("kart-web")
        @Sendable func files(_ round: Int) -> [String: String?] {
            // One object comes and one goes with every commit; twelve stay and change.
            var files: [String: String?] = [
                "env/dev/kart-web/extra-\(round).yaml": configMap("extra-\(round)")
            ]
            if round > 0 { files["env/dev/kart-web/extra-\(round - 1).yaml"] = String?.none }
            for index in 0..<12 {
                files["env/dev/kart-web/m\(index).yaml"] = configMap("m\(index)", "\(round)")
            }
            return files
        }
        let first = files(0).compactMapValues(\.self)
        try await DeliveryFixture.run(first) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            var last = ""
            let begin = ContinuousClock.now
            for round in 1...(2 * Self.seconds) {
                last = try await fixture.repository.push(files(round))
                let next = begin + .milliseconds(500 * round)
                if next > .now { try await Task.sleep(until: next, clock: .continuous) }
            }
            try await fixture.synced(web, to: last)
            let items = try await fixture.dev.list(.configMaps, namespace: "kart-web").items
            let values = Set(
                items.filter { $0.name.hasPrefix("m") }.compactMap { $0.at("data", "key")?.string }
            )
            #expect(values == ["\(2 * Self.seconds)"])
            #expect(items.map(\.name).filter { $0.hasPrefix("extra") } == ["extra-\(2 * Self.seconds)"])
            #expect(
                fixture.board.history(of: web).allSatisfy { $0.result != .failed && $0.result != .running }
            )
        }
    }
}
