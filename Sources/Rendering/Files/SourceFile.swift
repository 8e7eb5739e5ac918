import GitSource

/// A file to be read or laid out.
struct SourceFile: Sendable, Hashable {
    /// From the repository's root; for a link, its own path.
    var path: String
    /// The content; for a link, of the file it leads to.
    var id: ObjectID
}

/// The files below a directory, and what there is besides files.
struct SourceListing: Sendable {
    var files: [SourceFile] = []
    /// Links out of the repository and names that reach elsewhere: never harmless.
    var problems: [RenderProblem] = []
    /// Links to directories, links to nothing, submodules: with the reason why they are not read.
    var leftOut: [LeftOut] = []

    struct LeftOut: Sendable {
        enum Kind { case directory, nothing, submodule }
        var path: String
        var kind: Kind
        var reason: String
    }

    static func += (left: inout Self, right: Self) {
        left.files += right.files
        left.problems += right.problems
        left.leftOut += right.leftOut
    }
}

extension CommitFiles {
    /// All files below a directory.
    ///
    /// Links to files are followed within the repository, others are not.
    mutating func listing(of directory: String) async throws -> SourceListing {
        var listing = SourceListing()
        for entry in try await repository.entries(of: tree, at: directory, recursive: true) {
            let path = RepositoryPath.join(directory, entry.path)
            guard RepositoryPath.isSafe(path) else {
                listing.problems.append(
                    RenderProblem(
                        code: .unreadable,
                        message: "This name is not allowed.",
                        origin: ManifestOrigin(file: path)
                    )
                )
                continue
            }
            switch entry.kind {
            case .directory: continue
            case .file, .executable: listing.files.append(SourceFile(path: path, id: entry.id))
            case .submodule:
                let reason = await repository.problem(ofSubmodule: entry.id) ?? "its commit was not found"
                listing.leftOut.append(
                    .init(
                        path: path,
                        kind: .submodule,
                        reason: "a submodule that could not be read: \(reason)"
                    )
                )
            case .symlink: try await add(linkAt: path, to: &listing)
            }
        }
        return listing
    }

    private mutating func add(linkAt path: String, to listing: inout SourceListing) async throws {
        switch try await follow(linkAt: path) {
        case .file(_, let target): listing.files.append(SourceFile(path: path, id: target.id))
        case .directory(let target):
            let reason = "a link to the directory '\(target)', and links to directories are not followed"
            listing.leftOut.append(.init(path: path, kind: .directory, reason: reason))
        case .nothing:
            listing.leftOut.append(.init(path: path, kind: .nothing, reason: "a link that leads nowhere"))
        case .outside(let target):
            listing.problems.append(
                RenderProblem(
                    code: .unreadable,
                    message: "This link leads out of the repository (to \(target)).",
                    origin: ManifestOrigin(file: path)
                )
            )
        }
    }
}

/// What one rendering may read.
struct RenderLimits: Sendable {
    var fileSize = 32 << 20
    var fileCount = 10_000
    var totalSize = 100 << 20
}

extension GitRepository {
    /// Reads files, and hands each to `take`; the problems are files that are too large, or too many.
    ///
    /// In slices, so that little is in memory at a time.
    nonisolated func read(
        _ files: [SourceFile],
        limits: RenderLimits,
        _ take: (SourceFile, [UInt8]) throws -> Void
    ) async throws -> [RenderProblem] {
        guard files.count <= limits.fileCount else {
            return [
                RenderProblem(
                    code: .tooLarge,
                    message: "There are \(files.count) files to read; the limit is \(limits.fileCount)."
                )
            ]
        }
        var problems: [RenderProblem] = []
        var total = 0
        for start in stride(from: 0, to: files.count, by: 128) {
            let slice = files[start..<min(start + 128, files.count)]
            let contents = try await contents(of: slice.map(\.id), limit: limits.fileSize)
            for (file, content) in zip(slice, contents) {
                switch content {
                case .bytes(let bytes):
                    total += bytes.count
                    try take(file, bytes)
                case .tooLarge(let size):
                    let message =
                        "This file has \(size >> 20) MiB; the limit is \(limits.fileSize >> 20) MiB."
                    problems.append(
                        RenderProblem(
                            code: .tooLarge,
                            message: message,
                            origin: ManifestOrigin(file: file.path)
                        )
                    )
                }
            }
            guard total <= limits.totalSize else {
                let message = "The files to read have over \(limits.totalSize >> 20) MiB together."
                return problems + [RenderProblem(code: .tooLarge, message: message)]
            }
        }
        return problems
    }
}
