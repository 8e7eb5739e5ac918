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
    private var visited: Set<String> = []

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
        return directory.isEmpty ? own + [""] : own + ["vendor", "lib", ""]
    }

    /// Where jsonnet looks for what a file imports, in this order.
    private func bases(of importer: SourceFile) -> [String] {
        [RepositoryPath.parent(of: importer.path)] + libraries
    }

    mutating func visit(_ files: inout CommitFiles) async throws {
        for entry in try await files.repository.entries(of: files.tree, at: directory, recursive: false)
        where entry.path.hasSuffix(".jsonnet") {
            let path = RepositoryPath.join(directory, entry.path)
            guard let file = try await regular(entry, at: path, &files) else { continue }
            programs.append(file)
        }
        _ = try await files.entry(at: directory)
        var queue = programs
        while !queue.isEmpty {
            let fresh = queue.filter { visited.insert($0.path).inserted }
            queue = []
            let contents = try await files.repository.contents(of: fresh.map(\.id), limit: Self.programLimit)
            for (file, content) in zip(fresh, contents) {
                guard case .bytes(let bytes) = content else {
                    let words =
                        "A jsonnet program may have \(Self.programLimit >> 20) MiB; this one has more."
                    let origin = ManifestOrigin(file: file.path)
                    problems.append(RenderProblem(code: .tooLarge, message: words, origin: origin))
                    continue
                }
                let scan = JsonnetImports.scan(bytes)
                usesVariables = usesVariables || scan.usesVariables
                for found in scan.imports {
                    let target = try await locate(found, from: file, &files)
                    if target == nil { try await note(found, from: file, files) }
                    if let words = refusal(of: found, from: file, target: target) {
                        let origin = ManifestOrigin(file: file.path, line: found.line)
                        problems.append(RenderProblem(code: .unreadable, message: words, origin: origin))
                    }
                    guard let target else { continue }
                    if found.kind == .code { queue.append(target) }
                }
            }
        }
    }

    /// Bytes of one program.
    private static let programLimit = 4 << 20

    /// Why a program with this import is not evaluated; `nil` if jsonnet can look for it nowhere but in the repository.
    private func refusal(
        of found: JsonnetImports.Import,
        from importer: SourceFile,
        target: SourceFile?
    ) -> String? {
        guard found.isPlain else {
            return "An import must name its file on one line and without escapes."
        }
        let away = "The import '\(found.path)' leads out of the repository."
        guard !found.path.hasPrefix("/"),
            RepositoryPath.resolve(found.path, from: RepositoryPath.parent(of: importer.path)) != nil
        else { return away }
        // Jsonnet goes on to the libraries until it finds something, and from each the same path may lead out.
        for base in bases(of: importer) {
            guard let path = RepositoryPath.resolve(found.path, from: base) else {
                return target == nil ? "The import '\(found.path)' is not in this repository." : away
            }
            if path == target?.path { return nil }
        }
        return nil
    }

    /// The file that an import means.
    ///
    /// What is not found may never be evaluated, so it is left to jsonnet to complain.
    private mutating func locate(
        _ found: JsonnetImports.Import,
        from importer: SourceFile,
        _ files: inout CommitFiles
    ) async throws -> SourceFile? {
        guard found.isPlain, !found.path.hasPrefix("/") else { return nil }
        for base in bases(of: importer) {
            guard let path = RepositoryPath.resolve(found.path, from: base), !path.isEmpty else { continue }
            guard let entry = try await files.entry(at: path),
                let file = try await regular(entry, at: path, &files)
            else { continue }
            if !RepositoryPath.contains(directory, path), !self.files.contains(file) {
                self.files.append(file)
            }
            return file
        }
        return nil
    }

    /// Notes when an import leads into a submodule that is not there; jsonnet only says that it found nothing.
    private mutating func note(
        _ found: JsonnetImports.Import,
        from importer: SourceFile,
        _ files: CommitFiles
    ) async throws {
        guard found.isPlain, !found.path.hasPrefix("/") else { return }
        for base in bases(of: importer) {
            guard let path = RepositoryPath.resolve(found.path, from: base),
                let lost = try await files.lostSubmodule(around: path)
            else { continue }
            if !absent.contains(where: { $0.path == lost.path }) { absent.append(lost) }
            return
        }
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
            guard case .file(_, let target) = try await files.follow(entry, at: path) else { return nil }
            return SourceFile(path: path, id: target.id)
        }
    }
}
