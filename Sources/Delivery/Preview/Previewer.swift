import Crypto
import Foundation
import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import Rendering
import Synchronization

/// Makes one ``Preview``: finds the applications of two commits, and plans those that differ.
struct Previewer: Sendable {
    let environment: DeliveryEnvironment
    let discovery: SourceDiscovery
    let request: PreviewRequest
    let scratch: String

    /// One application as the commit has it, and as the branch has it.
    struct Candidate: Sendable {
        var id: ApplicationID
        var source: ApplicationSource
        /// What its directories are in the commit; empty when it is gone.
        var trees: [ObjectID]
        /// The same on the branch; empty when it is new.
        var baseTrees: [ObjectID]
        var head: Commit
        var base: Commit
    }

    private static let atOnce = 4

    func preview() async throws -> Preview {
        let url = try await discovery.repository(like: request.repositories, tenant: request.tenant)
        let repository = await environment.watcher.repository(url)
        do {
            try await repository.fetch()
        } catch let error as GitError where request.bundle != nil {
            // What the caller brought may rest on what was fetched before.
            _ = error
        }
        let found = request.bundle == nil ? try await repository.find(request.revision) : nil

        let name = UUID().uuidString.lowercased()
        let directory = "\(scratch)/plan-\(name).git"
        defer { try? FileManager.default.removeItem(atPath: directory) }  // Removed at the next start.
        let overlay = try await repository.overlay(
            at: directory,
            url: "plan://\(name)",
            bundle: request.bundle
        )
        let head: Commit = if let found { found } else { try await overlay.find(request.revision) }
        await environment.watcher.lend(overlay)
        do {
            let preview = try await preview(of: head, url, repository, overlay)
            await environment.watcher.takeBack(overlay.url)
            return preview
        } catch {
            await environment.watcher.takeBack(overlay.url)
            throw error
        }
    }

    private func preview(
        of head: Commit,
        _ url: String,
        _ repository: GitRepository,
        _ overlay: GitRepository
    ) async throws -> Preview {
        let delivered = await discovery.delivered(from: url)
        try check(delivered, url)
        var bases: [String: Commit] = [:]
        var heads: [String: Commit] = [:]
        for branch in delivered.branches where request.against.map({ isSame(branch, $0) }) ?? true {
            try await compare(head, with: branch, as: branch, repository, overlay, &bases, &heads)
        }
        if let against = request.against, bases.isEmpty {
            // A branch that nobody delivers from: what the sources would have of it.
            for branch in delivered.branches {
                try await compare(head, with: against, as: branch, repository, overlay, &bases, &heads)
            }
        }
        var candidates: [Candidate] = []
        for source in delivered.sources {
            guard let head = heads[source.branch], let base = bases[source.branch] else { continue }
            candidates += try await self.candidates(source, head, base, overlay)
        }
        let moves = moves(in: candidates)
        for platform in delivered.platforms {
            guard let head = heads[platform.branch], let base = bases[platform.branch] else { continue }
            candidates.append(try await candidate(platform, head, base, overlay))
        }
        if let tenant = request.tenant { candidates.removeAll { $0.id.tenant != tenant } }
        if let cluster = request.cluster {
            candidates.removeAll { $0.id.cluster != cluster }
            try check(cluster, isNamed: !candidates.isEmpty)
        }
        var applications = try await plans(of: candidates.sorted { $0.id < $1.id }, moves, overlay)
        // What was only brought along has no place where a signature could be checked.
        let doubts = request.bundle == nil ? await doubts(about: head, delivered, repository) : [:]
        for place in applications.indices {
            guard let tenant = applications[place]?.id.tenant, let doubt = doubts[tenant] else { continue }
            applications[place]?.notes.append(doubt)
        }
        return Preview(
            id: identifier(url, head, bases),
            repository: RepositoryLocation(url).display,
            reference: request.name ?? request.revision,
            revision: ApplicationSnapshot.Revision(head),
            bases: bases.mapValues(\.id.hex),
            isMerged: heads.values.contains { $0.tree != head.tree },
            madeAt: environment.now(),
            applications: applications.compactMap(\.self),
            unchanged: applications.count { $0 == nil }
        )
    }

    /// By tenant, why this very commit would not be delivered, signed as it is.
    ///
    /// Merged, it may be another one.
    private func doubts(
        about head: Commit,
        _ delivered: SourceDiscovery.Delivered,
        _ repository: GitRepository
    ) async -> [String: String] {
        do {
            try await repository.verify(head, on: request.name ?? request.revision)
            return [:]
        } catch let error as GitError where error.code == .unverified {
            let tenants = delivered.sources.filter { $0.repository == repository.url }.map(\.tenant)
            return tenants.reduce(into: [:]) { $0[$1] = error.message }
        } catch {
            // The sync says it when it comes to that.
            return [:]
        }
    }

