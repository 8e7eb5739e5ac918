import KubeModel

extension APIServer {
    func get(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ presentation: Presentation,
        _ representation: Representation
    ) throws -> ServerResponse {
        if let text = request.parameter("resourceVersion"), !text.isEmpty, text != "0" {
            guard let version = UInt64(text) else {
                throw StatusError(
                    code: 500,
                    reason: "",
                    message: ListOptions.malformed(text)
                )
            }
            let current = store.resourceVersion
            if version > current { throw StatusError.tooLarge(version: version, current: current) }
        }
        let name = ObjectName(namespace: definition.isNamespaced ? info.namespace : "", name: info.name)
        guard let stored = store.get(ClusterStore.Key(resource: definition.storageKey, name: name)) else {
            throw StatusError.notFound(definition.gvr, info.name)
        }
        let object = registry.convert(stored, to: definition)
        if info.subresource == "scale" {
            return answer(.json(scaleView(of: definition).json(of: object)), representation)
        }
        if representation.form == .object { return answer(.object(object), representation) }
        return answer(.json(try presentation.object(object)), representation)
    }

    func list(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ presentation: Presentation,
        _ representation: Representation
    ) throws -> ServerResponse {
        let options = try ListOptions(request, isWatch: false)
        let selection = try selection(request, definition)
        let namespace = definition.isNamespaced && !info.namespace.isEmpty ? info.namespace : nil
        let page = try ListPage(store: store, definition.storageKey, namespace: namespace, options, selection)
        let registry = registry
        let objects = page.objects.map { registry.convert($0.object, to: definition) }
        return answer(.list(try presentation.list(objects, metadata: page.metadata)), representation)
    }

    func watch(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ definition: ResourceDefinition,
        _ presentation: Presentation,
        _ representation: Representation
    ) throws -> ServerResponse {
        let options = try ListOptions(request, isWatch: true)
        let selection = try selection(request, definition)
        let version = try options.version { StatusError(code: 500, reason: "", message: $0) }
        let namespace =
            definition.isNamespaced && !info.namespace.isEmpty ? info.namespace : selection.namespace
        let key = definition.storageKey
        let listsFirst =
            options.sendInitialEvents == true || version == nil && options.sendInitialEvents == nil
        let registry = registry
        let present: @Sendable (KubeObject, Bool) -> KubeObject = { object, isFirst in
            presentation.event(registry.convert(object, to: definition), isFirst: isFirst)
        }
        var initial: [StoredObject] = []
        var now = store.resourceVersion
        let source: StoreWatch
        if listsFirst {
            let start = store.snapshotAndWatch(key, namespace: namespace, name: selection.name)
            initial = start.objects.filter { selection.name == nil || $0.name.name == selection.name }
            now = start.version
            source = start.watch
        } else {
            do {
                source = try store.watch(key, namespace: namespace, name: selection.name, after: version)
            } catch let error as ClusterStore.TooOld {
                return tooOld(error, representation)
            }
        }
        let stream = WatchStream(
            store: store,
            source: source,
            initial: initial,
            initialVersion: now,
            selection: selection,
            definition: definition,
            options: WatchStream.Options(
                after: listsFirst ? 0 : version ?? 0,
                bookmarks: options.allowsBookmarks,
                marksInitialEnd: options.sendInitialEvents == true && options.allowsBookmarks,
                timeout: options.timeout ?? .seconds(Int.random(in: 1800...3600))
            ),
            present: present
        )
        return ServerResponse(status: 200, content: .watch(stream), contentType: representation.contentType)
    }

    /// A watch that cannot begin is a stream with one event that says so.
    private func tooOld(_ error: ClusterStore.TooOld, _ representation: Representation) -> ServerResponse {
        let status = StatusError.expired("too old resource version: \(error.version) (\(error.current))")
        let event: JSON = ["type": "ERROR", "object": status.json]
        return ServerResponse(
            status: 200,
            content: .bytes(event.encoded() + [UInt8(ascii: "\n")]),
            contentType: representation.contentType
        )
    }

    func selection(_ request: ServerRequest, _ definition: ResourceDefinition) throws -> ObjectSelection {
        try ObjectSelection(
            labelSelector: request.parameter("labelSelector"),
            fieldSelector: request.parameter("fieldSelector"),
            resource: definition.storageKey,
            selectableFields: definition.isCustom ? printers.customResource(definition).selectableFields : []
        )
    }

    func answer(_ body: JSON, status: Int = 200, _ representation: Representation) -> ServerResponse {
        var response = answer(.json(body), representation)
        response.status = status
        return response
    }

    func answer(_ content: ServerResponse.Content, _ representation: Representation) -> ServerResponse {
        ServerResponse(
            status: 200,
            content: content,
            contentType: representation.contentType,
            encoding: representation.encoding
        )
    }
}
