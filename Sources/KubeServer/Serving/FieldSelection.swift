import KubeModel

/// A field selector: `metadata.name=a,status.phase!=Running`.
struct FieldSelection: Sendable {
    struct Term: Sendable {
        var field: String
        var isEqual: Bool
        var value: String
    }

    var terms: [Term]

    /// - Throws: `StatusError` 400 in Kubernetes' words.
    init(_ text: String) throws {
        // In the order in which Kubernetes looks at the terms.
        terms = try Self.split(text).sorted().compactMap { part in
            guard !part.isEmpty else { return nil }
            for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
                guard let place = part.range(ofFirst: sign) else { continue }
                let value = String(part[place.upperBound...])
                // `a!=b` also contains `=`; the sign that begins first wins.
                if sign != "!=", let other = part.range(ofFirst: "!="), other.lowerBound < place.lowerBound {
                    continue
                }
                return Term(
                    field: String(part[..<place.lowerBound]),
                    isEqual: isEqual,
                    value: Self.unescape(value)
                )
            }
            throw StatusError.badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
        }
    }

    /// At commas that are not escaped by a backslash.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if character == ",", !isEscaped {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }

    private static func unescape(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    /// The value that the selector demands of a field, if it does.
    func required(_ field: String) -> String? { terms.first { $0.field == field && $0.isEqual }?.value }
}

extension String {
    fileprivate func range(ofFirst needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}

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
    static func check(_ selection: FieldSelection, of resource: String, custom: [String]) throws {
        let extra = known[resource] ?? custom
        for term in selection.terms where term.field != "metadata.name" && term.field != "metadata.namespace"
        {
            if extra.contains(term.field) { continue }
            guard known[resource] == nil, custom.isEmpty else {
                throw StatusError.badRequest("field label not supported: \(term.field)")
            }
            let names = (["metadata.name", "metadata.namespace"] + extra).map { "\"\($0)\"" }.joined(
                separator: ", "
            )
            throw StatusError.badRequest("\"\(term.field)\" is not a known field selector: only \(names)")
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
