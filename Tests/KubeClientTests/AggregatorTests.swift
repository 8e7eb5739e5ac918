import KubeModel
import Synchronization
import Testing

@testable import KubeClient

/// The API server of Kubernetes 1.20: its aggregator ends the connection when something is applied.
private final class AggregatorOfOld: AskedTransport {
    private let stored = Mutex<JSON?>(nil)
    let requests = Mutex<[String]>([])

    func send(_ request: APIRequest) async throws -> APIResponse {
        requests.withLock { $0.append("\(request.method.rawValue) \(request.contentType)") }
        if request.contentType == "application/apply-patch+yaml" {
            throw ClientError(code: .connectionLost, message: "closed")
        }
        return stored.withLock { stored in
            guard request.method != .get else {
                let absent = StatusError(code: 404, reason: "NotFound", message: "absent").json
                return stored.map { APIResponse(status: 200, body: $0) }
                    ?? APIResponse(status: 404, body: absent)
            }
            guard case .json(let body) = request.body else { return APIResponse(status: 400, body: .null) }
            if !request.query.contains(where: { $0.name == "dryRun" }) { stored = body }
            return APIResponse(status: 200, body: body)
        }
    }
}

@Suite("A server without field managers")
struct AggregatorTests {
    private func resource(_ group: String, _ plural: String, _ kind: String) -> APIResource {
        let gvr = GroupVersionResource(group: group, version: "v1", resource: plural)
        return APIResource(gvr: gvr, kind: kind, isNamespaced: false)
    }

    @Test("An APIService that cannot be applied is made, and then merged; other kinds fail as they did")
    func fallsBack() async throws {
        let server = AggregatorOfOld()
        let client = KubeClient(transport: server)
        let services = resource("apiregistration.k8s.io", "apiservices", "APIService")
        var object = KubeObject(
            apiVersion: "apiregistration.k8s.io/v1",
            kind: "APIService",
            name: "v1.example.com"
        )
        _ = try await client.apply(services, object, force: false, dryRun: true)
        _ = try await client.apply(services, object, force: false)
        object["spec"] = ["versionPriority": 10]
        let answer = try await client.apply(services, object, force: false)
        #expect(answer.at("spec", "versionPriority")?.int == 10)
        let writes = server.requests.withLock { $0 }.filter { !$0.hasPrefix("GET") && !$0.hasSuffix("yaml") }
        #expect(
            writes == [
                "POST application/json", "POST application/json", "PATCH application/merge-patch+json",
            ]
        )
        await #expect(throws: ClientError.self) {
            let role = KubeObject(apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "a")
            _ = try await client.apply(
                self.resource("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"),
                role,
                force: false
            )
        }
    }
}
