import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Faults: the process dies")
    struct KillTests {
        private static let objects = 1_000
        /// Objects that come with one commit and go with the next.
        private static let passing = 20

        /// Every object has the round as its value; some have it in their name.
        private static func files(_ round: Int) -> [String: String] {
            var files: [String: String] = [:]
            let lasting = objects - passing
            for part in 0..<10 {
                files["env/dev/demo-many/part-\(part).yaml"] = (0..<(lasting / 10)).map {
                    map("m-\(part)-\($0)", round)
                }.joined(separator: "---\n")
            }
            files["env/dev/demo-many/passing.yaml"] = (0..<passing).map {
                map("passing-\(round)-\($0)", round)
            }.joined(separator: "---\n")
            return files
        }

        private static func map(_ name: String, _ round: Int) -> String {
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\ndata: {round: \"\(round)\"}\n"
        }

        /// Twenty in the words.
        private static let rounds = 20

        @Test(
            "kill -9 at random points of a 1,000-object sync, twenty times: nothing is lost, and it converges by itself"
        )
        func killed() async throws {
            let environment = ProcessInfo.processInfo.environment
            let seed = environment["VARDE_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
            print("VARDE_SEED=\(seed)")
            var random = SplitMix(state: seed)
            try await SmallFleet.prepare(apps: Self.files(0)) { setting in
                let arguments = [
                    "up", "--data", setting.data, "--console", "127.0.0.1:0", "--kube", "127.0.0.1:0",
                ]
                for round in 1...Self.rounds {
                    try await setting.apps.push("Round \(round)", files: Self.files(round))
                    // From before the API is up until after the last object is there.
                    let life = 0.2 + 2.0 * Double(random.next() % 1_000) / 1_000
                    let outcome = try await Shell.run(
                        "timeout",
                        ["-s", "KILL", "\(life)", Shell.varde] + arguments + setting.options
                    )
                    #expect(outcome.code == 128 + SIGKILL || outcome.code == 137, "\(outcome.errors)")
                }
                try await setting.run { installation in
                    let head = try await Shell.succeed("git", ["rev-parse", "HEAD"], in: setting.apps.clone)
                        .trimmingCharacters(in: .whitespacesAndNewlines)
                    let wait = try await installation.varde(
                        "wait",
                        "dev.demo-many",
                        "--revision",
                        head,
                        "--timeout",
                        "60s"
                    )
                    #expect(wait.code == 0, "\(wait.errors)")
                    let items = try await installation.deliveredMaps("dev", in: "demo-many")
                    #expect(items.count == Self.objects)
                    let rounds = Set(items.compactMap { $0.at("data", "round")?.string })
                    #expect(rounds == ["\(Self.rounds)"])
                    let application = try await installation.application("demo/dev.demo-many")
                    #expect(application?["sync"]?.string == "Synced")
                }
            }
        }
    }
}

/// Numbers that the same seed gives again.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
