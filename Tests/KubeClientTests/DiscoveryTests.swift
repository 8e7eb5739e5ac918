import KubeModel
import Synchronization
import Testing

@testable import KubeClient

/// Answers discovery from a table of paths.
private struct DiscoveryServer: AskedTransport {
    var answers: [String: JSON]

    func send(_ request: APIRequest) async throws -> APIResponse {
        guard let body = answers[request.path] else {
            let status = StatusError(code: 404, reason: "NotFound", message: "no \(request.path)")
            return APIResponse(status: 404, body: status.json)
        }
        return APIResponse(status: 200, body: body)
    }
}

/// Counts requests, and answers none before all who ask are waiting.
private final class SlowServer: AskedTransport {
    let asked = Mutex(0)
    private let isOpen = Mutex(false)
    private let fails: Bool

    init(fails: Bool) { self.fails = fails }

    func open() { isOpen.withLock { $0 = true } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        asked.withLock { $0 += 1 }
        while !isOpen.withLock({ $0 }) { await Task.yield() }
        if fails { throw ClientError(code: .cannotConnect, message: "down") }
        return APIResponse(status: 200, body: ["kind": "APIGroupDiscoveryList", "items": []])
    }
}

@Suite("Discovery")
struct DiscoveryTests {
    @Test("Many who ask first cause one reading, with one outcome for all", arguments: [false, true])
    func readsOnce(fails: Bool) async {
        let server = SlowServer(fails: fails)
        let discovery = Discovery(transport: server)
        let failures = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        _ = try await discovery.resources()
                        return false
                    } catch { return true }
                }
            }
            while server.asked.withLock({ $0 }) == 0 { await Task.yield() }
            while await discovery.waiting < 49 { await Task.yield() }
            server.open()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == (fails ? 50 : 0))
        // The two roots of the API.
        #expect(server.asked.withLock { $0 } <= 2)
    }

    private static func entry(_ resource: String, _ kind: String) -> JSON {
        [
            "resource": .string(resource),
            "responseKind": ["group": "", "version": "", "kind": .string(kind)],
            "scope": "Namespaced", "verbs": ["list", "watch"], "subresources": [["subresource": "status"]],
        ]
    }

    private static func aggregated(_ groups: [(String, [(String, [JSON])])]) -> JSON {
        [
            "kind": "APIGroupDiscoveryList",
            "items": .array(
                groups.map { name, versions in
                    [
                        "metadata": name.isEmpty ? [:] : ["name": .string(name)],
                        "versions": .array(
                            versions.map { ["version": .string($0), "resources": .array($1)] }
                        ),
                    ]
                }
            ),
        ]
    }

    @Test("Aggregated discovery gives every version, and the preferred one of each resource")
    func aggregated() async throws {
        let server = DiscoveryServer(answers: [
            "/api": Self.aggregated([("", [("v1", [Self.entry("pods", "Pod")])])]),
            "/apis": Self.aggregated([
                (
                    "x.io",
                    [
                        ("v1", [Self.entry("a", "A")]),
                        ("v1beta1", [Self.entry("a", "A"), Self.entry("b", "B")]),
                    ]
                )
            ]),
        ])
        let discovery = Discovery(transport: server)
        let preferred = try await discovery.resources().map(\.gvr.description).sorted()
        #expect(preferred == ["v1/pods", "x.io/v1/a", "x.io/v1beta1/b"])
        let old = try await discovery.resource(
            for: GroupVersionKind(group: "x.io", version: "v1beta1", kind: "A")
        )
        #expect(old?.gvr.version == "v1beta1")
        #expect(old?.subresources == ["status"])
        #expect(old?.isWatchable == true)
    }

    @Test("A server without aggregated discovery is read group by group; one that is down hides no other")
    func fallback() async throws {
        let server = DiscoveryServer(answers: [
            "/api": ["kind": "APIVersions", "versions": ["v1"]],
            "/api/v1": [
                "resources": [
                    ["name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["list"]],
                    ["name": "pods/log", "kind": "Pod", "namespaced": true, "verbs": ["get"]],
                ]
            ],
            "/apis": [
                "groups": [
                    [
                        "name": "apps",
                        "versions": [["groupVersion": "apps/v1beta1"], ["groupVersion": "apps/v1"]],
                        "preferredVersion": ["groupVersion": "apps/v1"],
                    ],
                    ["name": "down.io", "versions": [["groupVersion": "down.io/v1"]]],
                ]
            ],
            "/apis/apps/v1": [
                "resources": [["name": "deployments", "kind": "Deployment", "namespaced": true]]
            ],
            "/apis/apps/v1beta1": [
                "resources": [["name": "deployments", "kind": "Deployment", "namespaced": true]]
            ],
        ])
        let resources = try await Discovery(transport: server).resources()
        #expect(resources.map(\.gvr.description) == ["v1/pods", "apps/v1/deployments"])
        #expect(resources.first?.subresources == ["log"])
    }
}
