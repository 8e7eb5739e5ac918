import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@Suite("Faults: watches", .timeLimit(.minutes(1)))
struct WatchFaultTests {
    private let web = DeliveryFixture.id("kart-web")
    private let name = ObjectName(namespace: "kart-web", name: "a")

    @Test(
        "A watch cut every second: drift is repaired all the same, and nobody is told that the cluster is gone"
    )
    func cut() async throws {
        let faults = Faults()
        // Shorter than the second of the title, so that ten cuts take three seconds.
        faults.watchLifetime = .milliseconds(300)
        let files = ["a", "b", "c"].map { ("env/dev/kart-web/\($0).yaml", configMap($0)) }
        try await DeliveryFixture.run(Dictionary(uniqueKeysWithValues: files), faults: faults) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let person = fixture.acting(as: "kubectl-edit")
            let states = Mutex<Set<String>>([])
            let watches = { @Sendable in
                faults.requests { $0.query.contains { $0 == ("watch", "true") } }.count
            }
            for round in 0..<8 {
                let before = watches()
                try await fixture.eventually("a watch was cut") { watches() > before }
                // More repairs of one object would be a fight.
                let name = ObjectName(namespace: "kart-web", name: ["a", "b", "c"][round % 3])
                _ = try await person.patch(.configMaps, name, merge: ["data": ["key": "\(round)"]])
                let repaired = ContinuousClock.now + .seconds(20)
                while ContinuousClock.now < repaired {
                    if let shown = fixture.board.application(web) {
                        states.withLock { _ = $0.insert(shown.sync.rawValue) }
                    }
                    if try await fixture.dev.get(.configMaps, name).at("data", "key") == "v" { break }
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(
                    try await fixture.dev.get(.configMaps, name).at("data", "key") == "v",
                    "round \(round): \(String(describing: fixture.board.application(web)))"
                )
            }
            #expect(!states.withLock { $0.contains("Unknown") })
        }
    }

    @Test(
        "410 Gone on a watch, as an answer and as an event: everything is listed again, and nothing was missed"
    )
    func gone() async throws {
        let faults = Faults()
        faults.watchLifetime = .milliseconds(300)
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")], faults: faults) {
            fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            for isEvent in [false, true] {
                let counts = Counter()
                faults.set { request in
                    guard request.query.contains(where: { $0 == ("watch", "true") }),
                        counts.next(request.path) <= 2
                    else { return .none }
                    let error = StatusError(code: 410, reason: "Expired", message: "too old resource version")
                    return isEvent ? .event(.error(error)) : .refused(error, retryAfter: nil)
                }
                let before = faults.injected
                try await fixture.eventually("watches were refused") { faults.injected >= before + 2 }
                try await fixture.dev.delete(.configMaps, name)
                try await fixture.eventually("what was deleted meanwhile is back") {
                    try await fixture.dev.find(.configMaps, name) != nil
                }
                try await fixture.wait(web) { $0.sync == .synced }
            }
        }
    }
}
