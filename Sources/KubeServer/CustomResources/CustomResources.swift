import KubeModel

/// What a CustomResourceDefinition makes the API serve.
enum CustomResources {
    static let definitions = "customresourcedefinitions.apiextensions.k8s.io"
    static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    private static let verbs: Set<String> = [
        "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
    ]

    /// The served versions of an established definition; none of another.
    static func resources(of definition: KubeObject) -> [ServedResource] {
        guard definition.condition("Established")?.isTrue == true else { return [] }
        let spec = definition["spec"] ?? [:]
        let group = spec["group"]?.string ?? ""
        let names = definition.at("status", "acceptedNames") ?? [:]
        let kind = names["kind"]?.string ?? ""
        let plural = names["plural"]?.string ?? ""
        let versions = spec.elements(of: "versions")
        let isRevised = definition.generation > 1
        // Versions that are deprecated point to the best one that is not.
        let preferred =
            versions
            .filter { $0["served"]?.bool == true && $0["deprecated"]?.bool != true }
            .compactMap { $0["name"]?.string }.min(by: VersionPriority.precedes)

        func version(_ json: JSON, _ storage: CustomResourceVersion?) -> CustomResourceVersion {
            CustomResourceVersion(
                gvk: GroupVersionKind(group: group, version: json["name"]?.string ?? "", kind: kind),
                definitionName: definition.name,
                version: json,
                preferred: preferred,
                storage: storage,
                isRevised: isRevised,
                isTerminating: definition.isBeingDeleted
            )
        }
        let storage = versions.first { $0["storage"]?.bool == true }.map { version($0, nil) }
        return versions.compactMap { json in
            guard json["served"]?.bool == true else { return nil }
            let isStorage = json["name"]?.string == storage?.gvk.version
            let custom = isStorage ? storage ?? version(json, nil) : version(json, storage)
            var subresources: Set<String> = []
            if custom.hasStatus { subresources.insert("status") }
            if custom.scale != nil { subresources.insert("scale") }
            let resource = ResourceDefinition(
                gvr: GroupVersionResource(group: group, version: custom.gvk.version, resource: plural),
                kind: kind,
                singular: names["singular"]?.string ?? kind.lowercased(),
                isNamespaced: spec["scope"] == "Namespaced",
                verbs: verbs,
                shortNames: names.elements(of: "shortNames").compactMap(\.string),
                categories: names.elements(of: "categories").compactMap(\.string),
                subresources: subresources,
                isCustom: true
            )
            return ServedResource(
                definition: resource,
                strategy: strategy(of: custom),
                form: .custom(custom),
                schema: .customResource(
                    openAPIV3Schema: json.at("schema", "openAPIV3Schema") ?? [:],
                    objectMeta: BuiltInResources.shared.objectMetaSchema
                )
            )
        }
    }

    private static func strategy(of version: CustomResourceVersion) -> KindStrategy {
        var strategy = KindStrategy()
        strategy.generation = .content
        strategy.update = .needsVersion
        if version.hasStatus { strategy.initialStatus = .null }
        strategy.validate = { object in
            var errors = version.schema.validate(object.json, "")
            if let scale = version.scale { errors += ScalePathRules.validate(object.json, scale) }
            errors += version.schema.embedded(in: object.json)
            return errors + version.schema.repeated(in: object.json)
        }
        return strategy
    }
}
