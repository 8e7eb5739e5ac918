import FoundationEssentials
import KubeModel

/// A kubeconfig file: the clusters that it knows, the users, and which belongs to which.
package struct Kubeconfig: Sendable {
    package struct Context: Sendable, Hashable {
        package var name: String
        package var cluster: String
        package var user: String
        package var namespace: String?
    }

    package private(set) var contexts: [Context] = []
    package private(set) var currentContext: String
    private var clusters: [String: JSON] = [:]
    private var users: [String: JSON] = [:]
    /// What relative paths in the file are relative to.
    private let directory: String
    /// How messages call it.
    private let name: String

    /// Reads the file at a path.
    package init(path: String) throws(ClientError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ClientError(code: .badConfiguration, message: "cannot read the kubeconfig file \(path)")
        }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try self.init(Array(data), directory: directory, name: path)
    }

    /// - Parameters:
    ///   - directory: What relative paths in the text are relative to.
    ///   - name: How messages call it.
    package init(_ bytes: [UInt8], directory: String = ".", name: String = "kubeconfig") throws(ClientError) {
        self.directory = directory
        self.name = name
        let json: JSON
        do throws(SyntaxError) {
            json = try YAML.documents(bytes).first?.value ?? [:]
        } catch {
            throw ClientError(code: .badConfiguration, message: "\(name): \(error)")
        }
        currentContext = json["current-context"]?.string ?? ""
        for entry in json["clusters"]?.array ?? [] {
            clusters[entry["name"]?.string ?? ""] = entry["cluster"]
        }
        for entry in json["users"]?.array ?? [] { users[entry["name"]?.string ?? ""] = entry["user"] }
        for entry in json["contexts"]?.array ?? [] {
            let context = entry["context"]
            contexts.append(
                Context(
                    name: entry["name"]?.string ?? "",
                    cluster: context?["cluster"]?.string ?? "",
                    user: context?["user"]?.string ?? "",
                    namespace: context?["namespace"]?.string
                )
            )
        }
    }

    /// The context that is used when none is named; empty when there is none.
    package var usedContext: String {
        currentContext.isEmpty && contexts.count == 1 ? contexts[0].name : currentContext
    }

    /// The endpoint of a context.
    ///
    /// - Parameter name: `nil` for the current context; a file with a single context needs none.
    package func endpoint(context name: String? = nil) throws(ClientError) -> ClusterEndpoint {
        let wanted = name ?? usedContext
        guard let context = contexts.first(where: { $0.name == wanted }) else {
            let known = contexts.map(\.name).joined(separator: ", ")
            throw bad(
                wanted.isEmpty
                    ? "no current context is set" : "there is no context \"\(wanted)\"; there are: \(known)"
            )
        }
        guard let cluster = clusters[context.cluster], let server = cluster["server"]?.string, !server.isEmpty
        else {
            throw bad("context \"\(wanted)\": there is no cluster \"\(context.cluster)\" with a server")
        }
        let user = users[context.user] ?? [:]
        var endpoint = ClusterEndpoint(
            server: server,
            trust: try trust(of: cluster),
            tlsServerName: cluster["tls-server-name"]?.string,
            credential: credential(of: user, on: cluster),
            clientCertificate: try clientCertificate(of: user),
            impersonation: user["as"]?.string.map { name in
                Impersonation(user: name, groups: (user["as-groups"]?.array ?? []).compactMap(\.string))
            },
            proxy: cluster["proxy-url"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        )
        endpoint.origin = "user \(context.user) of \(self.name)"
        return endpoint
    }

    private func bad(_ message: String) -> ClientError {
        ClientError(code: .badConfiguration, message: "kubeconfig: \(message)")
    }

    private func trust(of cluster: JSON) throws(ClientError) -> ClusterEndpoint.Trust {
        if cluster["insecure-skip-tls-verify"]?.bool == true { return .insecure }
        return try content("certificate-authority", of: cluster).map { .authority($0) } ?? .system
    }

    private func clientCertificate(of user: JSON) throws(ClientError) -> ClusterEndpoint.ClientCertificate? {
        guard let certificate = try content("client-certificate", of: user) else { return nil }
        guard let key = try content("client-key", of: user) else {
            throw bad("a client certificate needs a client-key")
        }
        return .init(certificate: certificate, key: key)
    }

    /// A field that is either base64 in the file (`…-data`), or the path of another file.
    private func content(_ field: String, of json: JSON) throws(ClientError) -> [UInt8]? {
        if let data = json["\(field)-data"]?.string, !data.isEmpty {
            guard let decoded = Data(base64Encoded: data) else { throw bad("\(field)-data is not base64") }
            return Array(decoded)
        }
        guard let path = json[field]?.string, !path.isEmpty else { return nil }
        guard let data = FileManager.default.contents(atPath: resolve(path)) else {
            throw bad("cannot read the \(field) file \(resolve(path))")
        }
        return Array(data)
    }

    private func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

    private func credential(of user: JSON, on cluster: JSON) -> ClusterEndpoint.Credential {
        if let plugin = user["exec"], let command = plugin["command"]?.string {
            var environment: [String: String] = [:]
            for variable in plugin["env"]?.array ?? [] {
                if let name = variable["name"]?.string { environment[name] = variable["value"]?.string ?? "" }
            }
            // A command with a slash is relative to the file, one without is looked for in the path.
            return .plugin(
                ExecPlugin(
                    command: command.contains("/") ? resolve(command) : command,
                    arguments: (plugin["args"]?.array ?? []).compactMap(\.string),
                    environment: environment,
                    apiVersion: plugin["apiVersion"]?.string ?? "client.authentication.k8s.io/v1",
                    clusterInformation: plugin["provideClusterInfo"]?.bool == true
                        ? information(on: cluster) : nil
                )
            )
        }
        if let path = user["tokenFile"]?.string, !path.isEmpty { return .tokenFile(resolve(path)) }
        if let token = user["token"]?.string, !token.isEmpty { return .token(token) }
        if let name = user["username"]?.string {
            return .basic(user: name, password: user["password"]?.string ?? "")
        }
        return .none
    }
}

extension Kubeconfig {
    /// What a credential plugin may be told of the cluster: the field names are those of `ExecCredential`.
    private func information(on cluster: JSON) -> JSON {
        var information: JSON = ["server": cluster["server"] ?? ""]
        for field in [
            "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url",
        ] {
            information[field] = cluster[field]
        }
        let configuration = (cluster["extensions"]?.array ?? []).first {
            $0["name"]?.string == "client.authentication.k8s.io/exec"
        }
        information["config"] = configuration?["extension"]
        return information
    }
}

extension ClusterEndpoint {
    /// The cluster in which this process runs as a pod; `nil` outside of one.
    package static func inCluster() -> ClusterEndpoint? {
        let environment = ProcessInfo.processInfo.environment
        let directory = "/var/run/secrets/kubernetes.io/serviceaccount"
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"],
            let authority = FileManager.default.contents(atPath: "\(directory)/ca.crt")
        else { return nil }
        return ClusterEndpoint(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            trust: .authority(Array(authority)),
            credential: .tokenFile("\(directory)/token")
        )
    }
}
