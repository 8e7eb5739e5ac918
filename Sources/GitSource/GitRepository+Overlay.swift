import FoundationEssentials

extension GitRepository {
    /// A throwaway repository that reads this one's objects, and can have some of its own: what is to be tried leaves nothing
    /// here.
    ///
    /// - Parameters:
    ///   - directory: Must not exist; the caller removes it.
    ///   - bundle: A file that `git bundle` made; its objects are checked, its branches are the overlay's.
    package func overlay(
        at directory: String,
        url: String,
        bundle: String? = nil
    ) async throws -> GitRepository {
        let (base, _) = try open()
        guard base.exists else {
            throw GitError(code: .noSuchObject, message: "\(displayURL) has not been fetched yet.")
        }
        var access = RepositoryAccess()
        access.submodules = .ignored
        access.checksObjects = true
        var mirror = try Mirror(location: RepositoryLocation(url), directory: directory, access: access)
        let configuration = (try? String(contentsOfFile: self.directory + "/config", encoding: .utf8)) ?? ""
        try await mirror.create(format: configuration.lowercased().contains("sha256") ? "sha256" : "sha1")
        do {
            let alternates = self.directory + "/objects\n"
            try Data(alternates.utf8)
                .write(to: URL(fileURLWithPath: directory + "/objects/info/alternates"))
            if base.isShallow {
                try FileManager.default.copyItem(
                    atPath: self.directory + "/shallow",
                    toPath: directory + "/shallow"
                )
            }
        } catch {
            throw GitError(code: .toolFailed, message: "\(directory) cannot be written: \(error)")
        }
        if let bundle {
            mirror.address = bundle
            do {
                try await mirror.fetch(objects: ["+refs/heads/*:refs/heads/*"])
            } catch let error as GitError where error.message.contains("prerequisite") {
                throw GitError(
                    code: .noSuchObject,
                    message: "The commits rest on others that \(displayURL) does not have."
                )
            }
        }
        return GitRepository(url: url, directory: directory, access: access, shownAs: displayURL, base: self)
    }

    /// The commit of a branch, tag or id; asks the server for what the mirror does not have (a pull request's
    /// `refs/pull/7/head`, a commit on no branch).
    package func find(_ revision: String) async throws -> Commit {
        do {
            return try await resolve(revision)
        } catch let error as GitError where error.code == .noSuchBranch {
            let (mirror, _) = try open()
            let isID = ObjectID(revision).isWellFormed
            guard isID || revision.hasPrefix("refs/") else { throw error }
            if isID {
                do { try await mirror.fetch(objects: [revision]) } catch is GitError { throw error }
                return try await commit(ObjectID(revision))
            }
            let listing = String(decoding: try await mirror.list([revision]), as: UTF8.self)
            let line = listing.split(separator: "\n").first { $0.hasSuffix("\t" + revision) }
            guard let id = line?.split(separator: "\t").first else { throw error }
            try await mirror.fetch(objects: [revision])
            return try await commit(ObjectID(String(id)))
        }
    }

    /// The tree of a commit as it would be once merged into another; its own where it rests on that one already.
    ///
    /// - Throws: ``GitError`` `conflict`, naming the files.
    package func mergedTree(of head: Commit, onto base: Commit) async throws -> ObjectID {
        guard head.id != base.id else { return head.tree }
        let (mirror, _) = try open()
        let words = ["--git-dir", directory]
        func git(_ arguments: [String]) async throws -> Command.Outcome {
            try await Command(
                mirror.git.executable,
                words + arguments,
                environment: mirror.git.environment,
                deadline: .seconds(60)
            ).run()
        }
        if try await git(["merge-base", "--is-ancestor", base.id.hex, head.id.hex]).succeeded {
            return head.tree
        }
        if mirror.isShallow, try await !git(["merge-base", base.id.hex, head.id.hex]).succeeded {
            _ = try await completedHistory()
        }
        let merge = try await git(["merge-tree", "--write-tree", "--name-only", base.id.hex, head.id.hex])
        let lines = String(decoding: merge.output, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        switch merge.end {
        case .exited(0): return ObjectID(lines.first.map(String.init) ?? "")
        case .exited(1):
            let files = lines.dropFirst().prefix { !$0.isEmpty }
            let more = files.count > 5 ? ", …" : ""
            throw GitError(
                code: .conflict,
                message: "\(head.id.short) cannot be merged: both sides change "
                    + files.prefix(5).joined(separator: ", ") + more + "."
            )
        default:
            throw GitError(
                code: .conflict,
                message:
                    "\(head.id.short) and \(base.id.short) have no history in common: one of the branches was made anew. "
                    + "Rebase the branch to be planned onto the other one."
            )
        }
    }

    /// The ids of the branches that the mirror has, by name.
    package func branches() async throws -> [String: ObjectID] {
        let (mirror, _) = try open()
        let output = try await mirror.run(
            ["--git-dir", directory, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"],
            deadline: .seconds(20)
        )
        var result: [String: ObjectID] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            result[String(parts[1].dropFirst("refs/heads/".count))] = ObjectID(String(parts[0]))
        }
        return result
    }
}
