/// Submodules: their objects are brought into the repository's own mirror, where a commit's tree finds them by id.
extension GitRepository {
    private static let depth = 4
    private static let most = 50

    /// The tree of a submodule's commit, if the mirror has it.
    func tree(ofSubmodule commit: ObjectID) async throws -> ObjectID? {
        if let known = submoduleTrees[commit] { return known }
        guard case .found(let id, .tree, _)? = try await objects([commit.hex + "^{tree}"]).first else {
            submoduleTrees[commit] = .some(nil)
            return nil
        }
        submoduleTrees[commit] = id
        return id
    }

    /// What went wrong when a submodule was fetched; `nil` when nothing did.
    package func problem(ofSubmodule commit: ObjectID) -> String? {
        if let known = submoduleProblems[commit] { return known }
        // Who may plan does not make Varde read other repositories.
        return base == nil ? nil : "submodules of commits that are not pushed are not fetched for a plan"
    }

    /// Why a submodule is not there, in words.
    package func absence(ofSubmodule commit: ObjectID) -> String {
        problem(ofSubmodule: commit) ?? "its commit was not found"
    }

    /// Fetches what the newest commits of all branches have as submodules.
    ///
    /// A submodule that cannot be read harms only what reads it: it is noted, and tried again by the next fetch.
    func fetchSubmodules(
        _ references: RemoteReferences,
        _ choice: RepositoryAccess.Submodules,
        _ mirror: Mirror
    ) async {
        submoduleTrees = submoduleTrees.count > 20_000 ? [:] : submoduleTrees.filter { $0.value != nil }
        submoduleProblems = [:]
        mayFetchSubmodules = false
        guard case .followed(let hosts) = choice else { return }
        var visited: Set<ObjectID> = []
        for id in references.tips {
            await fetchSubmodules(of: id, at: location.url, hosts, mirror, depth: 0, &visited)
        }
    }

    private func fetchSubmodules(
        of commit: ObjectID,
        at url: String,
        _ hosts: Set<String>,
        _ mirror: Mirror,
        depth: Int,
        _ visited: inout Set<ObjectID>
    ) async {
        guard depth < Self.depth, visited.count < Self.most, !visited.contains(commit),
            let tree = try? await self.tree(ofSubmodule: commit),
            let file = try? await entry(of: tree, at: ".gitmodules"), file.kind == .file,
            case .bytes(let bytes)? = try? await contents(of: [file.id], limit: 1 << 18).first
        else { return }
        visited.insert(commit)
        for module in SubmoduleFile.modules(in: String(decoding: bytes, as: UTF8.self)) {
            guard let entry = try? await entry(of: tree, at: module.path), entry.kind == .submodule else {
                continue
            }
            let place = SubmoduleURL.resolve(module.url, from: url)
            guard let place, SubmoduleURL.isAllowed(place, from: location.url, hosts: hosts) else {
                let shown = RepositoryLocation(place ?? module.url).display
                submoduleProblems[entry.id] =
                    "its URL \(shown) is not on the repository's own host, nor on one that the tenant allows"
                continue
            }
            if (try? await self.tree(ofSubmodule: entry.id)) == nil {
                await fetch(entry.id, from: place, mirror)
            }
            await fetchSubmodules(of: entry.id, at: place, hosts, mirror, depth: depth + 1, &visited)
        }
    }

    private func fetch(_ commit: ObjectID, from url: String, _ mirror: Mirror) async {
        var mirror = mirror
        if !Redirection.isSameServer(url, mirror.address) {
            // Credentials are for the repository's own server.
            mirror.access = RepositoryAccess()
        }
        do {
            do {
                try await mirror.fetch(objects: [commit.hex], from: url)
            } catch let error as GitError where error.code == .toolFailed || error.code == .notARepository {
                // Servers of old give no commits that are not asked for by a branch's name.
                let place = "refs/submodules/\(commit.short)"
                try await mirror.fetch(objects: ["+refs/heads/*:\(place)/*"], from: url)
            }
            submoduleTrees[commit] = nil
            guard try await tree(ofSubmodule: commit) != nil else {
                submoduleProblems[commit] =
                    "commit \(commit.short) is not in \(RepositoryLocation(url).display)"
                // It may be pushed after what names it.
                mayFetchSubmodules = true
                return
            }
        } catch {
            submoduleProblems[commit] = "\(error)"
            mayFetchSubmodules = true
        }
    }
}
