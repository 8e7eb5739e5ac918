import GitSource

/// Looks for what jsonnet programs import where jsonnet does, by way of links to directories, too.
///
/// Besides the files it finds the links that lead to them, and those that lead nowhere.
struct JsonnetSearch {
    /// How one of the two jsonnet programs reads a path.
    ///
    /// The one in C++ leaves `..` to the system, which goes up from where a link leads; the one in Go takes it out of the
    /// path as it is written, before there are links.
    enum Reading: CaseIterable { case system, written }

    struct Outcome {
        var file: SourceFile?
        /// The path by which it was found, as it is written.
        var name = ""
        /// Why a program with this import is not evaluated: jsonnet would look for it outside the repository.
        var refusal: String?
    }

    /// Links to directories that lead to something that is imported.
    private(set) var links: [CommitFiles.FoundLink] = []
    /// Links that imports go by and that lead to nothing, with the reason.
    private(set) var deadLinks: [(path: String, reason: String)] = []
    private var folders: [String: CommitFiles.Walk] = [:]

    /// - Parameters:
    ///   - path: As the import has it, not absolute.
    ///   - starts: Directories to look in, the first one first; the first is the importing file's own.
    mutating func find(
        _ path: String,
        in starts: [String],
        _ reading: Reading,
        _ files: inout CommitFiles
    ) async throws -> Outcome {
        var outcome = Outcome()
        var ledOut: String?
        for start in starts {
            let written = RepositoryPath.resolve(path, from: start)
            guard let full = reading == .written ? written : RepositoryPath.join(start, path) else {
                ledOut = ledOut ?? start
                continue
            }
            let walk = try await folder(of: full, &files)
            if walk.end == .outside {
                guard let link = walk.dead else {
                    ledOut = ledOut ?? start
                    continue
                }
                outcome.refusal = Self.refusal(of: path, link)
                return outcome
            }
            note(walk)
            guard walk.isDirectory else { continue }
            outcome = try await look(for: path, in: walk, &files)
            outcome.name = written ?? outcome.file?.path ?? ""
            if outcome.file != nil || outcome.refusal != nil { break }
        }
        if let ledOut, outcome.refusal == nil {
            // Jsonnet goes on to the libraries until it finds something, and from each the same path may lead out.
            let isAway = outcome.file != nil || ledOut == starts.first
            outcome.refusal =
                "The import '\(path)' "
                + (isAway ? "leads out of the repository." : "is not in this repository.")
        }
        return outcome
    }

    /// The file of an import in the directory that it names.
    private mutating func look(
        for path: String,
        in folder: CommitFiles.Walk,
        _ files: inout CommitFiles
    ) async throws -> Outcome {
        var outcome = Outcome()
        let name = RepositoryPath.name(of: path)
        guard !["", ".", ".."].contains(name) else { return outcome }
        let place = RepositoryPath.join(folder.place, name)
        guard var entry = try await files.entry(at: place) else { return outcome }
        if entry.kind == .symlink {
            // It is laid out as the file that it leads to.
            let walk = try await files.walk(place)
            if walk.end == .outside, let link = walk.dead { outcome.refusal = Self.refusal(of: path, link) }
            note(walk)
            guard case .place = walk.end, let target = try await files.entry(at: walk.place) else {
                return outcome
            }
            entry = target
        }
        guard entry.kind == .file || entry.kind == .executable else { return outcome }
        outcome.file = SourceFile(path: place, id: entry.id)
        links += folder.links.filter { !links.contains($0) }
        return outcome
    }

    /// Submodules that are not there, on the ways that an import was looked for.
    mutating func lostSubmodule(
        _ path: String,
        in starts: [String],
        _ files: inout CommitFiles
    ) async throws -> (path: String, reason: String)? {
        for start in starts {
            let place = try await folder(of: RepositoryPath.join(start, path), &files).place
            if let lost = try await files.lostSubmodule(around: place) { return lost }
        }
        return nil
    }

    private mutating func folder(
        of path: String,
        _ files: inout CommitFiles
    ) async throws -> CommitFiles.Walk {
        // What ends in dots is a directory itself.
        let isDots = [".", ".."].contains(RepositoryPath.name(of: path))
        let folder = isDots ? path : RepositoryPath.parent(of: path)
        if let known = folders[folder] { return known }
        let walk = try await files.walk(folder)
        folders[folder] = walk
        return walk
    }

    private mutating func note(_ walk: CommitFiles.Walk) {
        guard let link = walk.dead, !deadLinks.contains(where: { $0.path == link.path }) else { return }
        let way = walk.end == .circle ? "in a circle" : "nowhere"
        deadLinks.append((link.path, "a link that leads \(way) (to \(link.target))"))
    }

    private static func refusal(of path: String, _ link: (path: String, target: String)) -> String {
        "The import '\(path)' goes by the link \(link.path), which leads out of the repository (to \(link.target))."
    }
}
