import KubeModel

/// What holds for the metadata of every kind.
enum MetadataValidation {
    private static let path = FieldPath("metadata")
    private static let annotationLimit = 262_144

    static func validate(_ object: KubeObject, names: NameRule, isNamespaced: Bool) -> [FieldError] {
        let metadata = object.metadata
        var errors: [FieldError] = []
        if let prefix = metadata["generateName"]?.string, !prefix.isEmpty {
            for problem in names.problems(of: prefix, isPrefix: true) {
                errors.append(.invalid(path["generateName"], .string(prefix), problem))
            }
        }
        let name = metadata["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required(path["name"], "name or generateName is required"))
        } else {
            for problem in names.problems(of: name) {
                errors.append(.invalid(path["name"], .string(name), problem))
            }
        }
        let namespace = metadata["namespace"]?.string ?? ""
        if isNamespaced {
            if namespace.isEmpty {
                errors.append(.required(path["namespace"]))
            } else {
                for problem in NameRule.label.problems(of: namespace) {
                    errors.append(.invalid(path["namespace"], .string(namespace), problem))
                }
            }
        } else if !namespace.isEmpty {
            errors.append(.forbidden(path["namespace"], "not allowed on this type"))
        }
        if let generation = metadata["generation"]?.int, generation < 0 {
            errors.append(.invalid(path["generation"], .integer(Int64(generation)), Rules.nonNegative))
        }
        errors += labels(metadata["labels"], path["labels"])
        errors += annotations(metadata["annotations"], path["annotations"])
        errors += ownerReferences(metadata.elements(of: "ownerReferences"))
        errors += finalizers(metadata.elements(of: "finalizers"))
        return errors
    }

    /// What may not change, and what holds for the new metadata; the caller has already kept the timestamps.
    static func validateUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        let metadata = object.metadata
        let before = old.metadata
        var errors: [FieldError] = []
        if old.isBeingDeleted {
            let known = Set(old.finalizers)
            let added = object.finalizers.filter { !known.contains($0) }
            if !added.isEmpty {
                let list = added.sorted().map(\.goQuoted).joined(separator: ", ")
                errors.append(
                    .forbidden(
                        path["finalizers"],
                        "no new finalizers can be added if the object is being deleted, found new finalizers "
                            + "[]string{\(list)}"
                    )
                )
            }
        }
        for key in [
            "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ]
        where metadata[key] != before[key] {
            errors.append(
                .invalid(
                    path[key],
                    metadata[key] ?? (key == "deletionTimestamp" ? .null : ""),
                    Rules.immutable
                )
            )
        }
        errors += labels(metadata["labels"], path["labels"])
        errors += annotations(metadata["annotations"], path["annotations"])
        errors += ownerReferences(metadata.elements(of: "ownerReferences"))
        if metadata["finalizers"] != before["finalizers"] {
            errors += finalizers(metadata.elements(of: "finalizers"))
        }
        return errors
    }

    static func labels(_ labels: JSON?, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (key, value) in labels?.object ?? [:] {
            for problem in NameRule.qualifiedNameProblems(key) {
                errors.append(.invalid(path, .string(key), problem))
            }
            for problem in NameRule.labelValueProblems(value.string ?? "") {
                errors.append(.invalid(path, value, problem))
            }
        }
        return errors
    }

    static func annotations(_ annotations: JSON?, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in annotations?.object ?? [:] {
            for problem in NameRule.qualifiedNameProblems(key.lowercased()) {
                errors.append(.invalid(path, .string(key), problem))
            }
            size += key.utf8.count + (value.string?.utf8.count ?? 0)
        }
        if size > annotationLimit { errors.append(.tooLong(path, maximum: annotationLimit)) }
        return errors
    }

    private static func ownerReferences(_ references: [JSON]) -> [FieldError] {
        let path = self.path["ownerReferences"]
        var errors: [FieldError] = []
        var controller: JSON?
        for reference in references {
            let (_, version) = GroupVersionKind.split(reference["apiVersion"]?.string ?? "")
            if version.isEmpty {
                let value = reference["apiVersion"] ?? ""
                errors.append(.invalid(path["apiVersion"], value, "version must not be empty"))
            }
            for key in ["kind", "name", "uid"] where reference.lacks(key) {
                errors.append(.invalid(path[key], "", "must not be empty"))
            }
            if reference["apiVersion"] == "v1", reference["kind"] == "Event" {
                errors.append(
                    .invalid(
                        path,
                        rendered: rendered(reference),
                        "/v1, Kind=Event is disallowed from being an owner"
                    )
                )
            }
            guard reference["controller"]?.bool == true else { continue }
            if let first = controller {
                let names = [first, reference].map {
                    "\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")"
                }
                errors.append(
                    .invalid(
                        path,
                        rendered: "[" + references.map(rendered).joined(separator: ",") + "]",
                        "Only one reference can have Controller set to true. Found \"true\" in references for "
                            + "\(names[0]) and \(names[1])"
                    )
                )
            } else {
                controller = reference
            }
        }
        return errors
    }

    /// With the members in the order of Go's structure.
    private static func rendered(_ reference: JSON) -> String {
        let keys = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"]
        let members = keys.compactMap { key in reference[key].map { "\"\(key)\":\($0.text)" } }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static let standardFinalizers: Set<String> = ["orphan", "foregroundDeletion", "kubernetes"]

    private static func finalizers(_ finalizers: [JSON]) -> [FieldError] {
        let path = self.path["finalizers"]
        var errors: [FieldError] = []
        for (index, finalizer) in finalizers.enumerated() {
            let name = finalizer.string ?? ""
            for problem in NameRule.qualifiedNameProblems(name) {
                errors.append(.invalid(path[index], finalizer, problem))
            }
            if !name.contains("/"), !standardFinalizers.contains(name) {
                errors.append(
                    .invalid(
                        path[index],
                        finalizer,
                        "name is neither a standard finalizer name nor is it fully qualified"
                    )
                )
            }
        }
        if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
            errors.append(
                .invalid(
                    path,
                    .array(finalizers),
                    "finalizer orphan and foregroundDeletion cannot be both set"
                )
            )
        }
        return errors
    }

    /// Takes out owners that are there twice.
    ///
    /// - Returns: A warning, if there were any.
    static func dropRepeatedOwners(_ object: inout KubeObject) -> [String] {
        guard let references = object.at("metadata", "ownerReferences")?.array, references.count > 1 else {
            return []
        }
        var kept: [JSON] = []
        var repeated: [String] = []
        for reference in references {
            guard kept.contains(reference) else {
                kept.append(reference)
                continue
            }
            let uid = reference["uid"]?.string ?? ""
            if !repeated.contains(uid) { repeated.append(uid) }
        }
        guard !repeated.isEmpty else { return [] }
        object.set(.array(kept), at: "metadata", "ownerReferences")
        return [
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and "
                + "may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
                + repeated.joined(separator: ", ")
        ]
    }
}
