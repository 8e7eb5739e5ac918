import KubeModel

/// Subresources that would connect to what runs. Nothing runs in a simulated pod, so a request that a real server would
/// carry there is refused, in words that `kubectl` shows as they are.
extension APIServer {
    private static let streams: Set<String> = ["exec", "attach", "portforward"]

    /// Why a connection cannot be made; `nil` for requests that ask for none.
    ///
    /// What a real server refuses (an object that does not exist, a pod without a node) is refused first and in its words.
    func connectionRefusal(_ request: ServerRequest, _ info: RequestInfo) -> StatusError? {
        guard info.group.isEmpty, info.version == "v1", !info.name.isEmpty else { return nil }
        switch (info.resource, info.subresource) {
        case ("pods", let stream) where Self.streams.contains(stream) && info.rest.isEmpty:
            guard ["GET", "POST"].contains(request.method) else { return .methodNotAllowed }
            return refusal(ofStream: stream, request, info)
        case ("pods", "proxy"):
            return refusal(ofPodProxy: info)
        case ("services", "proxy"):
            return refusal(ofServiceProxy: info)
        case ("nodes", "proxy"):
            let name = Self.target(of: info.name)
            guard store.get(ClusterStore.Key(resource: "nodes", name: ObjectName(name: name))) != nil else {
                return .notFound(info.gvr, name)
            }
            return Self.simulated("node", name, "there is no kubelet that could be reached")
        default: return nil
        }
    }

    private func pod(_ info: RequestInfo, named name: String) -> KubeObject? {
        store.get(
            ClusterStore.Key(resource: "pods", name: ObjectName(namespace: info.namespace, name: name))
        )
    }

    private func refusal(
        ofStream stream: String,
        _ request: ServerRequest,
        _ info: RequestInfo
    ) -> StatusError {
        guard let pod = pod(info, named: info.name) else { return .notFound(info.gvr, info.name) }
        if stream != "portforward" {
            do {
                let wanted = request.parameter("container").flatMap { $0.isEmpty ? nil : $0 }
                _ = try PodContainers(pod).name(wanted: wanted)
            } catch { return error }
        }
        if pod.nodeName.isEmpty { return .badRequest("pod \(pod.name) does not have a host assigned") }
        let what =
            switch stream {
            case "exec": "nothing runs in it that a command could be run beside"
            case "attach": "nothing runs in it that could be attached to"
            default: "nothing listens in it"
            }
        return Self.simulated("pod", pod.name, "\(what); its made-up logs can be read with kubectl logs")
    }

    private func refusal(ofPodProxy info: RequestInfo) -> StatusError {
        let name = Self.target(of: info.name)
        guard let pod = pod(info, named: name) else { return .notFound(info.gvr, name) }
        if pod.at("status", "podIP")?.string?.isEmpty ?? true {
            return .badRequest("address not allowed")
        }
        return Self.simulated("pod", name, "nothing listens in it")
    }

    private func refusal(ofServiceProxy info: RequestInfo) -> StatusError {
        let name = Self.target(of: info.name)
        let object = ObjectName(namespace: info.namespace, name: name)
        guard store.get(ClusterStore.Key(resource: "services", name: object)) != nil else {
            return .notFound(info.gvr, name)
        }
        let endpoints = store.get(ClusterStore.Key(resource: "endpoints", name: object))
        let isReady = (endpoints?["subsets"]?.array ?? []).contains {
            $0["addresses"]?.array?.isEmpty == false
        }
        guard isReady else {
            return StatusError(
                code: 503,
                reason: "ServiceUnavailable",
                message: "no endpoints available for service \"\(info.name)\""
            )
        }
        return Self.simulated("service", name, "nothing listens behind it")
    }

    /// The object's name in `name`, `name:port` and `scheme:name:port`.
    private static func target(of name: String) -> String {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 3 ? parts[1] : parts.first ?? name
    }

    private static func simulated(_ kind: String, _ name: String, _ consequence: String) -> StatusError {
        StatusError(
            code: 405,
            reason: "MethodNotAllowed",
            message: "\(kind) \(name) is simulated: \(consequence)",
            details: ["name": .string(name), "kind": .string(kind + "s")]
        )
    }
}
