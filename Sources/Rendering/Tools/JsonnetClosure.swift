import GitSource

/// The files that the Jsonnet programs of a directory import, from wherever in the repository.
struct JsonnetClosure {
    /// The programs: the `.jsonnet` files in the directory itself, by name.
    private(set) var programs: [SourceFile] = []
    /// Imported files outside the directory.
    private(set) var files: [SourceFile] = []
    private(set) var usesVariables = false
    /// Submodules that imports lead into and that are not there, with the reason.
    private(set) var absent: [(path: String, reason: String)] = []
    /// What must not be evaluated: jsonnet would read files of this machine.
    private(set) var problems: [RenderProblem] = []
    private let directory: String
    private let named: [String]
    private var search = JsonnetSearch()
    private var visits: [String: Visits] = [:]
    private var scans: [ObjectID: [JsonnetImports.Import]] = [:]
    /// Who imports whom.
    private(set) var circle = JsonnetCircle()

    /// Links to directories that imports go by.
    var links: [CommitFiles.FoundLink] { search.links }
    /// Links that imports go by and that lead to nothing, with the reason.
    var deadLinks: [(path: String, reason: String)] { search.deadLinks }

    /// A file that is evaluated, by one of the paths that lead to it.
    private struct Program {
        var file: SourceFile
        /// As it is written, links included: what its own imports are seen from by go-jsonnet.
        var name: String
    }

    /// The paths by which one file was visited.
    private struct Visits {
        var names: Set<String> = []
        /// Of the name with the fewest directories, which the same `../..` takes out of the repository first.
        var depth = Int.max
    }

    /// - Parameters:
    ///   - libraries: Directories that the settings name.
    ///   - application: What these are relative to.
    init(directory: String, libraries: [String] = [], of application: String = "") {
        self.directory = directory
        named = libraries.compactMap {
            RepositoryPath.resolve($0, from: $0.hasPrefix("/") ? "" : application)
        }
    }

    /// Where imports are looked for after the importing file's own directory, the first one first.
    var libraries: [String] {
        let own = named + ["vendor", "lib"].map { RepositoryPath.join(directory, $0) }
        guard let top = directory.split(separator: "/").first else { return own + [""] }
        // From the directory that all environments are in, `../argokit` is beside it, however deep an application lies.
        return own + ["vendor", "lib", String(top), ""]
    }

    mutating func visit(_ files: inout CommitFiles) async throws {
        for entry in try await files.repository.entries(of: files.tree, at: directory, recursive: false)
        where entry.path.hasSuffix(".jsonnet") {
            let path = RepositoryPath.join(directory, entry.path)
            guard let file = try await regular(entry, at: path, &files) else { continue }
            programs.append(file)
        }
        _ = try await files.entry(at: directory)
        var queue = programs.map { Program(file: $0, name: $0.path) }
        while !queue.isEmpty {
            let fresh = queue.filter { isNew($0) }
            queue = []
            try await scan(fresh.map(\.file), files)
            for program in fresh {
                for found in scans[program.file.id] ?? [] {
                    queue += try await follow(found, from: program, &files)
                }
            }
        }
    }

    /// Whether a file is to be visited by this name: by way of links it may have names without end.
    private mutating func isNew(_ program: Program) -> Bool {
        var visits = visits[program.file.path] ?? Visits()
        let depth = program.name.utf8.count { $0 == UInt8(ascii: "/") }
        guard visits.names.count < 8 || depth < visits.depth, visits.names.insert(program.name).inserted
        else { return false }
        visits.depth = min(visits.depth, depth)
        circle.note(program.file.path, as: program.name)
        self.visits[program.file.path] = visits
        return true
    }

