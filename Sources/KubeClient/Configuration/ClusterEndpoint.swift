package import KubeModel

/// How to reach a cluster and prove who one is.
package struct ClusterEndpoint: Sendable {
    package enum Trust: Sendable {
        /// The authorities that the operating system trusts.
        case system
        /// PEM.
        case authority([UInt8])
        /// Any certificate. Only for clusters whose file says so.
        case insecure
    }

    package struct ClientCertificate: Sendable, Hashable {
        /// PEM, the leaf first.
        package var certificate: [UInt8]
        /// PEM.
        package var key: [UInt8]

        package init(certificate: [UInt8], key: [UInt8]) {
            self.certificate = certificate
            self.key = key
        }
    }

    package enum Credential: Sendable {
        case none
        case token(String)
        /// Read again when it is a minute old or was refused, since mounted tokens are rotated.
        case tokenFile(String)
        case basic(user: String, password: String)
        case plugin(ExecPlugin)
    }

    /// With scheme, and with a path prefix where the cluster has one; no slash at the end.
    package var server: String
    package var trust: Trust
    /// The name in the server's certificate, if it is not the host of ``server``.
    package var tlsServerName: String?
    package var credential: Credential
    package var clientCertificate: ClientCertificate?
    /// `as` of the user.
    package var impersonation: Impersonation?
    /// `proxy-url` of the cluster: `http://` or `socks5://`, host and port, user and password where it wants them.
    package var proxy: String?
    /// Whose credentials these are, and where they are from, for messages: `user kari of /home/kari/.kube/config`.
    package var origin: String?

    package init(
        server: String,
        trust: Trust = .system,
        tlsServerName: String? = nil,
        credential: Credential = .none,
        clientCertificate: ClientCertificate? = nil,
        impersonation: Impersonation? = nil,
        proxy: String? = nil
    ) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
        self.trust = trust
        self.tlsServerName = tlsServerName
        self.credential = credential
        self.clientCertificate = clientCertificate
        self.impersonation = impersonation
        self.proxy = proxy
    }
}

/// A program that gives out credentials (`exec` of a kubeconfig's user).
package struct ExecPlugin: Sendable, Hashable {
    package var command: String
    package var arguments: [String]
    package var environment: [String: String]
    package var apiVersion: String
    package var timeout: Duration
    /// What the program is told of the cluster, where the file asks for that (`provideClusterInfo`).
    package var clusterInformation: JSON?

    package init(
        command: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        apiVersion: String = "client.authentication.k8s.io/v1",
        timeout: Duration = .seconds(10),
        clusterInformation: JSON? = nil
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.apiVersion = apiVersion
        self.timeout = timeout
        self.clusterInformation = clusterInformation
    }
}
