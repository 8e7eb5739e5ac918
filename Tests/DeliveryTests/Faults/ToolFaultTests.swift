import Delivery
import Foundation
import KubeTesting
import Testing

/// What tools that misbehave do to others.
@Suite(.timeLimit(.minutes(2))) struct ToolFaultTests {
    private static let script = """
        #!/bin/bash
        case "$*" in
        *kart*) exec /usr/bin/sleep 600 ;;
        *) echo '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}}' ;;
        esac

        """

    @Test(
        "A tenant whose tools all hang delays no other tenant in the same cluster, and says what it waits for"
    )
    func hang() async throws {
        let folder = NSTemporaryDirectory() + "varde-tools-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.script.utf8).write(to: URL(filePath: folder + "/jsonnet"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/jsonnet")
        // More than a cluster has workers.
        let slow = (10..<40).map { "kart-\($0)" }
        var files = ["shops/dev/shop-a/x.jsonnet": "{}"]
        for name in slow { files["env/dev/\(name)/x.jsonnet"] = "{}" }
        try await DeliveryFixture.run(files, tools: [folder]) { fixture in
            let shop = TenantSource(
                tenant: "shop",
                repository: fixture.repository.url,
                branch: "main",
                root: "shops"
            )
            await fixture.delivery.setSources([fixture.source, shop])
            let id = ApplicationID(tenant: "shop", cluster: "dev", namespace: "shop-a")
            try await fixture.wait(id) { $0.sync == .synced }
            try await fixture.eventually("all are shown, with a sentence") {
                slow.allSatisfy {
                    fixture.board.application(DeliveryFixture.id($0))?.message.isEmpty == false
                }
            }
            for name in slow {
                #expect(fixture.board.application(DeliveryFixture.id(name))?.sync != .failed, "\(name)")
            }
        }
    }
}
