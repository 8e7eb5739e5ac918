import KubeClient
import KubeModel
import KubeRuntime

/// EndpointSlices of Endpoints that somebody wrote by hand, for a Service without a selector.
extension EndpointReconciler {
    private static let mirroring = "endpointslicemirroring-controller.k8s.io"

    /// Brings the mirrored slices of a service to what its Endpoints say.
    func mirror(_ service: KubeObject) async throws {
        var slices = cluster.informer(.endpointSlices).list(namespace: service.namespace).filter {
            $0.label(Self.serviceLabel) == service.name && $0.label(Self.managedBy) == Self.mirroring
        }
        slices.sort { $0.name < $1.name }
        var contents: [(endpoints: [JSON], ports: [JSON])] = []
        let endpoints = cluster.informer(.endpoints).get(service.objectName)
        if let endpoints, endpoints.label("endpointslice.kubernetes.io/skip-mirror") != "true",
            endpoints.annotation("control-plane.alpha.kubernetes.io/leader") == nil
        {
            contents = (endpoints["subsets"]?.array ?? []).map(Self.content)
        }
        for content in contents {
            guard let endpoints else { break }
            guard !slices.isEmpty else {
                try await create(content, from: endpoints)
                continue
            }
            let slice = slices.removeFirst()
            var target = slice
            target["endpoints"] = .array(content.endpoints)
            target["ports"] = .array(content.ports)
            if slice["endpoints"] == target["endpoints"], slice["ports"] == target["ports"] { continue }
            if let patch = slice.json.mergePatch(to: target.json) {
                try await cluster.patch(.endpointSlices, slice.objectName, patch)
            }
        }
        for slice in slices { try await cluster.delete(.endpointSlices, slice) }
    }

    private static func content(of subset: JSON) -> (endpoints: [JSON], ports: [JSON]) {
        let states = [("addresses", true), ("notReadyAddresses", false)]
        let endpoints: [JSON] = states.flatMap { field, isReady in
            (subset[field]?.array ?? []).map { address in
                var endpoint: JSON = [
                    "addresses": [address["ip"] ?? ""], "conditions": ["ready": .bool(isReady)],
                ]
                for key in ["hostname", "nodeName", "targetRef"] { endpoint[key] = address[key] }
                return endpoint
            }
        }
        let ports: [JSON] = (subset["ports"]?.array ?? []).map { port in
            var port = port
            port["name"] = port["name"] ?? ""
            return port
        }
        return (endpoints, ports)
    }

    private func create(
        _ content: (endpoints: [JSON], ports: [JSON]),
        from endpoints: KubeObject
    ) async throws {
        let isIPv6 = content.endpoints.first?["addresses"]?[0]?.string?.contains(":") ?? false
        var slice = KubeObject([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "addressType": isIPv6 ? "IPv6" : "IPv4",
            "metadata": [
                "generateName": .string("\(endpoints.name)-"), "namespace": .string(endpoints.namespace),
                "ownerReferences": [OwnerReference(controlledBy: endpoints).json],
            ],
            "endpoints": .array(content.endpoints), "ports": .array(content.ports),
        ])
        var labels = endpoints.labels
        labels[Self.serviceLabel] = endpoints.name
        labels[Self.managedBy] = Self.mirroring
        slice.labels = labels
        try await cluster.create(.endpointSlices, slice)
    }
}
