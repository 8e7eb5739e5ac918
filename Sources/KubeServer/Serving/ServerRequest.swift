package import KubeClient

/// One request to one cluster, whatever carried it; the path begins at the cluster's root.
package struct ServerRequest: Sendable {
    package enum Identity: Sendable {
        /// To be found out from the `Authorization` header.
        case unknown
        /// Vouched for by the front end: a client certificate, or a caller within the process.
        case known(UserInfo)
    }

    package var method: String
    /// Percent-encoded.
    package var path: String
    /// Decoded.
    package var query: [(name: String, value: String)]
    package var headers: Headers
    package var body: APIRequest.Body
    package var identity: Identity

    package init(
        method: String,
        path: String,
        query: [(name: String, value: String)] = [],
        headers: Headers = Headers(),
        body: APIRequest.Body = .none,
        identity: Identity = .unknown
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.identity = identity
    }

    /// The first value of a query parameter.
    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
    func parameters(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    /// A parameter as Kubernetes reads booleans: present means true, unless it says `0` or `false`.
    func flag(_ name: String) -> Bool {
        guard let value = parameter(name) else { return false }
        return value != "0" && value.lowercased() != "false"
    }
}

/// Header fields; names do not depend on case.
package struct Headers: Sendable {
    private(set) var fields: [(name: String, value: String)] = []

    package init() {}

    package mutating func add(_ name: String, _ value: String) { fields.append((name.lowercased(), value)) }

    /// - Parameter name: In lower case.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    package func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    package var isEmpty: Bool { fields.isEmpty }
}
