import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Testing

@Suite("Faults: what the API server answers", .timeLimit(.minutes(2)))
struct AnswerFaultTests {
    private let web = DeliveryFixture.id("kart-web")

    private static func maps(_ count: Int, value: String) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: (0..<count).map {
                ("env/dev/kart-web/m\($0).yaml", configMap("m\($0)", value))
            }
        )
    }

    private func values(_ fixture: DeliveryFixture) async throws -> [String: String] {
        let items = try await fixture.dev.list(.configMaps, namespace: "kart-web").items
        return Dictionary(
            items.map { ($0.name, $0.at("data", "key")?.string ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
    }

    @Test("429 and 500 answers at random: nothing is lost, and it converges by itself")
    func random() async throws {
        let random = SeededRandom()
        print("VARDE_SEED=\(random.seed)")
        try await DeliveryFixture.run(Self.maps(60, value: "1")) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.faults.set { _ in
                switch random.next(below: 100) {
                case 0..<10: .status(429, retryAfter: .zero)
                case 10..<20: .status(500)
                case 20..<24: .lost
                case 24..<28: .answerLost
                default: .none
                }
            }
            let changed = Self.maps(50, value: "2").mapValues(Optional.some)
            let gone = (50..<60).map { ("env/dev/kart-web/m\($0).yaml", String?.none) }
            let commit = try await fixture.repository.push(changed.merging(gone) { first, _ in first })
            try await fixture.wait(web, within: .seconds(90)) {
                $0.sync == .synced && $0.applied?.commit == commit
            }
            #expect(fixture.faults.injected > 10)
            fixture.faults.set { _ in .none }
            let values = try await values(fixture)
            #expect(values.count == 50 && values.values.allSatisfy { $0 == "2" })
            let last = try #require(fixture.board.history(of: web).first)
            #expect(last.result == .succeeded && last.revision?.commit == commit)
        }
    }

    @Test("A single failed answer is asked again at once, and does not fail the sync")
    func single() async throws {
        try await DeliveryFixture.run(Self.maps(3, value: "1")) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let counts = Counter()
            fixture.faults.set { request in
                guard request.method == .patch, counts.next(request.path) == 1 else { return .none }
                return request.path.hasSuffix("m0") ? .status(500) : .answerLost
            }
            let commit = try await fixture.repository.push(Self.maps(3, value: "2"))
            try await fixture.synced(web, to: commit)
            #expect(fixture.faults.injected == 3)
            let results = fixture.board.history(of: web).map(\.result)
            #expect(results == [.succeeded, .succeeded])
        }
    }

    @Test(
        "A server that answers 500 to everything is told as such, and the sync goes on when it is well again"
    )
    func everything() async throws {
        try await DeliveryFixture.run(Self.maps(3, value: "1")) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            fixture.faults.set { _ in .status(500) }
            let commit = try await fixture.repository.push(Self.maps(3, value: "2"))
            let failed = try await fixture.wait(web) { $0.findings.contains { $0.severity == .error } }
            #expect(failed.message.contains("injected 500"))
            fixture.faults.set { _ in .none }
            try await fixture.synced(web, to: commit)
            #expect(try await values(fixture).values.allSatisfy { $0 == "2" })
        }
    }
}
