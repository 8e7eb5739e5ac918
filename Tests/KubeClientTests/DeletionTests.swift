import KubeModel
import Testing

@testable import KubeClient

/// Answers everything alike.
private struct OneAnswer: AskedTransport {
    let status: Int
    let body: JSON

    func send(_ request: APIRequest) async throws -> APIResponse {
        APIResponse(status: status, body: body)
    }
}

@Suite("Deleting what is not there")
struct DeletionTests {
    private func delete(_ status: Int, _ body: JSON) async throws {
        let client = KubeClient(transport: OneAnswer(status: status, body: body))
        try await client.delete(.configMaps, ObjectName(namespace: "default", name: "a"))
    }

    @Test("An object that is gone is a success; a path that is not served is none")
    func notFound() async throws {
        let gone = StatusError(
            code: 404,
            reason: "NotFound",
            message: "configmaps \"a\" not found",
            details: ["name": "a", "kind": "configmaps"]
        )
        try await delete(404, gone.json)
        let unserved = StatusError(
            code: 404,
            reason: "NotFound",
            message: "the server could not find the requested resource",
            details: [:]
        )
        for body in [unserved.json, "404 page not found"] {
            let error = await #expect(throws: StatusError.self) { try await delete(404, body) }
            #expect(error?.isOfUnknownPath == true)
        }
    }
}
