import GitSource
import Synchronization

/// What the templates of charts ask for that is not in the commit.
struct ChartFindings: Sendable {
    /// A template.
    struct Place: Sendable, Hashable {
        /// From the repository's root.
        var file: String
        /// The name in that, where it is an archive.
        var member: String?

        /// Whether it is rendered only where others include it.
        var isPartial: Bool { RepositoryPath.name(of: member ?? file).hasPrefix("_") }

        /// What it is called where the file is known.
        var words: String { member.map { "The template \($0) in this archive" } ?? "This template" }
    }

    var asksForCapabilities = false
    /// What templates consist of.
    private var pieces: [(piece: TemplatePiece, place: Place)] = []
    /// Of the pieces and what they include.
    private(set) var size = 0
    /// Whether all that there is was looked at.
    private(set) var isWhole = true

    init() {}

    /// Whether helm may take a file of a chart for a template; values may be templates, too.
    static func isTemplate(_ path: String) -> Bool {
        path.hasPrefix("templates/") || path.contains("/templates/")
            || RepositoryPath.name(of: path) == "values.yaml"
    }

    /// Whether helm takes a file of a chart for a chart that it depends on.
    static func isArchive(_ path: String) -> Bool {
        let name = RepositoryPath.name(of: path)
        return name.hasSuffix(".tgz") && !name.hasPrefix("_") && !name.hasPrefix(".")
            && RepositoryPath.name(of: RepositoryPath.parent(of: path)) == "charts"
    }

    mutating func look(at template: [UInt8], _ place: Place) {
        if template.firstRange(of: Array(".Capabilities".utf8)) != nil { asksForCapabilities = true }
        guard size < Self.largestSize else { return isWhole = false }
        for piece in TemplateFunctions.pieces(of: template) {
            pieces.append((piece, place))
            size += 1 + piece.includes.count
        }
    }

    private static let largestSize = 100_000

    /// Templates that ask the cluster for objects, which there are none of.
    var lookups: [Place] {
        var places: [Place] = []
        for (piece, place) in rendered where piece.asksCluster && places.last != place {
            places.append(place)
        }
        return places
    }

    /// Templates that make another value each time, with the first function that does.
    var chances: [(place: Place, function: String)] {
        var found: [(place: Place, function: String)] = []
        for (piece, place) in rendered where found.last?.place != place {
            if let function = piece.chance { found.append((place, function)) }
        }
        return found
    }

    /// The pieces that a rendering may come to: libraries have many that nobody includes.
    private var rendered: [(piece: TemplatePiece, place: Place)] {
        let named = Dictionary(grouping: pieces.indices.filter { pieces[$0].piece.name != nil }) {
            pieces[$0].piece.name ?? ""
        }
        var reached = Set(
            pieces.indices.filter { pieces[$0].piece.name == nil && !pieces[$0].place.isPartial }
        )
        var queue = Array(reached)
        while let index = queue.popLast() {
            if pieces[index].piece.includesAny { return pieces }
            for name in pieces[index].piece.includes {
                queue += (named[name] ?? []).filter { reached.insert($0).inserted }
            }
        }
        return pieces.indices.filter(reached.contains).map { pieces[$0] }
    }

    /// Adds what was found in an archive, which is at this path.
    mutating func add(_ other: Self, ofArchiveAt path: String) {
        // What was not looked at may ask.
        asksForCapabilities = asksForCapabilities || other.asksForCapabilities || !other.isWhole
        pieces += other.pieces.map { ($0.piece, Place(file: path, member: $0.place.member)) }
        size += other.size
    }
}

/// Archives of charts, which are strangers' work more often than the rest of a repository.
extension ChartFindings {
    /// Of one archive, and all that are in it together.
    struct Limits: Sendable {
        /// Bytes, unpacked; helm takes as much.
        var size = 100 << 20
        var entries = 20_000
        /// Archives in archives.
        var depth = 4
        /// Bytes of one file: larger templates are not looked at, as those outside archives are not.
        var template = 1 << 20
        /// Bytes of an archive, as it is.
        var archive = 32 << 20
    }

    /// Looks into an archive, as `helm package` makes it: a `.tgz` with one directory.
    ///
    /// One that is broken is looked at as far as it goes: helm says what is wrong with it.
    init(archive: [UInt8], _ limits: Limits = Limits()) {
        var limits = limits
        look(into: archive, "", &limits)
    }

    /// - Parameter limits: What is left of them, afterwards.
    private mutating func look(into archive: [UInt8], _ outer: String, _ limits: inout Limits) {
        guard limits.depth > 0 else { return isWhole = false }
        limits.depth -= 1
        defer { limits.depth += 1 }
        do {
            var files = TarReader(try GzipReader(archive, limit: limits.size), entries: limits.entries)
            defer { (limits.size, limits.entries) = (files.bytes.left, files.left) }
            while let entry = try files.next() {
                let path = entry.name.drop { $0 != "/" }.dropFirst()
                let place = outer + entry.name
                if Self.isTemplate(String(path)), entry.size <= limits.template {
                    look(at: try files.content(of: entry), Place(file: "", member: place))
                } else if Self.isArchive(String(path)) {
                    guard entry.size <= limits.archive else { throw TarReader.Failure.tooLarge }
                    let inner = try files.content(of: entry)
                    (limits.size, limits.entries) = (files.bytes.left, files.left)
                    look(into: inner, place + "/", &limits)
                    (files.bytes.left, files.left) = (limits.size, limits.entries)
                }
            }
        } catch {
            isWhole = false
        }
    }
}

/// What archives have in them, by the id of their content, for all repositories.
final class ChartArchives: Sendable {
    private let known = Mutex(RecentlyUsed<ObjectID, ChartFindings>(limit: 300_000) { 1 + $0.size })

    /// The findings in an archive; without any where it is too large to be read.
    func findings(in archive: ObjectID, of repository: GitRepository) async throws -> ChartFindings {
        if let findings = known.withLock({ $0[archive] }) { return findings }
        let limit = ChartFindings.Limits().archive
        let content = try await repository.contents(of: [archive], limit: limit).first
        // Unpacking may take long: never on a thread that carries requests.
        let findings = await withTaskExecutorPreference(globalConcurrentExecutor) {
            guard case .bytes(let bytes) = content else { return ChartFindings(archive: []) }
            return ChartFindings(archive: bytes)
        }
        known.withLock { $0[archive] = findings }
        return findings
    }
}
