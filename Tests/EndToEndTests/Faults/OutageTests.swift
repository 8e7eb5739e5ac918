import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Faults: the API server restarts")
    struct OutageTests {
        /// Thirty seconds in the words; the suite is content with three, `VARDE_OUTAGE` has seconds for more.
        private static let outage =
            ProcessInfo.processInfo.environment["VARDE_OUTAGE"].flatMap(Double.init) ?? 3

        private static let objects = 400

        private static func files(_ value: String) -> [String: String] {
            var files = ["env/dev/demo-near/a.yaml": SmallFleet.configMaps(1, value: value)]
            for part in 0..<4 {
                files["env/far/demo-many/part-\(part).yaml"] = SmallFleet.configMaps(
                    objects / 4,
                    name: "m\(part)",
                    value: value
                )
            }
            return files
        }

        private static func values(_ server: Installation) async throws -> [String] {
            try await server.deliveredMaps("admin", in: "demo-many").compactMap {
                $0.at("data", "value")?.string
            }
        }

        @Test(
            "The API server restarts for 30 s in the middle of a sync: the outage is shown, other clusters go on, and it converges"
        )
        func restart() async throws {
            try await SmallFleet.prepare(apps: Self.files("1")) { setting in
                let far = setting.directory + "/far"
                let kube = "127.0.0.1:\(try FreePort.find())"
                // Its kubeconfig stays valid over restarts.
                try await Installation.run(data: far, options: ["--empty"], kube: kube) { _ in }
                let options = setting.options + ["--add-kubeconfig", "far=\(far)/kubeconfig"]
                try await Installation.run(data: setting.data, options: options) { installation in
                    try await Installation.run(data: far, options: ["--empty"], kube: kube) { server in
                        let wait = try await installation.varde("wait", "demo-many", "--timeout", "60s")
                        #expect(wait.code == 0, "\(wait.errors)")
                        try await setting.apps.push("Change all", files: Self.files("2"))
                        try await eventually("the sync is in its middle") {
                            try await Self.values(server).contains("2")
                        }
                        server.send(SIGKILL)
                    }
                    let end = ContinuousClock.now + .seconds(Self.outage)
                    let near = try await installation.varde("wait", "demo-near", "--timeout", "20s")
                    #expect(near.code == 0, "\(near.errors)")
                    try await eventually("the outage is shown", within: .seconds(15)) {
                        let shown = try await installation.application("demo/far.demo-many")
                        let message = shown?["message"]?.string ?? ""
                        return message.contains("does not answer") && message.contains("far")
                    }
                    try await setting.apps.push("And again", files: Self.files("3"))
                    if end > .now { try await Task.sleep(until: end, clock: .continuous) }
                    try await Installation.run(data: far, options: ["--empty"], kube: kube) { server in
                        try await eventually("everything is there", within: .seconds(30)) {
                            let values = try await Self.values(server)
                            return values.count == Self.objects && Set(values) == ["3"]
                        }
                        let wait = try await installation.varde("wait", "demo-many", "--timeout", "30s")
                        #expect(wait.code == 0, "\(wait.errors)")
                        let shown = try await installation.application("demo/far.demo-many")
                        #expect(shown?["sync"]?.string == "Synced")
                    }
                }
            }
        }
    }
}

/// A port that nobody listens on.
enum FreePort {
    struct NoPort: Error {}

    static func find() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw NoPort() }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0
            }
        }
        guard found else { throw NoPort() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
