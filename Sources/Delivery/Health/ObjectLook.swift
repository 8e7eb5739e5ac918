import KubeModel

/// What an object says by itself to those who look at an application.
///
/// Worked out once for each version of an object that is kept: most passes find nearly all objects as they were.
final class ObjectLook: Sendable {
    /// How it leads to workloads without owning them.
    enum Lead: Sendable {
        case none
        case pods(LabelSelector)
        case scaled(kind: String, name: String)
        case services(Set<String>)
    }

    let health: Health
    let images: [String]
    let pages: [PageLink]
    /// The labels of the pods that it makes or is; `nil` for what is no workload.
    let podLabels: [String: String]?
    let lead: Lead

    static func of(_ object: KubeObject) -> ObjectLook { object.remembering { ObjectLook(object) } }

    private init(_ object: KubeObject) {
        health = Health(of: object)
        pages = ObjectRules.pages(of: object)
        podLabels = Self.podLabels(of: object)
        lead = Self.lead(of: object)
        images = Self.images(of: object)
    }

    private static func images(of object: KubeObject) -> [String] {
        let template = object.kind == "Pod" ? object.at("spec") : object.at("spec", "template", "spec")
        guard let template else {
            return (object.at("spec", "jobTemplate", "spec", "template", "spec", "containers")?.array ?? [])
                .compactMap { $0["image"]?.string }
        }
        return (template["containers"]?.array ?? []).compactMap { $0["image"]?.string }
    }

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

    private static func lead(of object: KubeObject) -> Lead {
        switch object.kind {
        case "Service": pods(LabelSelector(["matchLabels": object.at("spec", "selector") ?? [:]]))
        case "PodDisruptionBudget": pods(LabelSelector(object.at("spec", "selector")))
        case "HorizontalPodAutoscaler":
            .scaled(
                kind: object.at("spec", "scaleTargetRef", "kind")?.string ?? "",
                name: object.at("spec", "scaleTargetRef", "name")?.string ?? ""
            )
        case "Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "VirtualService":
            .services(services(of: object))
        default: .none
        }
    }

    /// A Service's selector is a plain map; an empty one selects nothing.
    private static func pods(_ selector: LabelSelector?) -> Lead {
        guard let selector, !selector.isEverything else { return .none }
        return .pods(selector)
    }

    /// The Services that an Ingress or a route names, wherever in its spec it does.
    private static func services(of object: KubeObject) -> Set<String> {
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
        return names
    }
}
