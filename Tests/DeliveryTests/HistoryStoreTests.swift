import Foundation
import Logging
import Testing

@testable import Delivery

@Suite("Histories on disk")
final class HistoryStoreTests {
    private let web = DeliveryFixture.id("kart-web")
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "varde-\(UUID().uuidString)"
    )
    .path(percentEncoded: false)

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func record(_ number: Int) -> SyncRecord {
        var record = SyncRecord(number: number, cause: .commit, revision: nil, startedAt: Double(number))
        record.steps = [
            SyncStep(
                object: "ConfigMap kart-web/a",
                action: .create,
                state: .planned,
                message: "",
                since: Double(number)
            )
        ]
        return record
    }

    private func store() -> HistoryStore {
        HistoryStore(directory: directory + "/history", logger: Logger(label: "test"))
    }

    @Test("The last 20 syncs of each application are kept; an application that is removed has none")
    func lastOnes() throws {
        let other = DeliveryFixture.id("kart-api")
        let first = store()
        for number in 1...25 { try first.write(record(number), of: web) }
        try first.write(record(3), of: other)
        #expect(first.read(web).map(\.number) == Array(6...25))

        let second = store()
        #expect(second.read(web) == first.read(web))
        second.remove(web)
        #expect(second.read(web).isEmpty)
        #expect(second.read(other).map(\.number) == [3])
    }

    @Test("A sync that goes on replaces what was kept of it")
    func progress() throws {
        let store = store()
        var sync = record(1)
        try store.write(sync, of: web)
        sync.result = .succeeded
        try store.write(sync, of: web)
        #expect(store.read(web) == [sync])
    }

    @Test("A damaged file is put aside for a new one, and nothing stops for it", arguments: [true, false])
    func damaged(isOpen: Bool) throws {
        let file = directory + "/history/syncs.sqlite"
        let before = store()
        try before.write(record(1), of: web)
        let after = isOpen ? before : store()
        for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
        try Data(repeating: 7, count: 40_000).write(to: URL(filePath: file), options: [])
        try after.write(record(2), of: web)
        #expect(after.read(web).map(\.number).last == 2)
    }

    @Test("Where nothing can be written that is an error, and it works as soon as something can")
    func unwritable() throws {
        let store = store()
        let obstacle = directory + "/history"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: obstacle))
        #expect(throws: (any Error).self) { try store.write(record(1), of: web) }
        #expect(store.read(web).isEmpty)
        try FileManager.default.removeItem(atPath: obstacle)
        try store.write(record(1), of: web)
        #expect(store.read(web) == [record(1)])
    }
}
