import KubeModel

extension ObjectTree {
    /// Joins what leads to a workload without owning it, within the objects given.
    ///
    /// Services by their selectors, Ingresses and routes by the Services they name, autoscalers by what they scale.
    mutating func link(_ objects: [KubeObject]) {
        guard objects.contains(where: { Self.leads.contains($0.kind) }) else { return }
        let workloads = objects.compactMap { object in
            Self.podLabels(of: object).map { (object.reference, $0) }
        }
        var links: [String: [String]] = [:]
        for object in objects where Self.leads.contains(object.kind) {
            let targets =
                switch object.kind {
                case "Service", "PodDisruptionBudget": Self.selected(by: object, among: workloads)
                case "HorizontalPodAutoscaler": Self.scaled(by: object, among: workloads)
                default: Self.services(of: object, among: objects)
                }
            if !targets.isEmpty { links[object.reference.description] = targets.map(\.description).sorted() }
        }
        guard !links.isEmpty else { return }
        for index in nodes.indices {
            if let found = links[nodes[index].id] { nodes[index].links = found }
        }
    }

    private static let leads: Set<String> = [
        "Service", "Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "VirtualService",
        "HorizontalPodAutoscaler", "PodDisruptionBudget",
    ]

    private static func podLabels(of object: KubeObject) -> [String: String]? {
        let metadata: JSON?
        switch object.kind {
        case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job":
            metadata = object.at("spec", "template", "metadata")
        case "CronJob": metadata = object.at("spec", "jobTemplate", "spec", "template", "metadata")
        case "Pod": metadata = object.metadata
        default: return nil
        }
        let labels = metadata?["labels"]?.object ?? [:]
        return Dictionary(
            labels.compactMap { key, value in value.string.map { (key, $0) } },
            uniquingKeysWith: { _, last in last }
        )
    }

    private static func selected(
        by object: KubeObject,
        among workloads: [(ObjectReference, [String: String])]
    ) -> [ObjectReference] {
        // A Service's selector is a plain map; an empty one selects nothing.
        let selector =
            object.kind == "Service"
            ? LabelSelector(["matchLabels": object.at("spec", "selector") ?? [:]])
            : LabelSelector(object.at("spec", "selector"))
        guard let selector, !selector.isEverything else { return [] }
        return workloads.filter { $0.0.namespace == object.namespace && selector.matches($0.1) }.map(\.0)
    }

    private static func scaled(
        by object: KubeObject,
        among workloads: [(ObjectReference, [String: String])]
    ) -> [ObjectReference] {
        let target = object.at("spec", "scaleTargetRef")
        return workloads.map(\.0).filter {
            $0.namespace == object.namespace && $0.kind == target?["kind"]?.string
                && $0.name == target?["name"]?.string
        }
    }

    /// The Services that an Ingress or a route names, wherever in its spec it does.
    private static func services(of object: KubeObject, among objects: [KubeObject]) -> [ObjectReference] {
        var names: Set<String> = []
        func look(_ value: JSON, depth: Int) {
            guard depth < 12 else { return }
            if let list = value.array { for element in list { look(element, depth: depth + 1) } }
            guard let fields = value.object else { return }
            for (key, member) in fields {
                switch key {
                case "service": if let name = member["name"]?.string { names.insert(name) }
                case "backendRefs":
                    for backend in member.array ?? []
                    where (backend["kind"]?.string ?? "Service") == "Service" {
                        if let name = backend["name"]?.string { names.insert(name) }
                    }
                case "destination":
                    if let host = member["host"]?.string {
                        names.insert(host.split(separator: ".").first.map(String.init) ?? host)
                    }
                default: break
                }
                look(member, depth: depth + 1)
            }
        }
        look(object.at("spec") ?? [:], depth: 0)
        return objects.filter {
            $0.kind == "Service" && $0.namespace == object.namespace && names.contains($0.name)
        }
        .map(\.reference)
    }
}
