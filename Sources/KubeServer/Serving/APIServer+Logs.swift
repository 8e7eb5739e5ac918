import KubeModel

extension APIServer {
    /// Answers `pods/x/log` with text, which ends or, when followed, goes on.
    func log(_ request: ServerRequest, _ info: RequestInfo) async throws -> ServerResponse {
        let key = ClusterStore.Key(resource: "pods", name: info.objectName)
        let store = store
        guard store.get(key) != nil else {
            throw StatusError.notFound(GroupVersionResource(version: "v1", resource: "pods"), info.name)
        }
        let options = LogOptions(
            container: request.parameter("container").flatMap { $0.isEmpty ? nil : $0 },
            follows: request.flag("follow"),
            previous: request.flag("previous"),
            timestamps: request.flag("timestamps"),
            tailLines: try ListOptions.integer(request, "tailLines"),
            sinceSeconds: try ListOptions.integer(request, "sinceSeconds"),
            sinceTime: request.parameter("sinceTime"),
            limitBytes: try ListOptions.integer(request, "limitBytes")
        )
        let chunks = try logs.log(of: { store.get(key) }, options: options)
        return ServerResponse(status: 200, content: .chunks(chunks), contentType: "text/plain")
    }

    /// How the `scale` subresource of a resource is read.
    func scaleView(of definition: ResourceDefinition) -> ScaleView {
        definition.isCustom ? printers.customResource(definition).scale : ScaleView()
    }
}
