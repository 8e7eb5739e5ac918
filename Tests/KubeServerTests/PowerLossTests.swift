import Foundation
import KubeModel
import KubeServer
import Synchronization
import Testing

@Suite("When the power is cut")
struct PowerLossTests {
    private final class Answered: Sendable {
        let versions = Mutex<[String: UInt64]>([:])
    }

    private struct Cut: Sendable {
        let answered: [String: UInt64]
        let found: Directory
    }

    @Test(
        "Every write that was answered is there afterwards, whatever the disk made of those that were not",
        arguments: ForgetfulDisk.Loss.allCases
    )
    func keepsAnsweredWrites(loss: ForgetfulDisk.Loss) async throws {
        let disk = try ForgetfulDisk()
        let store = try ClusterStore(path: disk.directory.file("a.sqlite"))
        let answered = Answered()
        let cuts = try await withThrowingTaskGroup(of: Cut?.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for number in 0..<30 {
                        let name = "c\(number % 7)-\(writer)"
                        let object = try await StorageTests.put(store, name, value: "\(number)")
                        answered.versions.withLock { $0[name] = UInt64(object.resourceVersion) }
                    }
                    return nil
                }
            }
            for moment in 1...5 {
                group.addTask {
                    while answered.versions.withLock({ $0.values.max() ?? 0 }) < UInt64(moment * 80) {
                        try Task.checkCancellation()
                        await Task.yield()
                    }
                    // In this order: what is answered after the first line does not count.
                    let known = answered.versions.withLock { $0 }
                    return Cut(answered: known, found: try disk.cutPower(losing: loss))
                }
            }
            return try await group.reduce(into: [Cut]()) { if let cut = $1 { $0.append(cut) } }
        }
        #expect(cuts.count == 5)
        for cut in cuts {
            let reopened = try ClusterStore(path: cut.found.file("a.sqlite"))
            for (name, version) in cut.answered {
                let object = try #require(reopened.get(StorageTests.key(name)), "\(name) is lost")
                #expect(
                    try #require(UInt64(object.resourceVersion)) >= version,
                    "an answered write of \(name) is lost"
                )
            }
            #expect(reopened.resourceVersion >= cut.answered.values.max() ?? 0)
            // It is not only readable.
            try await StorageTests.put(reopened, "afterwards")
        }
    }
}
