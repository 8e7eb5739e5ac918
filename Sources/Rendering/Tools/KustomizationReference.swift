import KubeModel

/// A path or URL that a kustomization names.
struct KustomizationReference {
    /// As it is written.
    let text: String
    let field: String
    var mayBeDirectory: Bool { Self.directoryFields.contains(field) }
    /// Of the others, kustomize's own message says more.
    var mustExist: Bool { Self.resourceFields.contains(field) }

    private static let resourceFields = ["resources", "bases", "components"]
    private static let directoryFields = resourceFields + ["transformers", "generators", "validators"]
    private static let listFields = directoryFields + ["crds", "configurations", "patchesStrategicMerge"]
    private static let pathFields = ["patches", "patchesJson6902", "replacements"]
    private static let generatorFields = ["configMapGenerator", "secretGenerator"]

    /// URLs, and the forms of Git repositories that kustomize knows.
    var isRemote: Bool {
        let lower = text.lowercased()
        if text.contains("://") || text.contains("?ref=") || text.contains("?version=") { return true }
        if ["git@", "git::", "github.com/", "github.com:"].contains(where: lower.hasPrefix) { return true }
        return text.contains(".git/") || text.hasSuffix(".git")
    }

    /// Every reference of a kustomization, in the order of its fields.
    static func all(in kustomization: JSON) -> [Self] {
        var result: [Self] = []
        func add(_ value: JSON?, _ field: String) {
            // Several lines are a patch written in place.
            guard let text = value?.string, !text.isEmpty, !text.contains("\n") else { return }
            result.append(Self(text: text, field: field))
        }
        for field in listFields { for value in kustomization[field]?.array ?? [] { add(value, field) } }
        for field in pathFields {
            for value in kustomization[field]?.array ?? [] { add(value["path"], field) }
        }
        add(kustomization.at("openapi", "path"), "openapi")
        for field in generatorFields {
            for generator in kustomization[field]?.array ?? [] {
                add(generator["env"], field)
                for value in generator["envs"]?.array ?? [] { add(value, field) }
                for value in generator["files"]?.array ?? [] {
                    // `key=path`
                    add(value.string.map { .string(String($0.drop { $0 != "=" }.dropFirst())) }, field)
                    if value.string?.contains("=") == false { add(value, field) }
                }
            }
        }
        return result
    }
}