    /// A tenant that is misspelt would have an empty plan, which looks like a good one.
    private func check(_ delivered: SourceDiscovery.Delivered, _ url: String) throws {
        guard let tenant = request.tenant else { return }
        let tenants = Set(delivered.sources.map(\.tenant) + delivered.platforms.map(\.id.tenant))
        guard !tenants.contains(tenant) else { return }
        throw PreviewError(
            code: .unknownTenant,
            message: "Tenant \(tenant) delivers nothing from \(RepositoryLocation(url).display); "
                + "\(tenants.sorted().joined(separator: ", ")) does."
        )
    }

    /// - Parameter isNamed: Whether an application of the repository is meant for it, which need not exist then.
    private func check(_ cluster: String, isNamed: Bool) throws {
        guard !isNamed, let known = environment.lanes.expected, !known.contains(cluster) else { return }
        throw PreviewError(
            code: .unknownCluster,
            message: "There is no cluster \(cluster); there are \(known.sorted().joined(separator: ", "))."
        )
    }

    /// What the branch would be once the commit is merged into it.
    private func compare(
        _ head: Commit,
        with reference: String,
        as branch: String,
        _ repository: GitRepository,
        _ overlay: GitRepository,
        _ bases: inout [String: Commit],
        _ heads: inout [String: Commit]
    ) async throws {
        let base = try await repository.resolve(reference)
        var merged = head
        merged.tree = try await overlay.mergedTree(of: head, onto: base)
        (bases[branch], heads[branch]) = (base, merged)
    }

    private func isSame(_ branch: String, _ asked: String) -> Bool {
        branch == asked || "refs/heads/\(branch)" == asked || ["", "HEAD"].contains(branch)
    }

    private func identifier(_ url: String, _ head: Commit, _ bases: [String: Commit]) -> String {
        // A commit made of an uncommitted work tree is another one each time; its tree is not.
        let parts =
            [
                url, request.bundle == nil ? head.id.hex : head.tree.hex, request.tenant ?? "",
                request.cluster ?? "",
            ]
            + ["\(request.scope)"] + bases.keys.sorted()
        return SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).prefix(8)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: Applications

    private func candidates(
        _ source: TenantSource,
        _ head: Commit,
        _ base: Commit,
        _ overlay: GitRepository
    ) async throws -> [Candidate] {
        var found: [ApplicationID: Candidate] = [:]
        func candidate(_ directory: SourceDirectory) -> Candidate {
            let layout = ApplicationSource(
                repository: overlay.url,
                branch: source.branch,
                layout: .directory(directory.path)
            )
            return found[directory.id]
                ?? Candidate(
                    id: directory.id,
                    source: layout,
                    trees: [],
                    baseTrees: [],
                    head: head,
                    base: base
                )
        }
        for directory in try await source.listing(of: base, in: overlay).directories {
            found[directory.id] = candidate(directory)
            found[directory.id]?.baseTrees = [directory.tree]
        }
        let listing = try await source.listing(of: head, in: overlay)
        for directory in listing.directories {
            found[directory.id] = candidate(directory)
            found[directory.id]?.trees = [directory.tree]
        }
        for (id, known) in found where known.trees.isEmpty {
            // What cannot be looked into is not gone.
            found[id]?.trees = listing.closing(source.path(id.cluster, id.namespace)).map { [$0] } ?? []
        }
        return Array(found.values)
    }

    private func candidate(
        _ platform: PlatformSource,
        _ head: Commit,
        _ base: Commit,
        _ overlay: GitRepository
    ) async throws -> Candidate {
        var layout = platform.layout
        layout.repository = overlay.url
        func trees(_ commit: Commit) async throws -> [ObjectID] {
            var trees: [ObjectID] = []
            for directory in platform.directories {
                trees.append(
                    try await overlay.entry(of: commit.tree, at: directory)?.id ?? ObjectID("")
                )
            }
            return trees
        }
        return Candidate(
            id: platform.id,
            source: layout,
            trees: try await trees(head),
            baseTrees: try await trees(base),
            head: head,
            base: base
        )
    }

    /// The plans in the order of the candidates; `nil` for applications that stay as they are.
    private func plans(
        of candidates: [Candidate],
        _ moves: Moves,
        _ overlay: GitRepository
    ) async throws -> [ApplicationPreview?] {
        let gone = Dictionary(
            grouping: candidates.filter { $0.trees.isEmpty && moves.targets[$0.id] == nil }.map(\.id)
        ) { [$0.tenant, $0.cluster] }
        return try await withThrowingTaskGroup(of: (Int, ApplicationPreview?).self) { group in
            var results = [ApplicationPreview?](repeating: nil, count: candidates.count)
            for (index, candidate) in candidates.enumerated() {
                if index >= Self.atOnce, let (place, result) = try await group.next() {
                    results[place] = result
                }
                let vanishing = gone[[candidate.id.tenant, candidate.id.cluster]] ?? []
                group.addTask {
                    let pass = PreviewPass(
                        environment: environment,
                        candidate: candidate,
                        repository: overlay,
                        scope: request.scope,
                        vanishing: vanishing,
                        moves: moves
                    )
                    return (index, try await pass.preview())
                }
            }
            for try await (place, result) in group { results[place] = result }
            CommitEffects.settle(&results)
            return results
        }
    }
}
