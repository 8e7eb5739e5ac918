import KubeModel

/// Gathers the manifests of one application, and what is wrong with them.
struct ManifestCollector {
    private(set) var manifests: [Manifest] = []
    private(set) var problems: [RenderProblem] = []
    /// What is not wrong, but good to know.
    private(set) var notes: [RenderProblem] = []
    private var places: [ObjectReference: ManifestOrigin] = [:]
    private let namespace: String

    /// - Parameter namespace: Where objects without a namespace go: two that differ only by leaving it out are the same.
    init(namespace: String) { self.namespace = namespace }

    mutating func add(_ problem: RenderProblem) { problems.append(problem) }
    mutating func add(_ more: [RenderProblem]) { problems += more }

    mutating func note(_ note: RenderProblem?) { if let note { notes.append(note) } }

    /// Takes what another one has: an object that both have is declared twice.
    mutating func add(_ other: ManifestCollector) {
        problems += other.problems
        notes += other.notes
        for manifest in other.manifests { add(manifest.object, manifest.origin) }
    }

    /// Takes the documents of a file, or what is wrong with its syntax.
    mutating func add(_ parsed: DocumentCache.Parsed, of file: String) {
        switch parsed {
        case .success(let documents):
            for document in documents {
                add(document.value, ManifestOrigin(file: file, document: document.index, line: document.line))
            }
        case .failure(let error):
            let origin = ManifestOrigin(file: file, line: error.line)
            problems.append(RenderProblem(code: .syntax, message: error.message, origin: origin))
        }
    }

    /// Takes one document: an object, or a list of objects.
    mutating func add(_ value: JSON, _ origin: ManifestOrigin) { add(value, origin, defaults: nil, depth: 0) }

    /// What the items of a typed list may leave out.
    private struct ItemDefaults {
        var apiVersion: String
        var kind: String
    }

    private mutating func add(_ value: JSON, _ origin: ManifestOrigin, defaults: ItemDefaults?, depth: Int) {
        guard value.object != nil else {
            return refuse("This is \(value.kindInWords), not a Kubernetes object.", origin)
        }
        var object = KubeObject(value)
        if let defaults, object["apiVersion"] == nil, object["kind"] == nil {
            object.apiVersion = defaults.apiVersion
            object.kind = defaults.kind
        }
        guard !object.apiVersion.isEmpty, !object.kind.isEmpty else {
            let missing =
                object.apiVersion.isEmpty
                ? object.kind.isEmpty ? "apiVersion and kind" : "apiVersion" : "kind"
            return refuse("This is not a Kubernetes object: it has no \(missing).", origin)
        }
        if object.kind.hasSuffix("List"), let items = object["items"]?.array, object.name.isEmpty, depth < 8 {
            let kind = String(object.kind.dropLast(4))
            let defaults = kind.isEmpty ? nil : ItemDefaults(apiVersion: object.apiVersion, kind: kind)
            for item in items { add(item, origin, defaults: defaults, depth: depth + 1) }
            return
        }
        guard !object.name.isEmpty || Self.isHook(object) else {
            return refuse("\(object.kind): \(Self.namelessReason(object)).", origin)
        }
        add(object, origin)
    }

    private mutating func add(_ object: KubeObject, _ origin: ManifestOrigin) {
        var place = object.reference
        if place.namespace.isEmpty { place.namespace = namespace }
        if place.name.isEmpty { place.name = (object.at("metadata", "generateName")?.string ?? "") + "*" }
        if let first = places[place] {
            let message = "\(object.kind) \(object.name) is declared twice: here and in \(first)."
            return problems.append(RenderProblem(code: .duplicate, message: message, origin: origin))
        }
        places[place] = origin
        manifests.append(Manifest(object: object, origin: origin))
    }

    private static func namelessReason(_ object: KubeObject) -> String {
        if object.at("metadata", "generateName") != nil {
            return "metadata.generateName cannot be kept in sync; give it a metadata.name"
        }
        guard let name = object.at("metadata", "name"), name.string == nil else {
            return "it has no metadata.name"
        }
        return "its metadata.name must be a text, and is \(name.kindInWords): write it in quotes"
    }

    /// Whether an object runs anew for each commit, so that its name may be generated.
    private static func isHook(_ object: KubeObject) -> Bool {
        guard object.at("metadata", "generateName")?.string?.isEmpty == false else { return false }
        return object.annotation("argocd.argoproj.io/hook") != nil || object.annotation("helm.sh/hook") != nil
    }

    private mutating func refuse(_ message: String, _ origin: ManifestOrigin) {
        problems.append(RenderProblem(code: .notAnObject, message: message, origin: origin))
    }
}
