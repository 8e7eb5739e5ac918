import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Durability")
    struct DurabilityTests {
        private static func names(_ installation: Installation) async throws -> Set<String> {
            let maps = try await installation.object("admin", "-n", "default", "configmaps")
            return Set((maps?["items"]?.array ?? []).compactMap { $0.at("metadata", "name")?.string })
        }

        @Test("Every write that was answered is there after kill -9 in the middle of writing")
        func killed() async throws {
            try await withTemporaryDirectory { directory in
                let data = directory + "/data"
                let answered = try await Installation.run(data: data, options: ["--empty"]) { installation in
                    await withTaskGroup(of: [String].self) { group in
                        for writer in 0..<4 {
                            group.addTask {
                                var answered: [String] = []
                                while installation.isRunning {
                                    let name = "w\(writer)-\(answered.count)"
                                    let outcome = try? await installation.kubectl(
                                        "admin",
                                        "-n",
                                        "default",
                                        "create",
                                        "configmap",
                                        name
                                    )
                                    guard outcome?.code == 0 else { break }
                                    answered.append(name)
                                    if answered.count >= 8 { installation.send(SIGKILL) }
                                }
                                return answered
                            }
                        }
                        return await group.reduce(into: []) { $0 += $1 }
                    }
                }
                #expect(answered.count >= 8)
                try await Installation.run(data: data, options: ["--empty"]) { installation in
                    let kept = try await Self.names(installation)
                    #expect(Set(answered).isSubset(of: kept))
                }
            }
        }

        @Test("A cluster is backed up and put back while it runs; its users go on")
        func backup() async throws {
            try await withTemporaryDirectory { directory in
                let data = directory + "/data"
                try await Installation.run(data: data, options: ["--empty"]) { installation in
                    let file = directory + "/admin.backup"
                    func create(_ name: String) async throws {
                        let outcome = try await installation.kubectl("admin", "create", "configmap", name)
                        #expect(outcome.code == 0, "\(outcome.errors)")
                    }
                    try await create("before")
                    let backup = try await installation.varde("cluster", "backup", "admin", file)
                    #expect(backup.code == 0, "\(backup.errors)")
                    try await create("after")
                    let restore = try await installation.varde("cluster", "restore", "admin", file)
                    #expect(restore.code == 0, "\(restore.errors)")
                    try await eventually("the cluster is as it was") {
                        let names = try await Self.names(installation)
                        return names.contains("before") && !names.contains("after")
                    }
                    try await create("later")
                    let again = try await installation.varde("cluster", "backup", "admin", file)
                    #expect(again.code == 1 && again.errors.contains("exists already"), "\(again.errors)")
                }
            }
        }
    }
}
