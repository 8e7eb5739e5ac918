import KubeModel

/// Rules for CustomResourceDefinitions themselves, in the order in which Kubernetes checks them.
enum DefinitionValidation {
    static let path = FieldPath("spec")

    static func validate(_ object: KubeObject) -> [FieldError] { name(object) + rules(object) }

    private static func rules(_ object: KubeObject) -> [FieldError] {
        let spec = object["spec"] ?? [:]
        let names = spec["names"] ?? [:]
        let group = spec["group"]?.string ?? ""
        var errors: [FieldError] = []
        let hub = DefinitionHub(spec, path)
        errors += self.group(group)
        if spec.lacks("scope") || spec["scope"] == "" {
            errors.append(.required(path["scope"]))
        } else {
            errors += Rules.oneOf(spec["scope"], ["Cluster", "Namespaced"], path["scope"])
        }
        errors += DefinitionVersionRules.missingSchemas(hub)
        errors += DefinitionVersionRules.validate(hub)
        errors += requiredNames(names, path["names"])
        errors += self.names(names, path["names"])
        errors += DefinitionVersionRules.shared(hub)
        errors += conversion(spec["conversion"], path["conversion"])
        errors += self.names(
            object.at("status", "acceptedNames") ?? [:],
            FieldPath("status", "acceptedNames")
        )
        errors += storedVersions(object, hub)
        errors += approval(object, group, before: nil)
        if spec["preserveUnknownFields"] == true {
            errors.append(
                .invalid(
                    path["preserveUnknownFields"],
                    true,
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema "
                        + "instead"
                )
            )
        }
        return errors
    }

    private static func group(_ group: String) -> [FieldError] {
        if group.isEmpty { return [.required(path["group"])] }
        let problems = NameRule.subdomain.problems(of: group)
        if !problems.isEmpty {
            return [.invalid(path["group"], .string(group), problems.joined(separator: ","))]
        }
        if !group.contains(".") {
            return [.invalid(path["group"], .string(group), "should be a domain with at least one dot")]
        }
        return []
    }

    // MARK: Names

    private static func requiredNames(_ names: JSON, _ path: FieldPath) -> [FieldError] {
        ["plural", "singular", "kind", "listKind"].compactMap { key in
            (names[key]?.string ?? "").isEmpty ? .required(path[key]) : nil
        }
    }

    private static func names(_ names: JSON, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        func check(_ value: JSON?, _ place: FieldPath, _ introduction: String = "") {
            guard let name = value?.string, !name.isEmpty else { return }
            let problems = NameRule.label1035.problems(of: introduction.isEmpty ? name : name.lowercased())
            guard !problems.isEmpty else { return }
            errors.append(.invalid(place, .string(name), introduction + problems.joined(separator: ",")))
        }
        check(names["plural"], path["plural"])
        check(names["singular"], path["singular"])
        for key in ["kind", "listKind"] {
            check(names[key], path[key], "may have mixed case, but should otherwise match: ")
        }
        for (index, name) in names.elements(of: "shortNames").enumerated() {
            let problems = NameRule.label1035.problems(of: name.string ?? "")
            guard !problems.isEmpty else { continue }
            errors.append(.invalid(path["shortNames"][index], name, problems.joined(separator: ",")))
        }
        if let kind = names["kind"]?.string, !kind.isEmpty, kind == names["listKind"]?.string {
            errors.append(
                .invalid(path["listKind"], .string(kind), "kind and listKind may not be the same")
            )
        }
        for (index, name) in names.elements(of: "categories").enumerated() {
            let problems = NameRule.label1035.problems(of: name.string ?? "")
            guard !problems.isEmpty else { continue }
            errors.append(.invalid(path["categories"][index], name, problems.joined(separator: ",")))
        }
        return errors
    }

    // MARK: Stored versions

    private static func storedVersions(_ object: KubeObject, _ hub: DefinitionHub) -> [FieldError] {
        let place = FieldPath("status", "storedVersions")
        let stored = object.at("status", "storedVersions")?.array ?? []
        guard !stored.isEmpty else {
            let shown: JSON = object.at("status", "storedVersions") ?? .null
            return [.invalid(place, shown, "must have at least one stored version")]
        }
        var errors: [FieldError] = []
        for version in hub.versions where version["storage"]?.bool == true {
            guard let name = version["name"], !stored.contains(name) else { continue }
            errors.append(
                .invalid(place, .array(stored), "must have the storage version \(name.string ?? "")")
            )
        }
        for (index, version) in stored.enumerated()
        where !hub.versions.contains(where: { $0["name"] == version }) {
            let name = version.string ?? ""
            errors.append(
                .invalid(
                    place[index],
                    version,
                    "missing from spec.versions; \(name) was previously a storage version, and must remain in "
                        + "spec.versions until a storage migration ensures no data remains persisted in \(name) and "
                        + "removes \(name) from status.storedVersions"
                )
            )
        }
        return errors
    }

    // MARK: Updates

    /// The name tells plural and group; these cannot change, so that it is looked at once.
    private static func name(_ object: KubeObject) -> [FieldError] {
        let plural = object.at("spec", "names", "plural")?.string ?? ""
        guard object.name != "\(plural).\(object.at("spec", "group")?.string ?? "")" else { return [] }
        let detail = "must be spec.names.plural+\".\"+spec.group"
        return [.invalid(FieldPath("metadata", "name"), .string(object.name), detail)]
    }

    static func validateUpdate(_ object: KubeObject, _ old: KubeObject) -> [FieldError] {
        var errors = rules(object)
        func compare(_ keys: [String]) {
            let place = keys.reduce(path) { $0[$1] }
            let steps = ["spec"] + keys
            let value = steps.reduce(object.json as JSON?) { $0?[$1] }
            let before = steps.reduce(old.json as JSON?) { $0?[$1] }
            if value != before {
                errors.append(.invalid(place, value ?? "", Rules.immutable))
            }
        }
        if old.condition("Established")?.isTrue == true {
            compare(["scope"])
            compare(["names", "kind"])
        }
        compare(["group"])
        compare(["names", "plural"])
        return errors
    }

    static func warnings(_ object: KubeObject) -> [String] {
        object.json.at("spec", "versions")?.array?.compactMap { version in
            guard CustomSchema(version.at("schema", "openAPIV3Schema") ?? [:]).hasRules else { return nil }
            return
                "spec.versions[\(version["name"]?.string ?? "")].schema: x-kubernetes-validations are kept, but this "
                + "API server does not evaluate them"
        } ?? []
    }
}
