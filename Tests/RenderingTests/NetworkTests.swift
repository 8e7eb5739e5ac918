import Foundation
import GitSource
import KubeModel
import Testing

@testable import Rendering

/// What tools reach of the network, with real tools and a real server on the loopback.
@Suite(.enabled(if: AppsRepository.hasKustomize, "neither kustomize nor kubectl was found"))
struct NetworkTests {
    /// Built beside the tests.
    private static let program =
        ProgramSearch.variable("VARDE_BINARY")
        ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".build/debug/varde").path(percentEncoded: false)

    /// `charts.test` and everything below it are this machine.
    private func renderer(
        _ apps: AppsRepository,
        tools: [String] = AppsRepository.tools,
        trust: String? = nil
    ) -> Renderer {
        Renderer(
            sandbox: Sandbox(
                scratch: apps.scratch,
                directories: tools,
                forwarder: Self.program,
                resolve: { host in
                    host.hasSuffix(".test") ? [NetworkAddress("127.0.0.1")].compactMap(\.self) : []
                },
                trust: trust.map { ["SSL_CERT_FILE": $0] } ?? [:]
            )
        )
    }

    private func request(
        _ apps: AppsRepository,
        _ path: String = "k",
        _ hosts: [String],
        _ fetching: RenderRequest.Fetching = .once
    ) async throws -> RenderRequest {
        var request = try await apps.request(path)
        request.network = ToolNetwork(tenant: "kart", hosts: AllowedHosts(hosts))
        request.fetching = fetching
        return request
    }

    @Test(
        "A resource of an allowed host is fetched once, and again only with another commit of the files or when a person asks"
    )
    func fetched() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("far", "1")]) { server in
            let hosts = ["charts.test:\(server.port)", "127.0.0.1:\(server.port)"]
            let url = "http://charts.test:\(server.port)/cm.yaml"
            try await apps.commit(["k/kustomization.yaml": "resources: ['\(url)']\n"])
            let first = try await renderer(apps).render(try await request(apps, "k", hosts))
            #expect(first.messages == [] && first.names == ["ConfigMap/far"] && first.isFetched)
            let asked = server.requests.count
            #expect(asked > 0 && server.requests.allSatisfy { $0.hasPrefix("charts.test:\(server.port)/") })

            try server.write(["cm.yaml": configMap("far", "2")])
            try await apps.commit(["elsewhere/x.yaml": "a: 1\n"])
            // Another renderer, as after a restart.
            let second = try await renderer(apps).render(try await request(apps, "k", hosts))
            #expect(second.manifests.map(\.object) == first.manifests.map(\.object))
            #expect(server.requests.count == asked)

            let third = try await renderer(apps).render(try await request(apps, "k", hosts, .anew))
            #expect(third.manifests.first?.object.at("data", "key") == 2)
            try server.write(["cm.yaml": configMap("far", "3")])
            try await apps.commit(["k/kustomization.yaml": "resources: ['\(url)']\nnamePrefix: x-\n"])
            let fourth = try await renderer(apps).render(try await request(apps, "k", hosts))
            #expect(
                fourth.names == ["ConfigMap/x-far"] && fourth.manifests.first?.object.at("data", "key") == 3
            )
        }
    }

    @Test("Over https the server's certificate counts: one of an authority that is trusted, and no other")
    func encrypted() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, certified: "charts.test", ["cm.yaml": configMap("far")]) {
            server in
            let hosts = ["*.test:\(server.port)", "127.0.0.1:\(server.port)"]
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['https://charts.test:\(server.port)/cm.yaml']\n"
            ])
            let wildcard = try await renderer(apps, trust: server.certificate)
                .render(try await request(apps, "k", hosts))
            #expect(wildcard.messages == [] && wildcard.names == ["ConfigMap/far"])
            let distrusted = try await renderer(apps).render(try await request(apps, "k", hosts, .anew))
            #expect(distrusted.manifests.isEmpty)
            #expect(distrusted.messages.first?.contains("certificate") ?? false, "\(distrusted.messages)")
        }
    }

    @Test(
        "An address of this machine that is named itself is reached, though tools ask no proxy for it",
        arguments: [
            "127.0.0.1", "localhost",
        ]
    )
    func loopback(host: String) async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("near")]) { server in
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['http://\(host):\(server.port)/cm.yaml']\n"
            ])
            let resolving = Renderer(
                sandbox: Sandbox(
                    scratch: apps.scratch,
                    directories: AppsRepository.tools,
                    forwarder: Self.program
                )
            )
            let rendering = try await resolving.render(
                try await request(apps, "k", ["\(host):\(server.port)"])
            )
            #expect(rendering.messages == [] && rendering.names == ["ConfigMap/near"])
        }
    }

    @Test(
        "A host that the tenant does not allow is not asked, and the error says who asked for what, and what would allow it"
    )
    func refused() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("far")]) { server in
            let port = server.port
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['http://charts.test:\(port)/cm.yaml']\n",
                "redirected/kustomization.yaml":
                    "resources: ['http://charts.test:\(port)/to/other.test:\(port)/cm.yaml']\n",
            ])
            let words =
                "asked for charts.test:\(port), which tenant kart does not allow; allow it with network.hosts"
            let renderer = renderer(apps)
            let none = try await renderer.render(try await apps.request("k"))
            #expect(none.messages.first?.contains("nothing is fetched while rendering") ?? false)
            let other = try await renderer.render(try await request(apps, "k", ["other.test"]))
            #expect(other.manifests.isEmpty && other.messages.count == 1)
            #expect(other.messages.first?.contains(words) ?? false, "\(other.messages)")
            // Without its port only 443 and 80 are meant.
            let wrongPort = try await renderer.render(
                try await request(apps, "k", ["charts.test", "127.0.0.1"])
            )
            #expect(wrongPort.messages.first?.contains(words) ?? false, "\(wrongPort.messages)")
            #expect(server.requests == [])

            let hosts = ["charts.test:\(port)", "127.0.0.1:\(port)"]
            let redirected = try await renderer.render(try await request(apps, "redirected", hosts))
            #expect(redirected.manifests.isEmpty)
            #expect(
                redirected.messages.first?.contains(
                    "kustomize asked for other.test:\(port), which tenant kart does not allow"
                ) ?? false,
                "\(redirected.messages)"
            )
            #expect(server.requests.allSatisfy { $0.hasPrefix("charts.test") })
        }
    }

    @Test("An allowed name that leads to this machine is no way around")
    func rebound() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("far")]) { server in
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['http://charts.test:\(server.port)/cm.yaml']\n"
            ])
            let rendering = try await renderer(apps).render(
                try await request(apps, "k", ["charts.test:\(server.port)"])
            )
            #expect(rendering.manifests.isEmpty)
            #expect(
                rendering.messages.first?.contains("which leads to 127.0.0.1, this machine or its link")
                    ?? false,
                "\(rendering.messages)"
            )
            #expect(server.requests == [])
        }
    }

    @Test(
        "A tool that goes past the proxy finds no network, and a failure is not remembered",
        .enabled("this system lets no network be taken away") { try await AppsRepository.isolatesTools() }
    )
    func goingAround() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("far")]) { server in
            let folder = apps.root + "/tools"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = """
                #!/bin/bash
                if exec 3<>/dev/tcp/127.0.0.1/\(server.port); then echo reached >&2; exit 1; fi
                cat /proc/net/dev >&2; exit 3
                """
            try Data(script.utf8).write(to: URL(filePath: folder + "/kustomize"))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: folder + "/kustomize"
            )
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['http://charts.test:\(server.port)/cm.yaml']\n"
            ])
            let hosts = ["charts.test:\(server.port)"]
            let renderer = renderer(apps, tools: [folder])
            let rendering = try await renderer.render(try await request(apps, "k", hosts))
            let message = try #require(rendering.messages.first)
            #expect(
                !message.contains("reached") && message.contains("lo:") && !message.contains("eth"),
                "\(message)"
            )
            #expect(rendering.problems.map(\.code) == [.unreachable] && !rendering.isLasting)
            #expect(server.requests == [])
        }
    }

    @Test(
        "Charts of an allowed repository are fetched, in the version of the lock file",
        .enabled(if: AppsRepository.hasHelm, "helm was not found")
    )
    func charts() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, [:]) { server in
            for version in ["1.0.0", "1.1.0"] {
                let chart = apps.root + "/chart-\(version)/lib"
                try FileManager.default.createDirectory(
                    atPath: chart + "/templates",
                    withIntermediateDirectories: true
                )
                try Data("apiVersion: v2\nname: lib\nversion: \(version)\n".utf8)
                    .write(to: URL(filePath: chart + "/Chart.yaml"))
                try Data(configMap("lib-\(version.prefix(3))").utf8)
                    .write(to: URL(filePath: chart + "/templates/cm.yaml"))
                try await FileServer.tool("helm", ["package", chart, "--destination", server.directory])
            }
            try await FileServer.tool("helm", ["repo", "index", server.directory])
            let repository = "http://charts.test:\(server.port)"
            let chart = """
                apiVersion: v2
                name: web
                version: 1.0.0
                dependencies: [{name: lib, version: ">=1.0.0", repository: "\(repository)"}]
                """
            try await apps.commit([
                "k/Chart.yaml": chart, "k/templates/own.yaml": configMap("own"), "locked/Chart.yaml": chart,
                "locked/Chart.lock": "dependencies:\n- {name: lib, repository: x, version: 1.0.0}\n",
            ])
            let hosts = ["charts.test:\(server.port)", "127.0.0.1:\(server.port)"]
            let newest = try await renderer(apps).render(try await request(apps, "k", hosts))
            #expect(newest.messages == [] && Set(newest.names) == ["ConfigMap/own", "ConfigMap/lib-1.1"])
            let locked = try await renderer(apps).render(try await request(apps, "locked", hosts))
            #expect(locked.messages == [] && locked.names == ["ConfigMap/lib-1.0"])
            let refused = try await renderer(apps).render(try await request(apps, "k", ["other.test"]))
            #expect(
                refused.messages.first?.contains(
                    "helm asked for charts.test:\(server.port), which tenant kart"
                ) ?? false,
                "\(refused.messages)"
            )
        }
    }

    @Test(
        "Where user namespaces are not permitted, tools are sent to the proxy all the same, and it refuses the same"
    )
    func withoutNamespaces() async throws {
        let apps = try await AppsRepository()
        try await FileServer.run(in: apps.root, ["cm.yaml": configMap("far")]) { server in
            try await apps.commit([
                "k/kustomization.yaml": "resources: ['http://charts.test:\(server.port)/cm.yaml']\n",
                "redirected/kustomization.yaml":
                    "resources: ['http://charts.test:\(server.port)/to/other.test/cm.yaml']\n",
            ])
            let renderer = Renderer(
                sandbox: Sandbox(
                    scratch: apps.scratch,
                    directories: AppsRepository.tools,
                    forwarder: Self.program,
                    resolve: { _ in [NetworkAddress("127.0.0.1")].compactMap(\.self) },
                    unshare: ProgramSearch.path(of: "false")
                )
            )
            let hosts = ["charts.test:\(server.port)", "127.0.0.1:\(server.port)"]
            let rendering = try await renderer.render(try await request(apps, "k", hosts))
            #expect(rendering.messages == [] && rendering.names == ["ConfigMap/far"])
            let redirected = try await renderer.render(try await request(apps, "redirected", hosts))
            #expect(
                redirected.messages.first?.contains("asked for other.test, which tenant kart") ?? false,
                "\(redirected.messages)"
            )
        }
    }

    @Test("Without allowed hosts nothing is asked, and the advice says what could be done")
    func nothing() async throws {
        let apps = try await AppsRepository([
            "k/kustomization.yaml": "resources: ['https://charts.test/cm.yaml']\n"
        ])
        let rendering = try await renderer(apps).render(try await apps.request("k"))
        let message = try #require(rendering.messages.first)
        #expect(message.contains("nothing is fetched while rendering") && message.contains("network.hosts"))
    }
}
