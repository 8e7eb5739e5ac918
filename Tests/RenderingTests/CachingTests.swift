import Foundation
import GitSource
import KubeModel
import Rendering
import Testing

@Suite struct CachingTests {
    /// A `jsonnet` that counts its runs, and does as it is told.
    private func tool(_ apps: AppsRepository, _ script: String) throws {
        try FileManager.default.createDirectory(
            atPath: apps.root + "/tools",
            withIntermediateDirectories: true
        )
        let path = apps.root + "/tools/jsonnet"
        try Data("#!/bin/sh\necho run >> \(apps.root)/runs\n\(script)\n".utf8).write(
            to: URL(fileURLWithPath: path)
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func runs(_ apps: AppsRepository) -> Int {
        let text = (try? String(contentsOfFile: apps.root + "/runs", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").count
    }

    @Test("The same content runs the tool once, whoever asks, in whichever order")
    func once() async throws {
        let apps = try await AppsRepository(["a/x.jsonnet": "{}", "other": "1"])
        try tool(apps, #"echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}'"#)
        let renderer = Renderer(scratch: apps.scratch, tools: [apps.root + "/tools"])
        let request = try await apps.request("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let names = try await renderer.render(request).names
                    #expect(names == ["ConfigMap/x"])
                }
            }
            try await group.waitForAll()
        }
        #expect(runs(apps) == 1)
        try await apps.commit(["other": "2"])
        _ = try await renderer.render(try await apps.request("a"))
        try await apps.commit(["a/x.jsonnet": "{ }"])
        _ = try await renderer.render(try await apps.request("a"))
        #expect(runs(apps) == 2)
        try await apps.commit(["a/x.jsonnet": "{}"])
        _ = try await renderer.render(try await apps.request("a"))
        #expect(runs(apps) == 2, "a revert finds the first result")
    }

    @Test("A tool that is missing is told with how to get it, and looked for again")
    func missing() async throws {
        let apps = try await AppsRepository(["h/Chart.yaml": "name: x", "h/varde.yaml": "tool: helm"])
        guard !AppsRepository.hasHelm else { return }
        let rendering = try await apps.render("h")
        #expect(rendering.problems.map(\.code) == [.toolMissing])
        let commit = try await apps.repository.resolve("main")
        #expect(try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
    }

    @Test("A failing tool is remembered with its content, and runs again when that changes")
    func failing() async throws {
        let apps = try await AppsRepository(["a/x.jsonnet": "{}"])
        try tool(apps, "echo 'RUNTIME ERROR: too bad' >&2; exit 1")
        let renderer = Renderer(scratch: apps.scratch, tools: [apps.root + "/tools"])
        for _ in 0..<2 {
            let rendering = try await renderer.render(try await apps.request("a"))
            #expect(rendering.problems.map(\.description) == ["a/x.jsonnet: too bad"])
        }
        #expect(runs(apps) == 1)
    }

    @Test("A tool gets nothing of the environment of this process")
    func environment() async throws {
        let apps = try await AppsRepository(["a/x.jsonnet": "{}"])
        let script = #"""
            set -- $(/usr/bin/env | /usr/bin/cut -d= -f1 | /usr/bin/sort | /usr/bin/tr '\n' ' ')
            echo "{\"apiVersion\":\"v1\",\"kind\":\"X\",\"metadata\":{\"name\":\"x\"},\"env\":\"$*\"}"
            """#
        try tool(apps, script)
        let renderer = Renderer(scratch: apps.scratch, tools: [apps.root + "/tools"])
        let rendering = try await renderer.render(try await apps.request("a"))
        let names = rendering.manifests.first?.object["env"]?.string ?? ""
        #expect(names.split(separator: " ").allSatisfy { !$0.contains("TOKEN") && $0 != "USER" }, "\(names)")
        #expect(names.contains("HOME"))
    }

    @Test("Of many applications, only the one whose content changed is not current")
    func manyApplications() async throws {
        var files: [String: String?] = [:]
        for number in 0..<300 { files["env/dev/n\(number)/cm.yaml"] = configMap("c\(number)") }
        let apps = try await AppsRepository(files)
        var renderings: [Rendering] = []
        for number in 0..<300 { renderings.append(try await apps.render("env/dev/n\(number)")) }
        let commit = try await apps.commit(["env/dev/n7/cm.yaml": configMap("changed")])
        var changed = 0
        for rendering in renderings
        where try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository) {
            changed += 1
        }
        #expect(changed == 1)
    }
}
