import Synchronization
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(1))) struct ReconcilePassTests {
    @Test("Whoever sees a state and asks what it is made of is answered of that state, during a pass, too")
    func showing() async throws {
        let web = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": configMap("a")]) { fixture in
            try await fixture.wait(web) { $0.sync == .synced }
            let cell = try fixture.delivery.cell(web)
            var pass = ReconcilePass(fixture.delivery.environment, cell)
            pass.progress.desired = []
            pass.show(.outOfSync, findings: [])
            #expect(fixture.board.application(web)?.sync == .outOfSync)
            #expect(cell.progress.withLock { $0.desired.isEmpty })
        }
    }
}
