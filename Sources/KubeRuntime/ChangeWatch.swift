package import KubeClient
package import KubeModel
package import Logging

/// Tells of every change of a resource, and keeps nothing of it: for what is only a reason to look at something else.
package struct ChangeWatch: Sendable {
    private let client: KubeClient
    private let resource: APIResource
    private let backoff: Backoff
    private let logger: Logger

    package init(
        client: KubeClient,
        resource: APIResource,
        backoff: Backoff = Backoff(first: .seconds(1), limit: .seconds(300)),
        logger: Logger
    ) {
        self.client = client
        self.resource = resource
        self.backoff = backoff
        self.logger = logger
    }

    package enum Notice: Sendable {
        /// The watch begins, or begins anew: something may have been missed.
        case began
        case changed(KubeObject)
        case removed(KubeObject)

        package var object: KubeObject? {
            switch self {
            case .began: nil
            case .changed(let object), .removed(let object): object
            }
        }
    }

    /// Watches until cancelled.
    ///
    /// - Parameter begin: Reads what is there, where that matters; answers the version that the next change comes after.
    package func run(
        from begin: (@Sendable () async throws -> String)? = nil,
        _ noticed: @Sendable (Notice) -> Void
    ) async throws {
        var version: String?
        var failures = 0
        while true {
            let began = ContinuousClock.now
            do {
                if version == nil {
                    version = if let begin { try await begin() } else { try await newest() }
                    noticed(.began)
                }
                for try await event in try await client.watch(resource, from: version ?? "") {
                    switch event {
                    case .added(let object), .modified(let object):
                        version = object.resourceVersion
                        noticed(.changed(object))
                    case .deleted(let object):
                        version = object.resourceVersion
                        noticed(.removed(object))
                    case .bookmark(let seen, _): version = seen
                    case .error(let error): throw error
                    }
                }
            } catch {
                try Task.checkCancellation()
                // What broke a connection leaves the version good; anything else makes it doubtful.
                if !(error is ClientError) { version = nil }
                logger.debug(
                    "changes not watched",
                    metadata: ["resource": "\(resource.gvr)", "error": "\(error)"]
                )
            }
            // A watch that lasted for a while was one, however it ended.
            failures = began.duration(to: .now) > .milliseconds(250) ? 0 : failures + 1
            try await Task.sleep(for: backoff.jittered(attempt: failures))
        }
    }

    /// The version that the next change comes after.
    private func newest() async throws -> String {
        let query = [(name: "limit", value: "1")]
        let list = try await client.send(APIRequest(.get, resource.path(inNamespace: nil), query: query))
        return list.at("metadata", "resourceVersion")?.string ?? ""
    }
}
