import ArgumentParser
import KubeModel

/// An application as a person names it: `<tenant>/<cluster>.<namespace>` or any unambiguous part of that.
struct ApplicationReference: ExpressibleByArgument, Sendable, Hashable {
    enum Match: Sendable, Hashable {
        case one(String)
        case ambiguous([String])
        /// With the names that come closest.
        case none(suggestions: [String])
    }

    let text: String

    init(_ text: String) { self.text = text }

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// Finds the application that is meant among all ids.
    ///
    /// A better way of matching hides the worse ones: the whole id, then whole parts of it (`dev.kart-web`, `kart-web`),
    /// then the beginning of its namespace, then any piece of the id.
    func match(among ids: [String]) -> Match {
        let candidates = ids.sorted()
        let ways: [(String) -> Bool] = [
            { $0 == text },
            { id in Self.parts(of: id).contains(text[...]) },
            { id in Self.namespace(of: id).hasPrefix(text) },
            { id in id.contains(text) },
        ]
        for way in ways {
            let matches = candidates.filter(way)
            if matches.count == 1 { return .one(matches[0]) }
            if !matches.isEmpty { return .ambiguous(matches) }
        }
        let near = candidates.map { ($0, Self.distance(from: text, toPartOf: $0)) }
            .filter { $0.1 <= max(2, text.count / 3) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        return .none(suggestions: near.prefix(3).map(\.0))
    }

    /// The id that is meant.
    func resolve(among ids: [String]) throws -> String {
        switch match(among: ids) {
        case .one(let id): return id
        case .ambiguous(let candidates):
            throw CommandFailure(
                .ambiguous,
                "\(text) can mean \(candidates.count) applications; say more of its name.",
                advice: Array(candidates.prefix(12))
                    + (candidates.count > 12 ? ["… and \(candidates.count - 12) more"] : [])
            )
        case .none(let suggestions):
            throw CommandFailure(
                .notFound,
                "There is no application \(text).",
                advice: suggestions.isEmpty
                    ? ["`varde apps` lists them all; a new directory appears when its commit is pushed."]
                    : ["Did you mean \(suggestions.joined(separator: ", or "))?"]
            )
        }
    }

    private static func namespace(of id: String) -> Substring {
        guard let slash = id.firstIndex(of: "/"), let dot = id[slash...].firstIndex(of: ".") else {
            return id[...]
        }
        return id[id.index(after: dot)...]
    }

    private static func parts(of id: String) -> [Substring] {
        guard let slash = id.firstIndex(of: "/") else { return [] }
        return [id[id.index(after: slash)...], namespace(of: id)]
    }

    private static func distance(from text: String, toPartOf id: String) -> Int {
        ([id[...]] + parts(of: id)).map { distance(Array(text), Array($0)) }.min() ?? .max
    }

    /// How many letters must be put in, left out, or replaced.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}

extension Server {
    /// All ids, as `varde apps` lists them.
    func applicationIDs() async throws -> [String] {
        try await get("/api/v1/applications")["items"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    /// The path of an application in the API, and its id.
    func find(_ reference: ApplicationReference) async throws -> (id: String, path: String) {
        let id = try reference.resolve(among: try await applicationIDs())
        return (id, Self.path(of: id))
    }

    static func path(of id: String) -> String { "/api/v1/applications/" + escape(id) }
}
