import KubeModel

/// Which fields of a resource can be selected by, and how they are read.
struct SelectableFields: Sendable {
    private static let known: [String: [String]] = [
        "pods": [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        "nodes": ["spec.unschedulable"],
        "namespaces": ["status.phase"],
        "secrets": ["type"],
        "services": ["spec.clusterIP", "spec.type"],
        "events": [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
            "reason",
            "reportingComponent", "source", "type",
        ],
        "events.events.k8s.io": [
            "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController", "type",
        ],
        "replicationcontrollers": ["status.replicas"],
        "replicasets.apps": ["status.replicas"],
        "statefulsets.apps": ["status.successful"],
        "jobs.batch": ["status.successful"],
        "certificatesigningrequests.certificates.k8s.io": ["spec.signerName"],
    ]

    /// - Parameter custom: JSON paths that a CustomResourceDefinition declares as selectable.
    /// - Throws: `StatusError` 400 for a field that cannot be selected by.
    static func check(_ selector: FieldSelector, of resource: String, custom: [String]) throws {
        let extra = known[resource] ?? custom
        for field in selector.requirements.map(\.field)
        where field != "metadata.name" && field != "metadata.namespace" {
            if extra.contains(field) { continue }
            guard known[resource] == nil, custom.isEmpty else {
                throw StatusError.badRequest("field label not supported: \(field)")
            }
            let names = (["metadata.name", "metadata.namespace"] + extra).map { "\"\($0)\"" }.joined(
                separator: ", "
            )
            throw StatusError.badRequest("\"\(field)\" is not a known field selector: only \(names)")
        }
    }

    static func value(of field: String, in object: KubeObject) -> String {
        switch field {
        case "source":
            return object.at("source", "component")?.string ?? object["reportingComponent"]?.string ?? ""
        case "reportingComponent": return object["reportingComponent"]?.string ?? ""
        case "spec.unschedulable", "spec.hostNetwork":
            let path = field.split(separator: ".").map(String.init)
            return object.json.at(path)?.bool == true ? "true" : "false"
        default: break
        }
        switch object.json.at(field.split(separator: ".").map(String.init)) {
        case .string(let text)?: return text
        case .integer(let number)?: return String(number)
        case .bool(let isTrue)?: return isTrue ? "true" : "false"
        default: return field.hasPrefix("status.replicas") || field == "status.successful" ? "0" : ""
        }
    }
}
