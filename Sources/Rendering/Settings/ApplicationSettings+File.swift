import GitSource
import KubeModel

extension ApplicationSettings {
    /// The files that may hold settings, the preferred one first.
    static let fileNames = ["varde.yaml", "config.json"]

    /// Reads a settings file; the first thing that is wrong with it is the error.
    init(documents: [YAML.Document], file: String) throws(RenderProblem) {
        self.init()
        guard let document = documents.first else { return }
        func problem(_ message: String) -> RenderProblem {
            RenderProblem(code: .settings, message: message, origin: ManifestOrigin(file: file))
        }
        guard documents.count == 1, let object = document.value.object else {
            throw problem("The settings must be one mapping of names to values.")
        }
        for (key, value) in object {
            switch (key, value) {
            case ("tool", _): tool = try RenderTool(value, problem)
            case ("helm", _): helm = try HelmOptions(value, problem)
            case ("jsonnet", _): jsonnet = try JsonnetOptions(value, problem)
            case ("sources", _): sources = try SourceOptions.all(value, problem)
            case ("autoSync", .bool(let value)): autoSync = value
            case ("prune", .bool(let value)): prune = value
            case ("selfHeal", .bool(let value)): selfHeal = value
            case ("allowEmpty", .bool(let value)): allowEmpty = value
            case ("force", .bool(let value)): force = value
            case ("waveDeadline", let value): waveDeadline = try Self.deadline(value, problem)
            case ("syncOptions", let value): syncOptions = try Self.texts(value, "syncOptions", problem)
            case ("ignoreDifferences", let value):
                ignoreDifferences = try IgnoredDifference.all(value, problem)
            case ("autoSync", _), ("prune", _), ("selfHeal", _), ("allowEmpty", _), ("force", _):
                throw problem("'\(key)' must be true or false, and is \(value.kindInWords).")
            default:
                throw problem(
                    "There is no setting '\(key)'; there are tool, autoSync, prune, selfHeal, allowEmpty, force, "
                        + "waveDeadline, syncOptions, ignoreDifferences, helm, jsonnet and sources."
                )
            }
        }
        guard !sources.isEmpty, let key = ["tool", "helm", "jsonnet"].first(where: { object[$0] != nil })
        else {
            return
        }
        throw problem(
            "'\(key)' is for this directory, and 'sources' are in its place: put it into the entry of 'sources' that it "
                + "is meant for."
        )
    }

    /// `90s`, `5m`, `1h`.
    private static func deadline(
        _ value: JSON,
        _ problem: (String) -> RenderProblem
    ) throws(RenderProblem) -> Duration {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
        guard let text = value.string, let unit = text.last.flatMap({ units[$0] }),
            let number = Int(text.dropLast()), (1..<100_000).contains(number)
        else { throw problem("'waveDeadline' must be a time such as 90s, 5m or 1h.") }
        return .seconds(number * unit)
    }

    static func texts(
        _ value: JSON?,
        _ key: String,
        _ problem: (String) -> RenderProblem
    ) throws(RenderProblem) -> [String] {
        guard let value else { return [] }
        guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
            throw problem("'\(key)' must be a list of texts, and is \(value.kindInWords).")
        }
        return list.compactMap(\.string)
    }
}

extension IgnoredDifference {
    static func all(
        _ value: JSON,
        _ problem: (String) -> RenderProblem
    ) throws(RenderProblem) -> [IgnoredDifference] {
        guard let list = value.array else {
            throw problem("'ignoreDifferences' must be a list, and is \(value.kindInWords).")
        }
        var result: [IgnoredDifference] = []
        for item in list { result.append(try IgnoredDifference(item, problem)) }
        return result
    }

    private init(_ value: JSON, _ problem: (String) -> RenderProblem) throws(RenderProblem) {
        self.init()
        guard let object = value.object else {
            throw problem("An entry of 'ignoreDifferences' must be a mapping, and is \(value.kindInWords).")
        }
        for (key, value) in object {
            switch (key, value) {
            case ("group", .string(let text)): group = text
            case ("kind", .string(let text)): kind = text
            case ("name", .string(let text)): name = text
            case ("namespace", .string(let text)): namespace = text
            case ("jsonPointers", _):
                jsonPointers = try ApplicationSettings.texts(value, key, problem)
                guard jsonPointers.allSatisfy({ $0.hasPrefix("/") && $0.count > 1 }) else {
                    throw problem("'jsonPointers' must be JSON pointers such as /spec/replicas.")
                }
            case ("managers", _), ("managedFieldsManagers", _):
                managers += try ApplicationSettings.texts(value, key, problem)
            default:
                throw problem(
                    "There is no '\(key)' of that form in 'ignoreDifferences'; there are group, kind, name, namespace, "
                        + "jsonPointers and managers."
                )
            }
        }
        guard !jsonPointers.isEmpty || !managers.isEmpty else {
            throw problem("An entry of 'ignoreDifferences' names neither jsonPointers nor managers.")
        }
    }
}

extension JSON {
    /// What kind of value this is, for a sentence.
    var kindInWords: String {
        switch self {
        case .null: "empty"
        case .bool: "true or false"
        case .integer, .double, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}
