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
            case ("tool", .string(let name)):
                guard let tool = RenderTool(rawValue: name) else {
                    let names = RenderTool.allCases.map(\.rawValue).joined(separator: ", ")
                    throw problem("There is no tool '\(name)'; there are \(names).")
                }
                self.tool = tool
            case ("autoSync", .bool(let value)): autoSync = value
            case ("prune", .bool(let value)): prune = value
            case ("selfHeal", .bool(let value)): selfHeal = value
            case ("allowEmpty", .bool(let value)): allowEmpty = value
            case ("tool", _): throw problem("'tool' must be a text, and is \(value.kindInWords).")
            case ("autoSync", _), ("prune", _), ("selfHeal", _), ("allowEmpty", _):
                throw problem("'\(key)' must be true or false, and is \(value.kindInWords).")
            default:
                throw problem(
                    "There is no setting '\(key)'; there are tool, autoSync, prune, selfHeal and allowEmpty."
                )
            }
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
