import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Faults: the network")
    struct NetworkTests {
        private static let objects = 150

        private static func files(_ value: String) -> [String: String] {
            ["env/far/demo-many/app.yaml": SmallFleet.configMaps(objects, name: "m", value: value)]
        }

        private static func values(_ server: Installation) async throws -> [String] {
            try await server.deliveredMaps("admin", in: "demo-many").compactMap {
                $0.at("data", "value")?.string
            }
        }

        @Test(
            "429 with Retry-After, 500, lost connections and watches cut every second, all over HTTP: it converges, and drift is repaired"
        )
        func faults() async throws {
            try await SmallFleet.prepare(apps: Self.files("1")) { setting in
                let far = setting.directory + "/far"
                try await Installation.run(data: far, options: ["--empty"]) { server in
                    try await FaultyProxy.run(before: server, in: setting.directory) { proxy in
                        // A watch lives as long as was said when it began.
                        try proxy.set(["watch": 1])
                        let options = setting.options + ["--add-kubeconfig", "far=\(proxy.kubeconfig)"]
                        try await Installation.run(data: setting.data, options: options) { installation in
                            let wait = try await installation.varde("wait", "demo-many", "--timeout", "60s")
                            #expect(wait.code == 0, "\(wait.errors)")
                            try proxy.set(["429": 5, "500": 10, "lost": 5, "unanswered": 5, "watch": 1])
                            let head = try await setting.apps.push("Change all", files: Self.files("2"))
                            try await eventually("everything is there", within: .seconds(60)) {
                                let values = try await Self.values(server)
                                return values.count == Self.objects && Set(values) == ["2"]
                            }
                            let again = try await installation.varde(
                                "wait",
                                "demo-many",
                                "--revision",
                                head,
                                "--timeout",
                                "60s"
                            )
                            #expect(again.code == 0, "\(again.errors)")
                            #expect(proxy.count > 20)

                            try proxy.set(["watch": 1])
                            let before = proxy.count
                            try await eventually("watches are cut") { proxy.count > before + 3 }
                            let name = ["configmap", "m-7", "-n", "demo-many"]
                            let gone = try await server.kubectl("admin", ["delete"] + name)
                            #expect(gone.code == 0, "\(gone.errors)")
                            try await eventually("what somebody deletes is back", within: .seconds(10)) {
                                try await server.kubectl("admin", ["get"] + name).code == 0
                            }
                        }
                    }
                }
            }
        }
    }
}
