import KubeModel

/// The names of a pod's containers, and which one a request for its logs or for a shell means.
struct PodContainers {
    let pod: String
    let mains: [String]
    let initial: [String]
    let ephemeral: [String]

    init(_ pod: KubeObject) {
        func names(_ field: String) -> [String] {
            (pod.at("spec", field)?.array ?? []).compactMap { $0["name"]?.string }
        }
        self.pod = pod.name
        mains = names("containers")
        initial = names("initContainers")
        ephemeral = names("ephemeralContainers")
    }

    /// - Throws: 400, in Kubernetes' words, if there is no such container, or several and none is named.
    func name(wanted: String?) throws(StatusError) -> String {
        if let wanted {
            if (mains + initial + ephemeral).contains(wanted) { return wanted }
            throw .badRequest("container \(wanted) is not valid for pod \(pod)")
        }
        if mains.count == 1, let only = mains.first { return only }
        var choices = "[\(mains.joined(separator: " "))]"
        if !initial.isEmpty {
            choices += " or one of the init containers: [\(initial.joined(separator: " "))]"
        }
        throw .badRequest("a container name must be specified for pod \(pod), choose one of: \(choices)")
    }
}
