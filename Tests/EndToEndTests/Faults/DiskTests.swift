import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite(
        "Faults: the disk",
        .enabled(if: SmallDisk.isAllowed, "a disk of the test's own needs the right to mount one")
    )
    struct DiskTests {
        @Test(
            "A full disk in the data directory: it is said, what is there is still served, and it goes on when there is space"
        )
        func full() async throws {
            try await SmallFleet.prepare(apps: ["env/dev/demo-web/a.yaml": SmallFleet.configMaps(3)]) {
                setting in
                try await SmallDisk.run(at: setting.data, megabytes: 48) { disk in
                    try await setting.run { installation in
                        let wait = try await installation.varde("wait", "demo-web", "--timeout", "60s")
                        #expect(wait.code == 0, "\(wait.errors)")
                        try disk.fill()
                        let files = [
                            "env/dev/demo-web/a.yaml": SmallFleet.configMaps(40, value: "2"),
                            "env/dev/demo-web/b.yaml": SmallFleet.configMaps(1, name: "more", value: "2"),
                        ]
                        let head = try await setting.apps.push("Change", files: files)
                        try await eventually("the full disk is named where people look") {
                            let shown = try await installation.application("demo/dev.demo-web")
                            let message = shown?["message"]?.string ?? ""
                            if message.contains("full") { return true }
                            throw NotSaid(message: message)
                        }
                        try await eventually("it is in the log, too") {
                            try String(contentsOfFile: setting.data + ".log", encoding: .utf8).contains(
                                "full"
                            )
                        }
                        #expect(installation.isRunning)
                        let maps = try await installation.object("dev", "-n", "demo-web", "configmaps")
                        #expect((maps?["items"]?.array?.count ?? 0) >= 3)
                        let refused = try await installation.kubectl("dev", "create", "configmap", "x")
                        #expect(refused.code != 0 && refused.errors.contains("full"), "\(refused.errors)")

                        try disk.empty()
                        let again = try await installation.varde(
                            "wait",
                            "demo-web",
                            "--revision",
                            head,
                            "--timeout",
                            "60s"
                        )
                        #expect(again.code == 0, "\(again.errors)")
                        let all = try await installation.deliveredMaps("dev", in: "demo-web")
                        #expect(all.count == 41)
                        try await eventually("its record is written again") {
                            let record = try await installation.object(
                                "admin",
                                "-n",
                                "tenant-demo",
                                "applications.varde.dev",
                                "dev.demo-web"
                            )
                            return record?.at("status", "revision")?.string == head
                        }
                    }
                    // What was written before, during and after the trouble is there after a restart.
                    try await setting.run { installation in
                        let wait = try await installation.varde("wait", "demo-web", "--timeout", "60s")
                        #expect(wait.code == 0, "\(wait.errors)")
                    }
                }
            }
        }
    }
}

private struct NotSaid: Error { var message: String }

/// A small disk in memory, for tests that fill it.
struct SmallDisk: Sendable {
    let path: String

    /// Whether this process may mount one.
    static let isAllowed =
        geteuid() == 0
        && {
            let path = NSTemporaryDirectory() + "varde-mount-\(getpid())"
            guard mkdir(path, 0o700) == 0 else { return false }
            defer { rmdir(path) }
            guard mount("none", path, "tmpfs", 0, "size=1m") == 0 else { return false }
            return umount(path) == 0
        }()

    struct NotMounted: Error { var code: Int32 }

    static func run(
        at path: String,
        megabytes: Int,
        _ body: (SmallDisk) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("none", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw NotMounted(code: errno)
        }
        // Processes that are about to end may still hold it.
        defer { umount2(path, Int32(MNT_DETACH)) }
        try await body(SmallDisk(path: path))
    }

    private var filler: String { path + "/filler" }

    /// Writes until nothing more fits.
    func fill() throws {
        try Data().write(to: URL(filePath: filler))
        let handle = try FileHandle(forWritingTo: URL(filePath: filler))
        let block = Data(repeating: 1, count: 4_096)
        while (try? handle.write(contentsOf: block)) != nil {}
        try? handle.close()
    }

    func empty() throws { try FileManager.default.removeItem(atPath: filler) }
}
