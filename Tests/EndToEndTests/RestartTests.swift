import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Stopping, killing, starting again")
    struct RestartTests {
        @Test(
            "A process killed in the middle of a sync of 500 objects converges when started again: nothing twice, nothing lost"
        )
        func killedInTheMiddle() async throws {
            try await SmallFleet.prepare { setting in
                let count = 500
                let partial = try await setting.run { installation in
                    try await setting.apps.push(
                        "Many",
                        files: ["env/dev/demo-many/many.yaml": SmallFleet.configMaps(count)]
                    )
                    try await eventually("the sync has begun") {
                        try await Self.mapNames(installation).count > 20
                    }
                    installation.send(SIGKILL)
                    return true
                }
                #expect(partial)
                try await setting.run { installation in
                    let wait = try await installation.varde("wait", "demo/dev.demo-many", "--timeout", "120s")
                    #expect(wait.code == 0, "\(wait.errors)")
                    let names = try await Self.mapNames(installation)
                    #expect(names.count == count)
                    #expect(Set(names).count == count)
                    let application = try await installation.application("demo/dev.demo-many")
                    #expect(application?.at("counts", "total")?.int == count)
                }
            }
        }

        @Test(
            "SIGTERM stops it with code 0; started again, the objects are the same and no sync changes anything"
        )
        func stoppedAndStarted() async throws {
            try await SmallFleet.prepare(apps: ["env/dev/demo-web/app.yaml": SmallFleet.web()]) { setting in
                let before = try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-web").code == 0)
                    return try await installation.object("dev", "-n", "demo-web", "deploy", "web")
                }
                try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-web").code == 0)
                    let after = try await installation.object("dev", "-n", "demo-web", "deploy", "web")
                    #expect(after?.at("metadata", "uid") == before?.at("metadata", "uid"))
                    #expect(after?.at("metadata", "generation") == before?.at("metadata", "generation"))
                }
            }
        }

        @Test("A second process on the same data says so and exits with 1; the first is not disturbed")
        func second() async throws {
            try await withTemporaryDirectory { directory in
                let data = directory + "/data"
                try await Installation.run(data: data, options: ["--empty"]) { installation in
                    let second = try await Shell.run(
                        Shell.varde,
                        ["up", "--data", data, "--empty", "--console", ":0", "--kube", ":0"]
                    )
                    #expect(second.code == 1)
                    #expect(second.errors.contains("already running"), "\(second.errors)")
                    #expect(try await installation.varde("status").code == 0)
                }
            }
        }

        @Test(
            "A first start whose address another program has leaves data that the second start goes on with"
        )
        func addressTaken() async throws {
            try await withTemporaryDirectory { directory in
                try await Installation.run(data: directory + "/other", options: ["--empty"]) { other in
                    let client = try JSON.parse(
                        String(contentsOfFile: other.data + "/client.json", encoding: .utf8)
                    )
                    let taken = try #require(client["console"]?.string?.split(separator: "/").last)
                    let first = try await Shell.run(
                        Shell.varde,
                        [
                            "up", "--data", directory + "/data", "--empty", "--kube", ":0", "--console",
                            String(taken),
                        ]
                    )
                    #expect(first.code == 1)
                    #expect(first.errors.contains("another program listens there"), "\(first.errors)")
                }
                try await Installation.run(data: directory + "/data", options: ["--empty"]) { installation in
                    let status = try await installation.varde("status")
                    #expect(status.code == 0, "\(status.errors)")
                }
            }
        }

        private static func mapNames(_ installation: Installation) async throws -> [String] {
            try await installation.deliveredMaps("dev", in: "demo-many").compactMap {
                $0.at("metadata", "name")?.string
            }
        }
    }
}
