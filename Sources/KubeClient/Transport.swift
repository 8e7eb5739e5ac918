package import KubeModel

/// One request to a Kubernetes API server, independent of what carries it.
package struct APIRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    package enum Body: Sendable {
        case none
        /// A value that the transport encodes, or hands over as it is within one process.
        case json(JSON)
        case bytes([UInt8])
    }

    package var method: Method
    /// The path from the cluster's root, percent-encoded: `/apis/apps/v1/namespaces/a/deployments`.
    package var path: String
    /// Query items, not yet percent-encoded.
    package var query: [(name: String, value: String)]
    package var body: Body
    package var contentType: String
    package var accept: String
    package var impersonation: Impersonation?
    /// How long the server may take to answer; for watches, to answer the headers.
    package var timeout: Duration
    /// Ends the request, and the stream that it opened, from outside; over HTTP.
    package var interruption: Interruption?
    /// Of a watch: whether a version of an object is known already, so that its event may come as a bookmark instead.
    package var knows: (@Sendable (ObjectVersion) -> Bool)?

    package init(
        _ method: Method,
        _ path: String,
        query: [(name: String, value: String)] = [],
        body: Body = .none,
        contentType: String = "application/json",
        accept: String = "application/json",
        impersonation: Impersonation? = nil,
        timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.contentType = contentType
        self.accept = accept
        self.impersonation = impersonation
        self.timeout = timeout
    }
}

/// What tells a version of an object from all others of its kind.
package struct ObjectVersion: Sendable, Hashable {
    package var name: ObjectName
    package var uid: String
    package var resourceVersion: String

    package init(name: ObjectName, uid: String, resourceVersion: String) {
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    package init(of object: KubeObject) {
        self.init(name: object.objectName, uid: object.uid, resourceVersion: object.resourceVersion)
    }
}

/// Whom a request acts as, by Kubernetes' impersonation headers.
package struct Impersonation: Sendable, Hashable {
    package var user: String
    package var groups: [String]

    package init(user: String, groups: [String] = []) {
        self.user = user
        self.groups = groups
    }
}

/// What an API server answered, whatever the status.
package struct APIResponse: Sendable {
    package var status: Int
    /// The parsed body; text that is not JSON (logs, `/version` of proxies) stands as a JSON string.
    package var body: JSON
    /// The objects of a list, from a transport that has them at hand; `body` has no `items` then.
    package var objects: [KubeObject]?
    /// Texts of the `Warning` headers.
    package var warnings: [String]
    package var retryAfter: Duration?

    package init(
        status: Int,
        body: JSON,
        objects: [KubeObject]? = nil,
        warnings: [String] = [],
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.body = body
        self.objects = objects
        self.warnings = warnings
        self.retryAfter = retryAfter
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
}

/// An event of a watch.
package enum WatchEvent: Sendable, Hashable {
    case added(KubeObject)
    case modified(KubeObject)
    case deleted(KubeObject)
    /// Progress without a change: everything up to this resource version has been seen.
    case bookmark(resourceVersion: String, isInitialEnd: Bool)
    /// The server ends the watch; a code of 410 means that the resource version is no longer kept.
    case error(StatusError)
}

/// Carries requests to one cluster: over HTTPS, or within the process to an embedded one.
package protocol Transport: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``ClientError`` when no answer came (the connection failed, the time ran out); an answer with a failure status
    ///   is an answer.
    func send(_ request: APIRequest) async throws -> APIResponse

    /// Starts a watch; the request's query has `watch=true`.
    ///
    /// The stream ends when the server ends it, and throws when the connection breaks. Its consumer stopping closes
    /// the connection.
    /// - Throws: ``ClientError``, or `StatusError` when the server refuses.
    func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error>

    /// Starts a streamed text answer, such as a followed log; chunks as they come.
    func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error>

    /// Why the cluster counts as silent, while that lasts; `nil` too where nobody asks whether it is there.
    var failure: String? { get }
}

extension Transport {
    package var failure: String? { nil }
}

/// A request that got no answer.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable { case cannotConnect, connectionLost, timedOut, badAnswer, badConfiguration }
    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
    package var isRetryable: Bool { code != .badConfiguration }
}
