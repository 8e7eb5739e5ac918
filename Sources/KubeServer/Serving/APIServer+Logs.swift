import KubeModel

extension APIServer {
    /// Answers `pods/x/log` with text, which ends or, when followed, goes on.
    func log(_ request: ServerRequest, _ info: RequestInfo) async throws -> ServerResponse {
        let key = ClusterStore.Key(resource: "pods", name: info.objectName)
        let store = store
        let options = try Self.logOptions(request, info.name)
        guard let pod = store.get(key) else {
            throw StatusError.notFound(GroupVersionResource(version: "v1", resource: "pods"), info.name)
        }
        _ = try PodContainers(pod).name(wanted: options.container)
        // A pod that no kubelet has can have said nothing.
        if pod.nodeName.isEmpty { return ServerResponse(status: 204, content: .none, contentType: "") }
        let chunks = try logs.log(of: { store.get(key) }, options: options)
        return ServerResponse(status: 200, content: .chunks(chunks), contentType: "text/plain")
    }

    private static func logOptions(_ request: ServerRequest, _ pod: String) throws -> LogOptions {
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
        var errors: [FieldError] = []
        func require(_ value: Int?, _ name: String, atLeast least: Int, _ rule: String) {
            guard let value, value < least else { return }
            errors.append(.invalid(FieldPath(name), .integer(Int64(value)), rule))
        }
        require(options.tailLines, "tailLines", atLeast: 0, "must be greater than or equal to 0")
        require(options.limitBytes, "limitBytes", atLeast: 1, "must be greater than 0")
        if options.sinceSeconds != nil, options.sinceTime != nil {
            errors.append(
                .forbidden(
                    FieldPath("[]"),
                    "at most one of `sinceTime` or `sinceSeconds` may be specified"
                )
            )
        }
        require(options.sinceSeconds, "sinceSeconds", atLeast: 1, "must be greater than 0")
        guard errors.isEmpty else {
            throw StatusError.invalid(group: "", kind: "PodLogOptions", name: pod, errors)
        }
        return options
    }

    /// How the `scale` subresource of a resource is read.
    func scaleView(of definition: ResourceDefinition) -> ScaleView {
        definition.isCustom ? printers.customResource(definition).scale : ScaleView()
    }
}
