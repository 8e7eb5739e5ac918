package import KubeModel

/// What `helm template` is given for a chart.
package struct HelmOptions: Sendable, Hashable {
    /// The namespace's name when `nil`.
    package var releaseName: String?
    /// From the application's directory; later ones win.
    package var valueFiles: [String] = []
    /// Wins over all files.
    package var values: JSON?
    package var skipsCustomResourceDefinitions = false

    package init() {}
}

/// What `jsonnet` is given for each program.
package struct JsonnetOptions: Sendable, Hashable {
    /// Arguments of programs that are functions.
    package var arguments: [String: JSON] = [:]
    /// `std.extVar`, beside `cluster` and `namespace`.
    package var variables: [String: JSON] = [:]
    /// Directories to import from, from the application's directory; searched before the usual ones.
    package var libraries: [String] = []

    package init() {}
}

/// One of several directories that make an application together.
package struct SourceOptions: Sendable, Hashable {
    /// From the application's directory; from the repository's root when it begins with a slash.
    package var path: String
    package var tool: RenderTool?
    package var helm = HelmOptions()
    package var jsonnet = JsonnetOptions()

    package init(path: String) { self.path = path }
}

extension SourceOptions {
    typealias Complaint = (String) -> RenderProblem

    static func all(_ value: JSON, _ problem: Complaint) throws(RenderProblem) -> [SourceOptions] {
        guard let list = value.array, !list.isEmpty, list.count <= 50 else {
            throw problem("'sources' must be a list of 1 to 50 directories.")
        }
        var result: [SourceOptions] = []
        for item in list {
            guard let object = item.object, let path = object["path"]?.string, !path.isEmpty else {
                throw problem(
                    "Every entry of 'sources' needs a 'path', such as ../../base/web or /charts/web."
                )
            }
            var source = SourceOptions(path: path)
            for (key, value) in object {
                switch key {
                case "path": continue
                case "tool": source.tool = try RenderTool(value, problem)
                case "helm": source.helm = try HelmOptions(value, problem)
                case "jsonnet": source.jsonnet = try JsonnetOptions(value, problem)
                default:
                    throw problem(
                        "There is no '\(key)' in 'sources'; there are path, tool, helm and jsonnet."
                    )
                }
            }
            guard !result.contains(where: { $0.path == path }) else {
                throw problem("'\(path)' is among 'sources' twice.")
            }
            result.append(source)
        }
        return result
    }
}

extension RenderTool {
    init(_ value: JSON, _ problem: SourceOptions.Complaint) throws(RenderProblem) {
        guard let name = value.string else {
            throw problem("'tool' must be a text, and is \(value.kindInWords).")
        }
        guard let tool = RenderTool(rawValue: name) else {
            let names = RenderTool.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("There is no tool '\(name)'; there are \(names).")
        }
        self = tool
    }
}

extension HelmOptions {
    init(_ value: JSON, _ problem: SourceOptions.Complaint) throws(RenderProblem) {
        guard let object = value.object else {
            throw problem("'helm' must be a mapping, and is \(value.kindInWords).")
        }
        for (key, value) in object {
            switch (key, value) {
            case ("releaseName", .string(let name)):
                guard !name.isEmpty, name.utf8.count <= 53, !name.hasPrefix("-") else {
                    throw problem("'releaseName' must be a name of at most 53 characters.")
                }
                releaseName = name
            case ("valueFiles", _): valueFiles = try ApplicationSettings.texts(value, key, problem)
            case ("values", .object): values = value
            case ("skipCrds", .bool(let skips)): skipsCustomResourceDefinitions = skips
            default:
                throw problem(
                    "There is no '\(key)' of that form in 'helm'; there are releaseName, valueFiles, values and skipCrds."
                )
            }
        }
    }
}

extension JsonnetOptions {
    init(_ value: JSON, _ problem: SourceOptions.Complaint) throws(RenderProblem) {
        guard let object = value.object else {
            throw problem("'jsonnet' must be a mapping, and is \(value.kindInWords).")
        }
        for (key, value) in object {
            switch (key, value) {
            case ("tlas", .object(let values)): arguments = try Self.named(values, problem)
            case ("extVars", .object(let values)): variables = try Self.named(values, problem)
            case ("libs", _): libraries = try ApplicationSettings.texts(value, key, problem)
            default:
                throw problem(
                    "There is no '\(key)' of that form in 'jsonnet'; there are tlas, extVars and libs."
                )
            }
        }
    }

    private static func named(
        _ values: JSONObject,
        _ problem: SourceOptions.Complaint
    ) throws(RenderProblem) -> [String: JSON] {
        var result: [String: JSON] = [:]
        for (key, value) in values {
            guard !key.isEmpty, !key.contains("="), !key.hasPrefix("-") else {
                throw problem("'\(key)' cannot be the name of a variable.")
            }
            result[key] = value
        }
        return result
    }
}
