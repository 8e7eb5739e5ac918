import Foundation
import KubeClient
import KubeModel
import KubeTesting
import Testing

@testable import KubeServer

@Suite("Backups and damaged databases")
struct BackupTests {
    private static let dev = EmbeddedClusterConfiguration(name: "dev", runsWorkloads: false)

    private static func configMap(_ name: String) -> KubeObject {
        KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: name)
    }

    private static func names(_ client: KubeClient) async throws -> [String] {
        try await client.list(.configMaps).items.map(\.name).sorted()
    }

    @Test("A backup is put back while the cluster runs: its clients go on, and watches notice")
    func restores() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let cluster = try await fixture.host.open(Self.dev)
            let client = KubeClient(transport: cluster.transport)
            _ = try await client.create(.configMaps, Self.configMap("kept"))
            let backup = try ClusterBackup(directory: fixture.directory)
            let file = fixture.directory + "/dev.backup"
            let written = try backup.write("dev", to: file)
            #expect(written.objects > 20)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            for number in 0..<5 {
                _ = try await client.create(.configMaps, Self.configMap("later-\(number)"))
            }
            let before = try await client.list(.configMaps).resourceVersion
            let events = try await client.watch(.configMaps, from: before)
            let staged = try backup.stage(file, for: "dev")
            #expect(staged.objects == written.objects)
            #expect(try await fixture.eventually { !backup.isWaiting("dev") })
            #expect(try await fixture.eventually { try await Self.names(client) == ["kept"] })
            // The watch has ended; one from before begins with 410.
            var iterator = events.makeAsyncIterator()
            while (try? await iterator.next()) != nil {}
            let after = try await client.list(.configMaps).resourceVersion
            #expect(try #require(UInt64(after)) > #require(UInt64(before)))
            let again = try await client.watch(.configMaps, from: before)
            var rest = again.makeAsyncIterator()
            guard case .error(let status) = try await rest.next() else {
                Issue.record("a watch from before the restore goes on")
                return
            }
            #expect(status.code == 410)
            let files = try FileManager.default.contentsOfDirectory(atPath: fixture.directory + "/clusters")
            #expect(files.contains("dev.sqlite.replaced-1"))
        }
    }

    @Test("A damaged backup is refused before it changes anything, and a backup never replaces a file")
    func refusesDamage() async throws {
        try await EmbeddedTestCluster.run { fixture in
            let client = KubeClient(transport: try await fixture.host.open(Self.dev).transport)
            _ = try await client.create(.configMaps, Self.configMap("kept"))
            let backup = try ClusterBackup(directory: fixture.directory)
            let file = fixture.directory + "/dev.backup"
            _ = try backup.write("dev", to: file)
            #expect(throws: StoreError.self) { _ = try backup.write("dev", to: file) }
            let handle = try FileHandle(forUpdating: URL(filePath: file))
            try handle.truncate(atOffset: 5_000)
            try handle.close()
            #expect(throws: StoreError.self) { _ = try backup.stage(file, for: "dev") }
            #expect(throws: StoreError.self) { _ = try backup.stage(file, for: "../x") }
            #expect(!backup.isWaiting("dev"))
            #expect(try await Self.names(client) == ["kept"])
        }
    }

    @Test("A database that was opened and closed without being served opens again")
    func closedWithoutServing() async throws {
        let directory = try Directory()
        let path = directory.path + "/clusters/dev.sqlite"
        for _ in 0..<2 {
            let files = try ClusterFiles(directory: directory.path)
            let store = try files.open("dev")
            #expect(FileManager.default.fileExists(atPath: path + "-inuse"))
            try store.setFact("port", "1")
        }
        #expect(!FileManager.default.fileExists(atPath: path + "-inuse"))
    }

    enum Damage: CaseIterable, Sendable { case garbage, truncated, logGone }

    @Test(
        "A damaged database is reported and put aside, the others go on, and a backup mends it",
        arguments: Damage.allCases
    )
    func quarantines(damage: Damage) async throws {
        let directory = try Directory()
        let path = directory.path + "/clusters/dev.sqlite"
        let file = directory.path + "/dev.backup"
        try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            let client = KubeClient(transport: try await fixture.host.open(Self.dev).transport)
            for number in 0..<50 { _ = try await client.create(.configMaps, Self.configMap("c\(number)")) }
            _ = try ClusterBackup(directory: directory.path).write("dev", to: file)
        }
        switch damage {
        case .garbage:
            let handle = try FileHandle(forUpdating: URL(filePath: path))
            try handle.write(contentsOf: Data((0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }))
            try handle.close()
        case .truncated:
            let handle = try FileHandle(forUpdating: URL(filePath: path))
            try handle.truncate(atOffset: 20_000)
            try handle.close()
        case .logGone:
            // As a killed process leaves it, but for the log.
            #expect(FileManager.default.createFile(atPath: path + "-inuse", contents: nil))
        }
        try await EmbeddedTestCluster.run(directory: directory.path) { fixture in
            for _ in 0..<2 {
                let error = await #expect(throws: StoreError.self) {
                    _ = try await fixture.host.open(Self.dev)
                }
                #expect(error?.code == .corrupt)
            }
            #expect(FileManager.default.fileExists(atPath: path + ".corrupt-1"))
            // The others go on.
            _ = try await fixture.client.create(.configMaps, Self.configMap("fine"))
            let backup = try ClusterBackup(directory: directory.path)
            _ = try backup.stage(file, for: "dev")
            #expect(try await fixture.eventually { !backup.isWaiting("dev") })
            let client = KubeClient(transport: try await fixture.host.open(Self.dev).transport)
            #expect(try await Self.names(client).count == 50)
        }
    }
}
