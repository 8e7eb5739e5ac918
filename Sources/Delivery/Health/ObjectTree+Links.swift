import KubeModel

extension ObjectTree {
    /// Joins what leads to a workload without owning it, within the objects given.
    ///
    /// Services by their selectors, Ingresses and routes by the Services they name, autoscalers by what they scale.
    mutating func link(_ objects: [KubeObject]) {
        let all = objects.map { (reference: $0.reference, look: ObjectLook.of($0)) }
        var links: [String: [String]] = [:]
        for (reference, look) in all {
            let isTarget: (ObjectReference, ObjectLook) -> Bool
            switch look.lead {
            case .none: continue
            case .pods(let selector): isTarget = { $1.podLabels.map(selector.matches) ?? false }
            case .scaled(let kind, let name):
                isTarget = { $1.podLabels != nil && $0.kind == kind && $0.name == name }
            case .services(let names):
                isTarget = { target, _ in target.kind == "Service" && names.contains(target.name) }
            }
            let targets = all.filter {
                $0.reference.namespace == reference.namespace && isTarget($0.reference, $0.look)
            }
            if !targets.isEmpty {
                links[reference.description] = targets.map(\.reference.description).sorted()
            }
        }
        guard !links.isEmpty else { return }
        for index in nodes.indices {
            if let found = links[nodes[index].id] { nodes[index].links = found }
        }
    }
}
