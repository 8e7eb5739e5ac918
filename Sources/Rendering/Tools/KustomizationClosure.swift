import GitSource
import KubeModel

/// The directories a kustomization needs: its own and, through `resources` and the like, those of its bases and components.
///
/// kustomize reads files only below the directory of the kustomization that names them, so a directory as a whole is
/// all that its kustomization can depend on.
struct KustomizationClosure {
    static let fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    private(set) var directories: [String] = []
    /// Files named from outside their directory: kustomize refuses them, and should see them to say so.
    private(set) var files: [SourceFile] = []
    /// Links to directories on the way to bases, which kustomize follows by itself.
    private(set) var links: [CommitFiles.FoundLink] = []
    private(set) var problems: [RenderProblem] = []
    /// Whether something is to be fetched that the tenant may have.
    private(set) var isRemote = false
    private let documents: DocumentCache
    private let network: ToolNetwork?

    init(documents: DocumentCache, network: ToolNetwork?) {
        self.documents = documents
        self.network = network
    }

    /// Follows the kustomization of a directory, and what it refers to.
    mutating func visit(_ directory: String, _ files: inout CommitFiles) async throws {
        guard !directories.contains(directory), directories.count < 1_000 else { return }
        directories.append(directory)
        guard let top = try await files.entry(at: directory), top.kind == .directory else { return }
        for name in Self.fileNames {
            let path = RepositoryPath.join(directory, name)
            guard let entry = try await files.repository.entry(of: files.tree, at: path) else { continue }
            try await read(SourceFile(path: path, id: entry.id), &files)
        }
    }

    /// What is laid out and read: without the directories that lie in others.
    var topDirectories: [String] {
        directories.filter { directory in
            !directories.contains { $0 != directory && RepositoryPath.contains($0, directory) }
        }
    }

    private mutating func read(_ file: SourceFile, _ files: inout CommitFiles) async throws {
        guard
            case .bytes(let bytes)? = try await files.repository.contents(of: [file.id], limit: 1 << 20).first
        else {
            return refuse("This kustomization has over 1 MiB.", file.path, .tooLarge)
        }
        let kustomization: JSON
        switch documents.parse(bytes, id: file.id) {
        case .success(let documents): kustomization = documents.first?.value ?? [:]
        case .failure(let error):
            let origin = ManifestOrigin(file: file.path, line: error.line)
            problems.append(RenderProblem(code: .syntax, message: error.message, origin: origin))
            return
        }
        for field in ["helmCharts", "helmChartInflationGenerator"] {
            guard let chart = kustomization[field]?.array?.first else { continue }
            let name = (chart["name"] ?? chart["chartName"])?.string.map { " (\($0))" } ?? ""
            refuse(
                "'\(field)'\(name) is not supported: kustomize runs no other program while rendering. Put the chart into the repository, "
                    + "in a directory that is an application of its own, or commit what it renders.",
                file.path,
                .unreadable
            )
        }
        for reference in KustomizationReference.all(in: kustomization) {
            try await follow(reference, of: file.path, &files)
        }
    }

    private mutating func follow(
        _ reference: KustomizationReference,
        of file: String,
        _ files: inout CommitFiles
    ) async throws {
        let directory = RepositoryPath.parent(of: file)
        let named = RepositoryPath.resolve(reference.text, from: directory)
        let path = try await withoutLinks(named, &files)
        // What is there as a path is a path, whatever it looks like; kustomize sees it so, too.
        let entry: TreeEntry? = if let path { try await files.entry(at: path) } else { nil }
        guard let path, let entry else {
            if reference.isRemote {
                guard let refusal = network.refusal(of: reference.text, asking: "kustomize") else {
                    isRemote = true
                    return
                }
                return refuse(
                    "'\(reference.text)' under \(reference.field) is not in this repository, and \(refusal)",
                    file,
                    .unreachable
                )
            }
            guard let path else {
                return refuse(
                    "'\(reference.text)' under \(reference.field) leads out of the repository.",
                    file,
                    .unreadable
                )
            }
            guard reference.mustExist else { return }
            if let lost = try await files.lostSubmodule(around: path) { return refuse(reference, lost, file) }
            return refuse("'\(reference.text)' under \(reference.field) does not exist.", file, .unreadable)
        }
        switch entry.kind {
        case .directory: if reference.mayBeDirectory { try await visit(path, &files) }
        case .submodule:
            if let lost = try await files.lostSubmodule(around: path) { refuse(reference, lost, file) }
        case .symlink: break
        case .file, .executable:
            if !RepositoryPath.contains(directory, path) {
                self.files.append(SourceFile(path: path, id: entry.id))
            }
        }
    }

    /// The place of a base that is named by way of links; the path itself where it is not.
    private mutating func withoutLinks(
        _ path: String?,
        _ files: inout CommitFiles
    ) async throws -> String? {
        guard let path, let real = try await files.realPath(path), !real.links.isEmpty,
            try await files.repository.resolvedEntry(of: files.tree, at: real.path)?.kind == .directory
        else { return path }
        links += real.links.filter { !links.contains($0) }
        return real.path
    }

    /// It is tried again: submodules are often pushed after what names them.
    private mutating func refuse(
        _ reference: KustomizationReference,
        _ lost: (path: String, reason: String),
        _ file: String
    ) {
        refuse(
            "'\(reference.text)' under \(reference.field) cannot be found: \(lost.path) is \(lost.reason).",
            file,
            .unreachable
        )
    }

    private mutating func refuse(_ message: String, _ file: String, _ code: RenderProblem.Code) {
        problems.append(RenderProblem(code: code, message: message, origin: ManifestOrigin(file: file)))
    }
}
