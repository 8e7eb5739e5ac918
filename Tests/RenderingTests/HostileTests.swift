import Foundation
import GitSource
import KubeModel
import Synchronization
import Testing

@testable import Rendering

@Suite struct HostileTests {
    /// A renderer whose `jsonnet` is a script.
    private func renderer(
        _ apps: AppsRepository,
        _ script: String,
        deadline: Duration = .seconds(30)
    ) throws
        -> Renderer
    {
        let folder = apps.root + "/tools"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("#!/bin/bash\nPATH=/usr/bin:/bin\n\(script)\n".utf8)
            .write(to: URL(filePath: folder + "/jsonnet"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: folder + "/jsonnet"
        )
        return Renderer(
            sandbox: Sandbox(
                scratch: apps.scratch,
                directories: [folder],
                deadline: deadline,
                limits: Sandbox.Limits(memory: 64 << 20, fileSize: 16 << 20, processes: 16)
            )
        )
    }

    private func outcome(
        _ script: String,
        deadline: Duration = .seconds(30)
    ) async throws -> (apps: AppsRepository, rendering: Rendering) {
        let apps = try await AppsRepository(["a/x.jsonnet": "{}"])
        let renderer = try renderer(apps, script, deadline: deadline)
        return (apps, try await renderer.render(try await apps.request("a")))
    }

    /// Whether a process that was told this word is there.
    private func isRunning(_ word: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return false }
            return line.range(of: Data(word.utf8)) != nil
        }
    }

    @Test(
        "A tool that hangs is ended at its deadline, with everything it started, wherever that went",
        .enabled("this system lets no network be taken away") { try await AppsRepository.isolatesTools() }
    )
    func hangs() async throws {
        let seconds = "\(UInt32.random(in: 100_000...999_999)).125"
        let (_, rendering) = try await outcome(
            "setsid sleep \(seconds) & sleep \(seconds) & trap '' TERM INT HUP; sleep \(seconds)",
            deadline: .milliseconds(700)
        )
        #expect(rendering.problems.map(\.code) == [.timedOut])
        let limit = "did not finish within 700 ms, the most that it may take"
        #expect(rendering.messages.first?.contains(limit) ?? false, "\(rendering.messages)")
        let deadline = ContinuousClock.now + .seconds(20)
        while isRunning(seconds), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!isRunning(seconds))
    }

    @Test("Tools that hang hold up no other tenant's rendering")
    func hangsForOthers() async throws {
        let slow = (0..<8).map { "slow\($0)" }
        let files = Dictionary(uniqueKeysWithValues: (slow + ["quick"]).map { ("\($0)/x.jsonnet", "{}") })
        let apps = try await AppsRepository(files)
        let renderer = try renderer(apps, "case $* in *slow*) sleep 600;; *) echo '{}';; esac")
        let ended = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for path in slow {
                group.addTask {
                    _ = try await renderer.render(try await request(apps, path, of: "slow"))
                    ended.number.withLock { $0 += 1 }
                }
            }
            try await areAtTools(apps)
            let rendering = try await renderer.render(try await request(apps, "quick", of: "quick"))
            #expect(rendering.problems.isEmpty, "\(rendering.messages)")
            #expect(ended.number.withLock { $0 } == 0)
            group.cancelAll()
        }
    }

    private final class Count: Sendable {
        let number = Mutex(0)
    }

    private func request(
        _ apps: AppsRepository,
        _ path: String,
        of tenant: String
    ) async throws -> RenderRequest {
        var request = try await apps.request(path)
        request.tenant = tenant
        return request
    }

    /// Waits until as many tools run as one tenant may have.
    private func areAtTools(_ apps: AppsRepository) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: apps.scratch)) ?? []
            if names.count(where: { $0.hasPrefix("render-") }) >= 2 { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no tools run")
    }

    @Test("A tool that forks without end is ended")
    func forks() async throws {
        let (_, rendering) = try await outcome("for i in $(seq 60); do sleep 60 & done; wait")
        #expect(rendering.manifests.isEmpty && rendering.problems.count == 1)
        #expect(rendering.messages.first?.contains("too many processes") ?? false, "\(rendering.messages)")
    }

    @Test("A tool that prints a gigabyte is ended after 64 MiB, on either stream")
    func prints() async throws {
        let (_, rendering) = try await outcome("head -c 1073741824 /dev/zero")
        #expect(rendering.problems.map(\.code) == [.tooLarge])
        let (_, errors) = try await outcome("head -c 1073741824 /dev/zero >&2; exit 1")
        #expect(errors.problems.map(\.code) == [.tooLarge])
        #expect(errors.messages.allSatisfy { $0.utf8.count < 2_000 })
    }

    @Test("A tool that wants much memory, or fills the disk, is ended")
    func memory() async throws {
        let (_, rendering) = try await outcome("x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}")
        #expect(rendering.manifests.isEmpty && rendering.problems.count == 1, "\(rendering.messages)")
        let (_, disk) = try await outcome("head -c 40000000 /dev/zero > $HOME/large || exit 7")
        #expect(disk.problems.map(\.code) == [.toolFailed], "\(disk.messages)")
    }

    @Test(
        "A tool has no network",
        .enabled("this system lets no network be taken away") { try await AppsRepository.isolatesTools() }
    )
    func network() async throws {
        let script = """
            if (exec 3<>/dev/tcp/127.0.0.1/$(cat port)) 2>/dev/null; then echo '{"apiVersion":"v1","kind":"X","metadata":{"name":"open"}}'
            else echo '{"apiVersion":"v1","kind":"X","metadata":{"name":"shut"}}'; fi
            """
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, length)
                listen(listener, 1)
                getsockname(listener, address, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let apps = try await AppsRepository(["a/x.jsonnet": "{}", "a/port": "\(port)"])
        let inPlace = script.replacing("$(cat port)", with: "$(cat a/port)")
        let renderer = try renderer(apps, inPlace)
        #expect(try await renderer.render(try await apps.request("a")).names == ["X/shut"])
    }

    @Test("A YAML file whose aliases multiply is refused at once")
    func aliasBomb() async throws {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        for level in 1..<12 {
            let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            lines.append("a\(level): &a\(level) [\(alias)]")
        }
        let bomb = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n" + lines.joined(separator: "\n")
        let apps = try await AppsRepository([
            "a/bomb.yaml": bomb, "b/varde.yaml": bomb, "b/x.yaml": configMap("x"),
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.manifests.isEmpty && rendering.problems.map(\.code) == [.syntax])
        #expect(try await apps.render("b").settingsProblem != nil)
    }

    @Test("Ten thousand directories are read like one")
    func manyDirectories() async throws {
        let apps = try await AppsRepository(["x/cm.yaml": configMap("c"), "x/readme": "x"])
        func id(_ name: String) async throws -> String {
            try await apps.git(["rev-parse", "HEAD:\(name)"]).trimmingCharacters(in: .newlines)
        }
        let empty = try await apps.tree([("100644", "readme", try await id("x/readme"))])
        let full = try await id("x")
        let names = (10_000..<20_000).map { "d\($0)" }
        let wide = try await apps.tree(names.map { ("40000", $0, $0 == "d15000" ? full : empty) })
        let root = try await apps.tree([("40000", "a", wide)])
        let commit = try await apps.git(["commit-tree", root, "-m", "Wide"]).trimmingCharacters(in: .newlines)
        try await apps.git(["update-ref", "refs/heads/main", commit])
        try await apps.repository.fetch()
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [] && rendering.names == ["ConfigMap/c"])
    }

    @Test("A manifest of 20 MB is read when it is many objects, and refused with its size when it is one")
    func largeManifest() async throws {
        let value = String(repeating: "x", count: 4_000)
        let many = (0..<5_000).map { configMap("c\($0)", value) }.joined(separator: "---\n")
        let apps = try await AppsRepository([
            "a/many.yaml": many, "b/one.yaml": configMap("one", String(repeating: "x", count: 20 << 20)),
        ])
        #expect(try await apps.render("a").manifests.count == 5_000)
        let rendering = try await apps.render("b")
        #expect(rendering.manifests.isEmpty && rendering.problems.map(\.code) == [.tooLarge])
        #expect(rendering.messages.first?.contains("20 MiB") ?? false, "\(rendering.messages)")
    }

    @Test("Names that reach elsewhere on a disk are refused before anything is written")
    func tricks() async throws {
        let apps = try await AppsRepository([
            "k/kustomization.yaml": "resources: [cm.yaml]\n", "k/cm.yaml": configMap("x"),
        ])
        // Git itself refuses to add these, a hostile server does not: made of raw objects.
        for name in [".git", ".GIT", "..", "a\u{0}b"] where !name.contains("\u{0}") {
            let blob = try await apps.git(["rev-parse", "HEAD:k/cm.yaml"]).trimmingCharacters(in: .newlines)
            let kustomization = try await apps.git(["rev-parse", "HEAD:k/kustomization.yaml"])
                .trimmingCharacters(in: .newlines)
            let inner = try await apps.tree([("100644", "hooks", blob)])
            let directory = try await apps.tree([
                ("40000", name, inner), ("100644", "cm.yaml", blob),
                ("100644", "kustomization.yaml", kustomization),
            ])
            let root = try await apps.tree([("40000", "k", directory)])
            let commit = try await apps.git(["commit-tree", root, "-m", "Trick"]).trimmingCharacters(
                in: .newlines
            )
            try await apps.git(["update-ref", "refs/heads/trick", commit])
            try await apps.repository.fetch()
            var request = try await apps.request("k")
            request.commit = try await apps.repository.resolve("trick")
            let rendering = try await apps.renderer.render(request)
            #expect(rendering.manifests.isEmpty, "\(name)")
            #expect(
                rendering.messages.contains { $0.contains("not allowed") },
                "\(name): \(rendering.messages)"
            )
        }
    }

    @Test("Links out of the tree are refused for every tool, and what they lead to is not read")
    func links() async throws {
        let apps = try await AppsRepository([
            "k/kustomization.yaml":
                "resources: [cm.yaml]\nconfigMapGenerator: [{name: p, files: [passwd]}]\n",
            "k/cm.yaml": configMap("x"), "j/x.jsonnet": "importstr 'passwd'",
        ])
        try await apps.commit(links: ["k/passwd": "/etc/passwd", "j/passwd": "../../../../../etc/passwd"])
        for path in ["k", "j"] {
            let rendering = try await apps.render(path)
            #expect(rendering.manifests.isEmpty && !rendering.problems.isEmpty)
            #expect(!rendering.messages.joined().contains("root:"), "\(rendering.messages)")
        }
    }

    @Test(
        "Bases and charts from elsewhere are refused with the place that names them",
        arguments: [
            "https://github.com/kubernetes-sigs/kustomize//examples/multibases?ref=v1",
            "github.com/x/y", "git@github.com:x/y.git", "ssh://git@host/x/y", "http://127.0.0.1:1/x.yaml",
        ]
    )
    func remoteBases(base: String) async throws {
        let apps = try await AppsRepository(["k/kustomization.yaml": "resources:\n- \(base)\n"])
        let rendering = try await apps.render("k")
        #expect(rendering.manifests.isEmpty)
        #expect(rendering.messages.first?.contains("nothing is fetched") ?? false, "\(rendering.messages)")
        #expect(rendering.problems.first?.origin?.file == "k/kustomization.yaml")
    }
}

extension AppsRepository {
    /// Writes a tree object with names that `git mktree` would take, and ones that it would not.
    func tree(_ entries: [(mode: String, name: String, id: String)]) async throws -> String {
        var bytes: [UInt8] = []
        for (mode, name, id) in entries {
            bytes += Array("\(mode) \(name)".utf8) + [0]
            var rest = id[...]
            while !rest.isEmpty {
                bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
                rest = rest.dropFirst(2)
            }
        }
        let file = root + "/tree-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(filePath: file))
        return try await git(["hash-object", "--literally", "-w", "-t", "tree", file])
            .trimmingCharacters(in: .newlines)
    }
}
