import KubeModel

/// The `scale` subresource of an object: how many replicas it wants and has.
struct ScaleView: Sendable {
    /// Where the numbers are; custom resources say so in their definition.
    var specReplicas = ["spec", "replicas"]
    var statusReplicas = ["status", "replicas"]
    /// Where a custom resource has its selector as a text; built-in kinds have a structured one.
    var selector: [String]?

    func json(of object: KubeObject) -> JSON {
        var metadata: JSON = [:]
        for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[key] = object.metadata[key]
        }
        var spec: JSON = [:]
        if let replicas = object.json.at(specReplicas)?.int, replicas != 0 {
            spec["replicas"] = .integer(Int64(replicas))
        }
        var status: JSON = ["replicas": .integer(Int64(object.json.at(statusReplicas)?.int ?? 0))]
        if let text = selectorText(of: object), !text.isEmpty { status["selector"] = .string(text) }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec,
            "status": status,
        ]
    }

    private func selectorText(of object: KubeObject) -> String? {
        if let selector { return object.json.at(selector)?.string }
        guard let wanted = object.at("spec", "selector") else { return nil }
        return SelectorText.text(of: wanted)
    }
}

/// A structured label selector as a text, as Kubernetes writes it.
enum SelectorText {
    static func text(of selector: JSON) -> String {
        // A ReplicationController's selector is a plain map.
        let isStructured = selector["matchLabels"] != nil || selector["matchExpressions"] != nil
        let labels = isStructured ? selector["matchLabels"]?.object : selector.object
        var terms = (labels ?? [:]).map { ($0.key, "\($0.key)=\($0.value.string ?? "")") }
        for expression in selector["matchExpressions"]?.array ?? [] {
            let key = expression["key"]?.string ?? ""
            let values = (expression["values"]?.array ?? []).compactMap(\.string).sorted().joined(
                separator: ","
            )
            switch expression["operator"]?.string {
            case "In": terms.append((key, "\(key) in (\(values))"))
            case "NotIn": terms.append((key, "\(key) notin (\(values))"))
            case "Exists": terms.append((key, key))
            case "DoesNotExist": terms.append((key, "!\(key)"))
            default: break
            }
        }
        return terms.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: ",")
    }
}
