import KubeClient
import KubeModel
@testable import KubeServer
import KubeTesting
import Testing

@Suite("Authentication and authorization")
struct AuthorizationTests {
    private static func role(_ name: String, _ verbs: [String], _ resources: [String]) -> KubeObject {
        var role = KubeObject(
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "Role",
            namespace: "default",
            name: name
        )
        role["rules"] = [
            [
                "apiGroups": ["", "rbac.authorization.k8s.io"],
                "resources": .array(resources.map(JSON.string)),
                "verbs": .array(verbs.map(JSON.string)),
            ]
        ]
        return role
    }

    private static func binding(_ role: String, user: String) -> KubeObject {
        var binding = KubeObject(
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            namespace: "default",
            name: role
        )
        binding["roleRef"] = ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(role)]
        binding["subjects"] = [
            ["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(user)]
        ]
        return binding
    }

    @Test("A role allows what it says, where its binding is, until the binding goes")
    func allowsByRole() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let admin = cluster.client
            let jane = admin.acting(as: Impersonation(user: "jane"))
            func code(_ body: () async throws -> Void) async -> Int? {
                do { try await body() } catch let error as StatusError { return error.code } catch {
                    return -1
                }
                return nil
            }
            #expect(await code { _ = try await jane.list(.configMaps, namespace: "default") } == 403)
            _ = try await admin.create(.roles, Self.role("r", ["get", "list"], ["configmaps"]))
            let binding = try await admin.create(.roleBindings, Self.binding("r", user: "jane"))
            #expect(await code { _ = try await jane.list(.configMaps, namespace: "default") } == nil)
            #expect(await code { _ = try await jane.list(.configMaps) } == 403)
            #expect(await code { _ = try await jane.list(.secrets, namespace: "default") } == 403)
            try await admin.delete(.roleBindings, binding.objectName)
            #expect(await code { _ = try await jane.list(.configMaps, namespace: "default") } == 403)
        }
    }

    @Test("Nobody can give rights that they do not have")
    func refusesEscalation() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let admin = cluster.client
            _ = try await admin.create(.roles, Self.role("r", ["create", "get"], ["roles", "configmaps"]))
            _ = try await admin.create(.roleBindings, Self.binding("r", user: "jane"))
            let jane = admin.acting(as: Impersonation(user: "jane"))
            _ = try await jane.create(.roles, Self.role("same", ["get"], ["configmaps"]))
            let error = await #expect(throws: StatusError.self) {
                _ = try await jane.create(.roles, Self.role("more", ["get"], ["secrets"]))
            }
            #expect(error?.isForbidden == true)
            #expect(error?.message.contains("Resources:[\"secrets\"], Verbs:[\"get\"]") == true)
        }
    }

    @Test("A service account's token is that account, and dies with it")
    func issuesTokens() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let admin = cluster.client
            let name = ObjectName(namespace: "default", name: "bot")
            _ = try await admin.create(
                .serviceAccounts,
                KubeObject(apiVersion: "v1", kind: "ServiceAccount", namespace: "default", name: "bot")
            )
            let path = APIResource.serviceAccounts.path(name, subresource: "token")
            let request: JSON = ["spec": ["expirationSeconds": 3600]]
            let answer = try await admin.send(APIRequest(.post, path, body: .json(request)))
            let token = try #require(answer.at("status", "token"))
            func review() async throws -> JSON {
                try await admin.send(
                    APIRequest(
                        .post,
                        "/apis/authentication.k8s.io/v1/tokenreviews",
                        body: .json(["spec": ["token": token]])
                    )
                )["status"] ?? [:]
            }
            let alive = try await review()
            #expect(alive["authenticated"] == true)
            #expect(alive.at("user", "username") == "system:serviceaccount:default:bot")
            try await admin.delete(.serviceAccounts, name)
            #expect(try await review()["authenticated"] != true)
        }
    }

    @Test("Impersonation takes the right to it")
    func restrictsImpersonation() async throws {
        try await EmbeddedTestCluster.run { cluster in
            var headers = Headers()
            headers.add("Impersonate-User", "root")
            let wanted = try #require(try Impersonating(headers))
            let info = try RequestInfo(
                method: "GET",
                path: "/api/v1/nodes",
                isWatch: false,
                fieldSelector: nil
            )
            let authorizer = Authorizer(store: try ClusterStore())
            #expect(throws: StatusError.self) {
                _ = try wanted.user(for: UserInfo(name: "jane"), authorizer, info)
            }
            #expect(try wanted.user(for: .admin, authorizer, info).groups == ["system:authenticated"])
        }
    }
}
