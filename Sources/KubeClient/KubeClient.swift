package import KubeModel

/// A client of one cluster's API.
///
/// A value: copies with another impersonation or field manager share the transport and the discovery cache.
package struct KubeClient: Sendable {
    package let transport: any Transport
    package let discovery: Discovery
    package var impersonation: Impersonation?
    package var fieldManager: String

    package init(
        transport: any Transport,
        discovery: Discovery? = nil,
        fieldManager: String = "varde",
        impersonation: Impersonation? = nil
    ) {
        self.transport = transport
        self.discovery = discovery ?? Discovery(transport: transport)
        self.fieldManager = fieldManager
        self.impersonation = impersonation
    }

    /// The same client, acting as someone else.
    package func acting(as impersonation: Impersonation?) -> KubeClient {
        var copy = self
        copy.impersonation = impersonation
        return copy
    }

    /// Sends a request as this client's identity and returns the body of a successful answer.
    ///
    /// - Throws: `StatusError` for a failure status, ``ClientError`` when no answer came.
    package func send(_ request: APIRequest) async throws -> JSON {
        let answer = try await answer(to: request)
        guard let objects = answer.objects else { return answer.body }
        var body = answer.body
        body["items"] = .array(objects.map(\.json))
        return body
    }

    private func answer(to request: APIRequest) async throws -> APIResponse {
        var request = request
        request.impersonation = request.impersonation ?? impersonation
        let response = try await transport.send(request)
        guard response.isSuccess else {
            throw StatusError(status: response.body, httpStatus: response.status)
        }
        return response
    }

    // MARK: Reading

    package func get(
        _ resource: APIResource,
        _ name: ObjectName,
        subresource: String? = nil
    ) async throws -> KubeObject {
        KubeObject(try await send(APIRequest(.get, resource.path(name, subresource: subresource))))
    }

    /// ``get(_:_:subresource:)``, with `nil` for an object that is not there.
    package func find(_ resource: APIResource, _ name: ObjectName) async throws -> KubeObject? {
        do {
            return try await get(resource, name)
        } catch let error as StatusError where error.isNotFound {
            return nil
        }
    }

    /// All objects of a resource, read in pages; in one piece when the pages expire before they are read.
    ///
    /// - Parameters:
    ///   - namespace: `nil` for all namespaces.
    ///   - keep: What is kept of each object; `nil` for nothing. Called page by page, while the next page is on its way.
    /// - Returns: The objects, each with `apiVersion` and `kind`, and the resource version to watch from.
    package func list(
        _ resource: APIResource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        pageSize: Int = 500,
        keep: (KubeObject) -> KubeObject? = { $0 }
    ) async throws -> (items: [KubeObject], resourceVersion: String) {
        let whole = selection(labelSelector, fieldSelector)
        let base = whole + [(name: "limit", value: String(pageSize))]
        let path = resource.path(inNamespace: namespace)
        return try await withThrowingTaskGroup(of: APIResponse.self) { group in
            var items: [KubeObject] = []
            var isContinued = false
            group.addTask { try await self.answer(to: APIRequest(.get, path, query: base)) }
            while true {
                let answer: APIResponse
                do {
                    guard let next = try await group.next() else { throw CancellationError() }
                    answer = next
                } catch let error as StatusError where error.isGone && isContinued {
                    // What the pages are of is no longer kept: a list in one piece cannot expire on the way.
                    items = []
                    isContinued = false
                    group.addTask { try await self.answer(to: APIRequest(.get, path, query: whole)) }
                    continue
                }
                let metadata = answer.body["metadata"] ?? [:]
                let next = metadata["continue"]?.string ?? ""
                if !next.isEmpty {
                    isContinued = true
                    let query = base + [(name: "continue", value: next)]
                    group.addTask { try await self.answer(to: APIRequest(.get, path, query: query)) }
                }
                items += Self.objects(of: answer, resource).lazy.compactMap(keep)
                if next.isEmpty { return (items, metadata["resourceVersion"]?.string ?? "") }
            }
        }
    }

    /// The objects of a list; those of built-in kinds do not say there what they are.
    private static func objects(of answer: APIResponse, _ resource: APIResource) -> [KubeObject] {
        let bare = answer.body["items"]?.array ?? []
        return (answer.objects ?? [])
            + bare.map { item in
                guard item["kind"] == nil else { return KubeObject(item) }
                var item = item
                item["apiVersion"] = .string(resource.gvk.apiVersion)
                item["kind"] = .string(resource.gvk.kind)
                return KubeObject(item)
            }
    }

    /// Watches a resource from a resource version; bookmarks are asked for.
    package func watch(
        _ resource: APIResource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        from resourceVersion: String,
        knows: (@Sendable (ObjectVersion) -> Bool)? = nil
    ) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        let query =
            selection(labelSelector, fieldSelector) + [
                (name: "watch", value: "true"), (name: "allowWatchBookmarks", value: "true"),
                (name: "resourceVersion", value: resourceVersion),
            ]
        var request = APIRequest(.get, resource.path(inNamespace: namespace), query: query)
        request.impersonation = impersonation
        request.knows = knows
        return try await transport.watch(request)
    }

    private func selection(_ labels: String?, _ fields: String?) -> [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let labels { query.append(("labelSelector", labels)) }
        if let fields { query.append(("fieldSelector", fields)) }
        return query
    }

    // MARK: Writing

    package func create(_ resource: APIResource, _ object: KubeObject) async throws -> KubeObject {
        let path = resource.path(inNamespace: resource.isNamespaced ? object.namespace : nil)
        let query = [(name: "fieldManager", value: fieldManager)]
        return KubeObject(try await send(APIRequest(.post, path, query: query, body: .json(object.json))))
    }

    package func replace(
        _ resource: APIResource,
        _ object: KubeObject,
        subresource: String? = nil
    ) async throws
        -> KubeObject
    {
        let path = resource.path(object.objectName, subresource: subresource)
        let query = [(name: "fieldManager", value: fieldManager)]
        return KubeObject(try await send(APIRequest(.put, path, query: query, body: .json(object.json))))
    }

    /// A JSON merge patch (RFC 7386).
    package func patch(
        _ resource: APIResource,
        _ name: ObjectName,
        merge patch: JSON,
        subresource: String? = nil,
        dryRun: Bool = false
    )
        async throws -> KubeObject
    {
        var query = [(name: "fieldManager", value: fieldManager)]
        if dryRun { query.append(("dryRun", "All")) }
        let request = APIRequest(
            .patch,
            resource.path(name, subresource: subresource),
            query: query,
            body: .json(patch),
            contentType: "application/merge-patch+json"
        )
        return KubeObject(try await send(request))
    }

    /// Server-side apply.
    ///
    /// - Parameter force: Take fields that other managers own, instead of failing with a conflict.
    package func apply(
        _ resource: APIResource,
        _ object: KubeObject,
        force: Bool,
        dryRun: Bool = false,
        subresource: String? = nil
    ) async throws -> KubeObject {
        var query = [
            (name: "fieldManager", value: fieldManager), (name: "force", value: force ? "true" : "false"),
        ]
        if dryRun { query.append((name: "dryRun", value: "All")) }
        let request = APIRequest(
            .patch,
            resource.path(object.objectName, subresource: subresource),
            query: query,
            body: .json(object.json),
            contentType: "application/apply-patch+yaml"
        )
        do {
            return KubeObject(try await send(request))
        } catch let error as ClientError
            where error.code == .connectionLost && subresource == nil
            && Self.mayLackFieldManagers(group: resource.gvk.group)
        {
            return try await applyWithoutFieldManagers(resource, object, dryRun: dryRun)
        }
    }

    package enum Propagation: String, Sendable {
        case background = "Background", foreground = "Foreground", orphan = "Orphan"
    }

    /// Deletes an object, if it is still the one with this uid; what is already gone is a success.
    ///
    /// - Throws: `StatusError` (404) when the cluster does not serve the resource: the object may be there in another version.
    package func delete(
        _ resource: APIResource,
        _ name: ObjectName,
        uid: String? = nil,
        propagation: Propagation = .background,
        gracePeriod: Duration? = nil
    ) async throws {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(propagation.rawValue),
        ]
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        if let gracePeriod { options["gracePeriodSeconds"] = .integer(gracePeriod.components.seconds) }
        do {
            _ = try await send(APIRequest(.delete, resource.path(name), body: .json(options)))
        } catch let error as StatusError where error.isNotFound && !error.isOfUnknownPath {
        }
    }
}
