import Foundation
import KubeModel
import Subprocess
import Synchronization
import Testing

/// A real API server with etcd, and where wanted the controllers, a scheduler and a hollow kubelet whose pods run.
///
/// The programs come from `scripts/real-kubernetes`.
struct RealKubernetes: Sendable {
    enum Parts: Sendable { case serverOnly, workloads }

    let directory: String
    let port: Int
    var kubeconfig: String { "\(directory)/kubeconfig" }

    /// Where the programs are; `nil` when they were not built: `scripts/test` builds them unless it is told not to.
    static let programs: String? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let path = environment["VARDE_REAL_KUBERNETES"] ?? "\(home)/varde/kubernetes-1.20.2"
        return FileManager.default.isExecutableFile(atPath: "\(path)/etcd") ? path : nil
    }()

    /// A few ports for each cluster, below those that outgoing connections take.
    private static let freePorts = Mutex(29_000 + Int(getpid()) % 90 * 10)

    /// Starts one in a directory, waits until it serves, runs the body, and ends every process of it.
    static func run<Result: Sendable>(
        _ parts: Parts,
        in directory: String,
        _ body: @Sendable (RealKubernetes) async throws -> Result
    ) async throws -> Result {
        let programs = try #require(programs, "run scripts/real-kubernetes first")
        let port = freePorts.withLock { next in
            // Another run of the tests, or what one left behind, may have some of them.
            while next < 32_000, !(next..<next + 7).allSatisfy(isFree) { next += 10 }
            defer { next += 10 }
            return next
        }
        let cluster = RealKubernetes(directory: directory, port: port)
        try await cluster.prepare()
        let script = """
            trap 'kill -9 $(jobs -p) 2>/dev/null; wait' EXIT
            trap 'exit 0' TERM
            cd \(directory)
            \(cluster.startingServer(programs))
            \(parts == .workloads ? cluster.startingWorkloads(programs) : "")
            wait
            """
        let outcome = try await Subprocess.run(
            .name("bash"),
            arguments: ["-c", script],
            environment: Shell.makeEnvironment(),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            func stop() { kill(Int32(execution.processIdentifier.value), SIGTERM) }
            do {
                try await eventually("the API server is ready", within: .seconds(90)) {
                    try await cluster.kubectl("get", "--raw", "/readyz").output == "ok"
                }
                let result = try await body(cluster)
                stop()
                return result
            } catch {
                stop()
                for log in ["etcd.log", "apiserver.log"] {
                    let text =
                        (try? String(contentsOfFile: "\(directory)/\(log)", encoding: .utf8))
                        ?? "is not there"
                    print("\(log) of port \(port): \(text.suffix(2_000))")
                }
                throw error
            }
        }
        return outcome.closureResult
    }

    private static func isFree(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Keys and certificates, and the kubeconfig of an administrator.
    private func prepare() async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let token = UUID().uuidString.lowercased()
        try await Shell.succeed(
            "bash",
            [
                "-euc",
                """
                openssl genrsa -out accounts.key 2048
                openssl rsa -in accounts.key -pubout -out accounts.pub
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt
                openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout server.key -out server.csr
                echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
                openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt
                echo '\(token),admin,admin,"system:masters"' > tokens.csv
                """,
            ],
            in: directory
        )
        let config = """
            apiVersion: v1
            kind: Config
            current-context: real
            clusters: [{name: real, cluster: {server: "https://127.0.0.1:\(port)", certificate-authority: ca.crt}}]
            users: [{name: admin, user: {token: \(token)}}]
            contexts: [{name: real, context: {cluster: real, user: admin}}]

            """
        try Data(config.utf8).write(to: URL(filePath: kubeconfig))
    }

    private func startingServer(_ programs: String) -> String {
        """
        \(programs)/etcd --data-dir etcd --listen-client-urls http://127.0.0.1:\(port + 1) \
          --advertise-client-urls http://127.0.0.1:\(port + 1) --listen-peer-urls http://127.0.0.1:\(port + 2) \
          --unsafe-no-fsync > etcd.log 2>&1 &
        \(programs)/kube-apiserver --etcd-servers=http://127.0.0.1:\(port + 1) --secure-port=\(port) \
          --bind-address=127.0.0.1 --tls-cert-file=server.crt --tls-private-key-file=server.key --client-ca-file=ca.crt \
          --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=accounts.pub \
          --service-account-signing-key-file=accounts.key --service-cluster-ip-range=10.0.0.0/24 \
          --token-auth-file=tokens.csv --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount \
          > apiserver.log 2>&1 &
        echo $! > apiserver.pid
        """
    }

    private func startingWorkloads(_ programs: String) -> String {
        let own =
            "--kubeconfig=kubeconfig --authentication-kubeconfig=kubeconfig "
            + "--authorization-kubeconfig=kubeconfig --leader-elect=false --port=0 --bind-address=127.0.0.1"
        return """
            until curl -sk https://127.0.0.1:\(port)/readyz | grep -q ok; do sleep 0.1; done
            \(programs)/kube-controller-manager \(own) --secure-port=\(port + 3) --cert-dir=controllers \
              --service-account-private-key-file=accounts.key --root-ca-file=ca.crt > controllers.log 2>&1 &
            \(programs)/kube-scheduler \(own) --secure-port=\(port + 4) --cert-dir=scheduler > scheduler.log 2>&1 &
            \(programs)/kubemark --morph=kubelet --name=hollow --kubeconfig=kubeconfig \
              --kubelet-port=\(port + 5) --kubelet-read-only-port=\(port + 6) > kubelet.log 2>&1 &
            """
    }

    func kubectl(_ arguments: String...) async throws -> Shell.Outcome {
        try await Shell.run(
            "kubectl",
            ["--kubeconfig", kubeconfig, "--cache-dir", "\(directory)/cache"] + arguments
        )
    }

    func object(_ arguments: String...) async throws -> JSON? {
        let outcome = try await Shell.run(
            "kubectl",
            ["--kubeconfig", kubeconfig, "--cache-dir", "\(directory)/cache", "get", "-o", "json"] + arguments
        )
        return outcome.code == 0 ? try JSON.parse(outcome.output) : nil
    }

    /// Stops the API server in its tracks, as a dead network would; or lets it go on.
    func freeze(_ isFrozen: Bool) throws {
        let text = try String(contentsOfFile: "\(directory)/apiserver.pid", encoding: .utf8)
        let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(process, isFrozen ? SIGSTOP : SIGCONT)
    }
}
