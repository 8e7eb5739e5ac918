import KubeClient
import KubeModel
import Logging
import Synchronization

/// The request pipeline of one cluster: what to do with a request, whatever carried it.
///
/// In order: what is it about, who sends it, may they, does it exist, then the verb, then the form of the answer.
package final class APIServer: Sendable {
    let store: ClusterStore
    let registry: ResourceRegistry
    let authenticator: Authenticator
    let authorizer: Authorizer
    let documents: DiscoveryDocuments
    let openAPI: OpenAPIDocuments
    let printers: TablePrinters
    let logs: any LogSource
    /// `127.0.0.1:6443`, for documents that name the server.
    let serverAddress: String
    let logger: Logger
    let metrics = RequestMetrics()
    private let release: Mutex<String>

    init(
        store: ClusterStore,
        registry: ResourceRegistry,
        authenticator: Authenticator,
        authorizer: Authorizer,
        logs: any LogSource,
        serverAddress: String,
        kubernetesVersion: String,
        logger: Logger
    ) {
        self.store = store
        self.registry = registry
        self.authenticator = authenticator
        self.authorizer = authorizer
        self.logs = logs
        self.serverAddress = serverAddress
        self.logger = logger
        release = Mutex(kubernetesVersion)
        documents = DiscoveryDocuments(registry: registry)
        printers = TablePrinters(store: store)
        openAPI = OpenAPIDocuments(registry: registry, printers: printers)
    }

    /// As `/version` answers it; an upgrade of the cluster changes it.
    var kubernetesVersion: String {
        get { release.withLock { $0 } }
        set { release.withLock { $0 = newValue } }
    }

    /// The largest body of a request, in bytes.
    package static let bodyLimit = 3 << 20

    /// Answers a request; failures are answers, too.
    package func answer(_ request: ServerRequest) async -> ServerResponse {
        do {
            return try await handle(request)
        } catch let error as StatusError {
            return .failure(error, encoding: Negotiation(request).fallback.encoding)
        } catch let error as Refusal {
            return error.response(encoding: Negotiation(request).fallback.encoding)
        } catch is CancellationError {
            return .failure(StatusError(code: 504, reason: "Timeout", message: "the request was cancelled"))
        } catch {
            logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
            return .failure(.internalError("\(error)"), encoding: Negotiation(request).fallback.encoding)
        }
    }

    private func handle(_ request: ServerRequest) async throws -> ServerResponse {
        let info = try RequestInfo(
            method: request.method,
            path: request.path,
            isWatch: request.flag("watch"),
            fieldSelector: request.parameter("fieldSelector")
        )
        let start = ContinuousClock.now
        do {
            let response = try await handle(request, info)
            metrics.note(info, code: response.status, took: start.duration(to: .now))
            return response
        } catch {
            metrics.note(info, code: (error as? StatusError)?.code ?? 500, took: start.duration(to: .now))
            throw error
        }
    }

    private func handle(_ request: ServerRequest, _ info: RequestInfo) async throws -> ServerResponse {
        let user = try await identify(request, info)
        try authorizer.require(user, info)
        guard info.isResource else { return try await answerPath(request, info, user) }
        if request.method == "HEAD" { throw StatusError.methodNotAllowed }
        guard let definition = registry.definition(of: info.gvr) else { return try missing(info) }
        if let refusal = connectionRefusal(request, info) { throw refusal }
        do {
            try checkPath(info, definition)
        } catch let error as StatusError
            where error == .notServed && definition.isCustom && info.subresource.isEmpty
        {
            return Self.pageNotFound
        }
        // Before the body is looked at.
        if info.verb == "create", info.subresource.isEmpty { try registry.checkTakesNew(info.gvr) }
        if let review = try await answerReview(request, info, definition, user) { return review }
        let isCollection =
            info.isCollection && info.verb != "create" || info.verb == "create" && info.subresource.isEmpty
        if info.subresource == "log" { return try await log(request, info) }
        let representation = try Negotiation(request).representation(isCollection: isCollection)
        var response = try await respond(request, info, definition, user, representation)
        if definition.isCustom {
            response.isOrdered = representation.form != .object
            if let warning = registry.customVersion(of: info.gvr)?.deprecationWarning {
                response.warnings.insert(warning, at: 0)
            }
        } else if let warning = Self.deprecations[definition.storageKey] {
            response.warnings.insert(warning, at: 0)
        }
        return response
    }

    private func respond(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ user: UserInfo,
        _ representation: Representation
    ) async throws -> ServerResponse {
        let presentation = try presentation(definition, representation, request)
        switch info.verb {
        case "get": return try get(request, info, definition, presentation, representation)
        case "list": return try list(request, info, definition, presentation, representation)
        case "watch": return try watch(request, info, definition, presentation, representation)
        default:
            let result = try await write(request, info, definition, user)
            let content: ServerResponse.Content
            if representation.form == .object, let object = result.object {
                content = .object(object)
            } else {
                content = .json(try presentation.result(result.body))
            }
            return ServerResponse(
                status: result.status,
                content: content,
                contentType: representation.contentType,
                encoding: representation.encoding,
                warnings: result.warnings
            )
        }
    }

    /// Who the request counts as from: the sender, or whom they impersonate.
    private func identify(_ request: ServerRequest, _ info: RequestInfo) async throws -> UserInfo {
        let sender: UserInfo
        switch request.identity {
        case .known(let user): sender = user
        case .unknown: sender = try await authenticator.authenticate(request.headers)
        }
        guard let wanted = try Impersonating(request.headers) else { return sender }
        return try wanted.user(for: sender, authorizer, info)
    }

    static let pageNotFound = ServerResponse.text("404 page not found\n", status: 404)

    /// An answer for a resource that is not served: in a built-in group a Status, else plain text.
    private func missing(_ info: RequestInfo) throws -> ServerResponse {
        if documents.hasBuiltInGroup(info.group) { throw StatusError.notServed }
        return Self.pageNotFound
    }

    /// Whether the path fits the resource: namespace, subresource, and a verb that it has.
    private func checkPath(_ info: RequestInfo, _ definition: ResourceDefinition) throws {
        let isNamespaceItself = definition.gvr.resource == "namespaces" && definition.gvr.group.isEmpty
        if definition.isNamespaced {
            if info.namespace.isEmpty, !info.name.isEmpty, !info.isCollection { throw StatusError.notServed }
            if info.namespace.isEmpty, info.verb == "create" { throw StatusError.methodNotAllowed }
            if info.namespace.isEmpty, info.verb == "deletecollection" { throw StatusError.methodNotAllowed }
        } else if !info.namespace.isEmpty, !isNamespaceItself {
            throw StatusError.notServed
        }
        if info.name.contains("/") { throw StatusError.notServed }
        for reserved in [".", ".."] where info.name == reserved && !info.isCollection {
            throw StatusError.badRequest("Name parameter invalid: \"\(reserved)\": may not be '\(reserved)'")
        }
        guard info.subresource.isEmpty else {
            guard info.rest.isEmpty, definition.subresources.contains(info.subresource) else {
                throw StatusError.notServed
            }
            guard Self.verbs(of: info.subresource).contains(info.verb) else {
                throw StatusError.methodNotAllowed
            }
            return
        }
        guard definition.verbs.contains(info.verb) else { throw StatusError.methodNotAllowed }
        if info.verb == "create", !info.name.isEmpty { throw StatusError.methodNotAllowed }
        if info.verb == "update" || info.verb == "patch", info.name.isEmpty {
            throw StatusError.methodNotAllowed
        }
    }

    /// What Kubernetes says with every answer about built-in kinds that are on their way out.
    private static let deprecations = [
        "componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
        "endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ]

    /// What can be done with a subresource: posting makes something happen, the others are views of their object.
    private static func verbs(of subresource: String) -> [String] {
        switch subresource {
        case "binding", "eviction", "token": ["create"]
        case "finalize": ["update"]
        case "log": ["get"]
        default: ["get", "update", "patch"]
        }
    }

    private func presentation(
        _ definition: ResourceDefinition,
        _ representation: Representation,
        _ request: ServerRequest
    ) throws -> Presentation {
        var included = Presentation.Included.metadata
        if case .table = representation.form, let wanted = request.parameter("includeObject"), !wanted.isEmpty
        {
            guard let known = Presentation.Included(rawValue: wanted) else {
                throw StatusError.badRequest(
                    "Unable to convert to Table as requested: includeObject: Unsupported value: "
                        + "\(wanted.goQuoted): supported values: \"None\", \"Metadata\", \"Object\", \"\""
                )
            }
            included = known
        }
        return Presentation(
            definition: definition,
            form: representation.form,
            printer: printers.printer(for: definition, representation.form),
            included: included
        )
    }
}

/// A failure whose Status has more than `StatusError` carries.
struct Refusal: Error {
    var error: StatusError
    /// The list metadata of the Status.
    var metadata: JSON

    func response(encoding: ServerResponse.Encoding) -> ServerResponse {
        var response = ServerResponse.failure(error, encoding: encoding)
        var json = error.json
        json["metadata"] = metadata
        response.content = .json(json)
        return response
    }
}
