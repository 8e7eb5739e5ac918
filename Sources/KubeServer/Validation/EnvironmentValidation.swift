import KubeModel

/// Rules for what a container finds in its environment.
enum EnvironmentValidation {
    private static let nameMessage =
        "a valid environment variable name must consist only of printable ASCII characters other than '=', (e.g. "
        + "'my-name',  or 'MY.NAME',  or 'MyName', regex used for validation is '[ -<>-~]+')"

    static func variables(_ variables: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, variable) in variables.enumerated() {
            let place = path[index]
            if variable.lacks("name") {
                errors.append(.required(place["name"]))
            } else {
                errors += name(variable["name"], place["name"])
            }
            guard let source = variable["valueFrom"] else { continue }
            errors += self.source(source, hasValue: !variable.lacks("value"), place["valueFrom"])
        }
        return errors
    }

    private static func name(_ name: JSON?, _ path: FieldPath) -> [FieldError] {
        guard let text = name?.string,
            !text.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") })
        else { return [] }
        return [.invalid(path, .string(text), nameMessage)]
    }

    private static func source(_ source: JSON, hasValue: Bool, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
        let given = kinds.filter { source[$0] != nil }
        if let reference = source["fieldRef"] {
            errors += FieldReferenceValidation.field(
                reference,
                path["fieldRef"],
                in: FieldReferenceValidation.ofVariables
            )
        }
        if let reference = source["resourceFieldRef"] {
            errors += FieldReferenceValidation.resource(
                reference,
                path["resourceFieldRef"],
                needsContainer: false
            )
        }
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            guard let reference = source[kind] else { continue }
            errors += key(reference, path[kind])
        }
        if given.isEmpty {
            errors.append(
                .invalid(
                    path,
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                        + "`fileKeyRef`"
                )
            )
        } else if hasValue {
            errors.append(.invalid(path, "", "may not be specified when `value` is not empty"))
        } else if given.count > 1 {
            errors.append(.invalid(path, "", "may not have more than one field specified at a time"))
        }
        return errors
    }

    private static func key(_ reference: JSON, _ path: FieldPath) -> [FieldError] {
        var errors = Rules.subdomain(reference["name"] ?? "", path["name"])
        if reference.lacks("key") {
            errors.append(.required(path["key"]))
        } else {
            let key = reference["key"]?.string ?? ""
            errors += NameRule.configKeyProblems(key).map { .invalid(path["key"], .string(key), $0) }
        }
        return errors
    }

    static func sources(_ sources: [JSON], _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, source) in sources.enumerated() {
            let place = path[index]
            if !source.lacks("prefix") { errors += name(source["prefix"], place["prefix"]) }
            let given = ["configMapRef", "secretRef"].filter { source[$0] != nil }
            for kind in given {
                if source[kind]?.lacks("name") ?? true {
                    errors.append(.required(place[kind]["name"]))
                } else {
                    errors += Rules.subdomain(source.at(kind, "name"), place[kind]["name"])
                }
            }
            if given.isEmpty {
                // These two are told of the whole list, as Kubernetes does.
                errors.append(.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
            } else if given.count > 1 {
                errors.append(.invalid(path, "", "may not have more than one field specified at a time"))
            }
        }
        return errors
    }
}

/// Rules for references to a pod's own fields and resources, in variables and in volumes.
enum FieldReferenceValidation {
    static let ofVariables = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]
    static let ofVolumes = [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
    ]
    private static let others = [
        "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase",
    ]
    private static let resources = [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    ]

    static func field(_ reference: JSON, _ path: FieldPath, in known: [String]) -> [FieldError] {
        let text = reference["fieldPath"]?.string ?? ""
        if text.isEmpty { return [.required(path["fieldPath"])] }
        let place = path["fieldPath"]
        let parts = text.split(separator: "['", maxSplits: 1)
        if parts.count == 2, text.hasSuffix("']") {
            let key = parts[1].dropLast(2)
            switch parts[0] {
            case "metadata.labels": return Rules.qualifiedName(.string(String(key)), path)
            case "metadata.annotations": return Rules.qualifiedName(.string(key.lowercased()), path)
            default: break
            }
        }
        guard (ofVariables + others).contains(text) else {
            return [
                .invalid(
                    place,
                    .string(text),
                    "error converting fieldPath: field label not supported: \(text)"
                )
            ]
        }
        return known.contains(text) ? [] : [.notSupported(place, .string(text), known)]
    }

    static func resource(_ reference: JSON, _ path: FieldPath, needsContainer: Bool) -> [FieldError] {
        if needsContainer, reference.lacks("containerName") { return [.required(path["containerName"])] }
        let name = reference["resource"]?.string ?? ""
        if name.isEmpty { return [.required(path["resource"])] }
        if resources.contains(name) || name.contains(".hugepages-") { return [] }
        return [.notSupported(path["resource"], .string(name), resources)]
    }
}
