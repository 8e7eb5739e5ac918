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

    /// What becomes of links to directories.
    enum FolderLinks { case leftOut, followed }

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
    /// Links to files are followed within the repository; those to directories only if `links` says so, and what they lead
    /// to is listed below the link.
    mutating func listing(
        of directory: String,
        links: SourceListing.FolderLinks = .leftOut
    ) async throws -> SourceListing {
        var walk = ListingWalk(links: links)
        try await list(directory, as: directory, [directory], &walk)
        return walk.listing
    }

    private struct ListingWalk {
        let links: SourceListing.FolderLinks
        var listing = SourceListing()
        /// Links to directories that may still be followed: they may multiply.
        var left = 200

        mutating func refuse(_ message: String, _ path: String) {
            let origin = ManifestOrigin(file: path)
            listing.problems.append(RenderProblem(code: .unreadable, message: message, origin: origin))
        }

        mutating func leaveOut(_ path: String, _ kind: SourceListing.LeftOut.Kind, _ reason: String) {
            listing.leftOut.append(SourceListing.LeftOut(path: path, kind: kind, reason: reason))
        }
    }

    /// - Parameters:
    ///   - shown: Where the directory is found, which is somewhere else than where it is when a link leads to it.
    ///   - outer: The directories that are being listed, this one included.
    private mutating func list(
        _ directory: String,
        as shown: String,
        _ outer: [String],
        _ walk: inout ListingWalk
    ) async throws {
        for entry in try await repository.entries(of: tree, at: directory, recursive: true) {
            let path = RepositoryPath.join(shown, entry.path)
            guard RepositoryPath.isSafe(path) else {
                walk.refuse("This name is not allowed.", path)
                continue
            }
            switch entry.kind {
            case .directory: continue
            case .file, .executable: walk.listing.files.append(SourceFile(path: path, id: entry.id))
            case .submodule:
                let reason = await repository.absence(ofSubmodule: entry.id)
                walk.leaveOut(path, .submodule, "a submodule that could not be read: \(reason)")
            case .symlink:
                let place = RepositoryPath.join(directory, entry.path)
                try await add(linkAt: place, as: path, outer, &walk)
            }
        }
    }

    private mutating func add(
        linkAt place: String,
        as path: String,
        _ outer: [String],
        _ walk: inout ListingWalk
    ) async throws {
        switch try await follow(linkAt: place) {
        case .file(_, let target): walk.listing.files.append(SourceFile(path: path, id: target.id))
        case .directory(let target) where walk.links == .followed:
            guard !outer.contains(target), !RepositoryPath.contains(target, place) else {
                return walk.refuse("This link leads in a circle (to '\(target)').", path)
            }
            guard try await entry(at: target)?.kind == .directory else {
                return walk.leaveOut(
                    path,
                    .submodule,
                    "a link to '\(target)', a submodule that could not be read"
                )
            }
            walk.left -= 1
            guard walk.left >= 0 else {
                // Once is enough to say.
                if walk.left == -1 { walk.refuse("There are more than 200 links to directories.", path) }
                return
            }
            try await list(target, as: path, outer + [target], &walk)
        case .directory(let target):
            let reason = "a link to the directory '\(target)', and links to directories are not followed"
            walk.leaveOut(path, .directory, reason)
        case .nothing: walk.leaveOut(path, .nothing, "a link that leads nowhere")
        case .outside(let target):
            walk.refuse("This link leads out of the repository (to \(target)).", path)
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
