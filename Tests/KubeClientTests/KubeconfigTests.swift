import Foundation
import KubeModel
import Testing

@testable import KubeClient

@Suite("Kubeconfig")
struct KubeconfigTests {
    private let text = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: one
          cluster:
            server: https://k.example:6443/clusters/dev/
            certificate-authority-data: \(Data("PEM".utf8).base64EncodedString())
            tls-server-name: inner.example
        - name: two
          cluster: {server: "https://other", insecure-skip-tls-verify: true, proxy-url: "http://u:p@proxy:3128"}
        users:
        - name: admin
          user: {token: secret, as: alice, as-groups: [team-a]}
        - name: plugin
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./bin/login
              provideClusterInfo: true
              args: [--cluster, x]
              env: [{name: A, value: b}]
        contexts:
        - {name: dev, context: {cluster: one, user: admin, namespace: team}}
        - {name: other, context: {cluster: two, user: plugin}}
        - {name: broken, context: {cluster: none, user: admin}}
        """

    private func config() throws -> Kubeconfig { try Kubeconfig(Array(text.utf8), directory: "/home/x") }

    @Test("The current context gives server, authority, credential and impersonation")
    func current() throws {
        let endpoint = try config().endpoint()
        #expect(endpoint.server == "https://k.example:6443/clusters/dev")
        #expect(endpoint.tlsServerName == "inner.example")
        #expect(endpoint.impersonation == Impersonation(user: "alice", groups: ["team-a"]))
        guard case .authority(let pem) = endpoint.trust, case .token(let token) = endpoint.credential else {
            Issue.record("neither authority nor token was read")
            return
        }
        #expect(pem == Array("PEM".utf8))
        #expect(token == "secret")
    }

    @Test("A credential plugin's relative path is relative to the file")
    func plugin() throws {
        let endpoint = try config().endpoint(context: "other")
        guard case .plugin(let plugin) = endpoint.credential, case .insecure = endpoint.trust else {
            Issue.record("no plugin was read")
            return
        }
        #expect(plugin.command == "/home/x/./bin/login")
        #expect(plugin.clusterInformation?["server"]?.string == "https://other")
        #expect(endpoint.proxy == "http://u:p@proxy:3128")
        #expect(plugin.arguments == ["--cluster", "x"])
        #expect(plugin.environment == ["A": "b"])
    }

    @Test("What is wrong is said: an unknown context, a missing cluster, text that is no YAML")
    func mistakes() throws {
        func message(_ work: () throws -> Void) -> String {
            do {
                try work()
                return ""
            } catch { return "\(error)" }
        }
        #expect(message { _ = try config().endpoint(context: "nope") }.contains("dev, other, broken"))
        #expect(message { _ = try config().endpoint(context: "broken") }.contains("no cluster \"none\""))
        #expect(message { _ = try Kubeconfig(Array("a: [".utf8), name: "file") }.hasPrefix("file: line"))
    }

    @Test("A server name for TLS keeps the address to connect to, its port and its path")
    func serverName() throws {
        var configuration = HTTPClientConfigurationProbe()
        let base = try configuration.apply(
            ClusterEndpoint(server: "https://10.0.0.1:6443/clusters/dev", tlsServerName: "inner.example")
        )
        #expect(base == "https://inner.example:6443/clusters/dev")
        #expect(configuration.override == ["inner.example": "10.0.0.1"])
    }

    @Test("A plugin's answer becomes a header; one that fails or hangs is an error")
    func runsPlugin() async throws {
        let answer =
            #"{"kind":"ExecCredential","status":{"token":"t1","expirationTimestamp":"2030-01-01T00:00:00Z"}}"#
        let good = ExecPlugin(command: "/bin/echo", arguments: [answer])
        let result = try await good.run()
        #expect(result.authorization.header == "Bearer t1")
        #expect(result.until != nil)
        await #expect(throws: ClientError.self) { _ = try await ExecPlugin(command: "/bin/false").run() }
        await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin(command: "/bin/sleep", arguments: ["5"], timeout: .milliseconds(50))
                .run()
        }
    }

    @Test("What is wrong with a credential is told with its user and its file")
    func namesUser() async throws {
        let file = """
            clusters: [{name: c, cluster: {server: "https://c"}}]
            users: [{name: kari, user: {exec: {command: /bin/echo, args: ['{"status":{}}']}}}]
            contexts: [{name: c, context: {cluster: c, user: kari}}]
            """
        let endpoint = try Kubeconfig(Array(file.utf8), name: "/home/kari/config").endpoint()
        let source = CredentialSource(endpoint.credential, of: endpoint.origin)
        let error = await #expect(throws: ClientError.self) { _ = try await source.current() }
        #expect(
            error?.message
                == "the credential plugin /bin/echo gave neither a token nor a certificate (user kari of /home/kari/config)"
        )
    }

    @Test("A plugin that does not answer in time is ended, and its children with it")
    func pluginChildren() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "varde-plugin-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let script = "sleep 300 & echo $! > \(file.path); wait"
        let plugin = ExecPlugin(command: "/bin/sh", arguments: ["-c", script], timeout: .seconds(3))
        await #expect(throws: ClientError.self) { _ = try await plugin.run() }
        let text = try String(contentsOf: file, encoding: .utf8)
        let child = try #require(Int32(text.filter(\.isNumber)))
        // What was killed is nobody's child any more, and may wait to be reaped.
        let deadline = ContinuousClock.now + .seconds(10)
        var isGone = false
        while !isGone, ContinuousClock.now < deadline {
            let status = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ") Z"
            isGone = status.contains(") Z") || status.contains(") X")
            await Task.yield()
        }
        #expect(isGone)
    }
}