    /// Reads what files import, where that is not known from another path to the same content.
    private mutating func scan(_ programs: [SourceFile], _ files: CommitFiles) async throws {
        let fresh = programs.filter { scans[$0.id] == nil }
        let contents = try await files.repository.contents(of: fresh.map(\.id), limit: Self.programLimit)
        for (file, content) in zip(fresh, contents) {
            guard case .bytes(let bytes) = content else {
                let words = "A jsonnet program may have \(Self.programLimit >> 20) MiB; this one has more."
                let origin = ManifestOrigin(file: file.path)
                problems.append(RenderProblem(code: .tooLarge, message: words, origin: origin))
                continue
            }
            let scan = JsonnetImports.scan(bytes)
            usesVariables = usesVariables || scan.usesVariables
            scans[file.id] = scan.imports
        }
    }

    /// Bytes of one program.
    private static let programLimit = 4 << 20

    /// Finds what an import means, and the programs to visit for it.
    ///
    /// What is not found may never be evaluated, so it is left to jsonnet to complain.
    private mutating func follow(
        _ found: JsonnetImports.Import,
        from importer: Program,
        _ files: inout CommitFiles
    ) async throws -> [Program] {
        guard found.isPlain else {
            refuse("An import must name its file on one line and without escapes.", found, importer)
            return []
        }
        guard !found.path.hasPrefix("/") else {
            refuse("The import '\(found.path)' leads out of the repository.", found, importer)
            return []
        }
        var targets: [Program] = []
        let folder = RepositoryPath.parent(of: importer.file.path)
        for reading in JsonnetSearch.Reading.allCases {
            let own = reading == .system ? folder : RepositoryPath.parent(of: importer.name)
            if reading == .written, own == folder, !found.path.contains("..") { continue }
            let outcome = try await search.find(found.path, in: [own] + libraries, reading, &files)
            if let words = outcome.refusal {
                if targets.isEmpty { try await noteSubmodule(found, in: [folder] + libraries, &files) }
                refuse(targets.isEmpty ? words : Self.ambiguous(found, importer), found, importer)
                return []
            }
            guard let file = outcome.file else { continue }
            targets.append(Program(file: file, name: outcome.name))
            if found.kind == .code { circle.note(importOf: file.path, in: importer.file.path) }
            if !RepositoryPath.contains(directory, file.path), !self.files.contains(file) {
                self.files.append(file)
            }
        }
        if targets.isEmpty { try await noteSubmodule(found, in: [folder] + libraries, &files) }
        return found.kind == .code ? targets : []
    }

    /// Notes when an import leads into a submodule that is not there; jsonnet only says that it found nothing.
    private mutating func noteSubmodule(
        _ found: JsonnetImports.Import,
        in folders: [String],
        _ files: inout CommitFiles
    ) async throws {
        guard let lost = try await search.lostSubmodule(found.path, in: folders, &files),
            !absent.contains(where: { $0.path == lost.path })
        else { return }
        absent.append(lost)
    }

    /// What one jsonnet program finds in the repository, and another would look for outside.
    private static func ambiguous(_ found: JsonnetImports.Import, _ importer: Program) -> String {
        "The import '\(found.path)' goes up from behind a link (this file was imported as \(importer.name)), which leads "
            + "out of the repository for programs that do not follow the link first. Name the file by its whole path."
    }

    private mutating func refuse(_ words: String, _ found: JsonnetImports.Import, _ importer: Program) {
        let origin = ManifestOrigin(file: importer.file.path, line: found.line)
        let problem = RenderProblem(code: .unreadable, message: words, origin: origin)
        if !problems.contains(problem) { problems.append(problem) }
    }

    private mutating func regular(
        _ entry: TreeEntry,
        at path: String,
        _ files: inout CommitFiles
    ) async throws -> SourceFile? {
        switch entry.kind {
        case .file, .executable: return SourceFile(path: path, id: entry.id)
        case .directory, .submodule: return nil
        case .symlink:
            guard case .file(_, let target) = try await files.follow(linkAt: path) else { return nil }
            return SourceFile(path: path, id: target.id)
        }
    }
}
