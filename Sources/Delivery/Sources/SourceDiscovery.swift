import GitSource
import KubeRuntime
import Logging
import Synchronization

/// Finds applications: which directories the repositories' newest commits have, and which of these changed.
///
/// Keeps no state of applications itself: it tells their cells, and wakes those whose content changed.
actor SourceDiscovery {
    nonisolated let queue = WorkQueue<WatchedBranch>(
        backoff: Backoff(first: .seconds(2), limit: .seconds(60))
    )
    private let environment: DeliveryEnvironment
    private(set) var sources: [TenantSource] = []
    private(set) var platforms: [PlatformSource] = []
    private(set) var observations: [WatchedBranch: Result<Commit, GitError>] = [:]

    init(_ environment: DeliveryEnvironment) { self.environment = environment }

    func setSources(_ new: [TenantSource]) async {
        // The order decides when two sources have the same directory.
        sources = Array(Set(new)).sorted {
            ($0.tenant, $0.repository, $0.branch, $0.root) < ($1.tenant, $1.repository, $1.branch, $1.root)
        }
        for cell in environment.registry.all { markUndeclared(cell) }
        await watch()
    }

    func addPlatform(_ platform: PlatformSource) async {
        platforms.removeAll { $0.id == platform.id }
        platforms.append(platform)
        await watch()
    }

    private func watch() async {
        let branches = Set(sources.map(\.watchedBranch) + platforms.map(\.watchedBranch))
        observations = observations.filter { branches.contains($0.key) }
        await environment.watcher.watch(branches)
        for branch in branches where observations[branch] != nil { queue.enqueue(branch) }
    }

    func observed(_ observation: RepositoryWatcher.Observation) {
        let branch = WatchedBranch(repository: observation.repository, branch: observation.branch)
        observations[branch] = observation.result
        queue.enqueue(branch)
    }

    var failures: [WatchedBranch: String] {
        observations.reduce(into: [:]) { failures, observation in
            guard case .failure(let error) = observation.value else { return }
            failures[observation.key] = error.sentence(about: observation.key)
        }
    }

    /// What cannot be read of a source; told to all its applications.
    private func unreadable(_ branch: WatchedBranch, _ error: GitError) {
        let finding = Finding(
            severity: error.code == .unanswered ? .warning : .error,
            code: .sourceUnreadable,
            message: error.sentence(about: branch),
            since: environment.now()
        )
        for platform in platforms where platform.watchedBranch == branch {
            // There is always one to tell this to, even if nothing could ever be read.
            _ = environment.registry.cell(platform.id) {
                ApplicationCell(id: platform.id, source: platform.layout, now: environment.now())
            }
        }
        for cell in cells(of: branch) { tell(cell, finding) }
    }

    /// Tells an application that its directory cannot be read, and wakes it when that is news.
    private func tell(_ cell: ApplicationCell, _ finding: Finding) {
        let isNews = cell.inputs.withLock { inputs in
            defer { inputs.sourceFinding = finding }
            return inputs.sourceFinding?.message != finding.message
        }
        if isNews { environment.wake(cell.id) }
    }

    private func cells(of branch: WatchedBranch) -> [ApplicationCell] {
        environment.registry.all.filter { cell in
            cell.inputs.withLock {
                $0.source.repository == branch.repository && $0.source.branch == branch.branch
            }
        }
    }

    private func markUndeclared(_ cell: ApplicationCell) {
        guard !platforms.contains(where: { $0.id == cell.id }) else { return }
        let declared = sources.contains { source in
            source.tenant == cell.id.tenant
                && cell.inputs.withLock { inputs in
                    inputs.source.repository == source.repository && inputs.source.branch == source.branch
                        && inputs.source.path == source.path(cell.id.cluster, cell.id.namespace)
                }
        }
        let changed = cell.inputs.withLock { inputs in
            guard !declared, inputs.presence != .undeclared else { return false }
            inputs.presence = .undeclared
            return true
        }
        if changed { environment.wake(cell.id) }
        // Verdicts may have changed with the tenants.
        if declared { environment.wake(cell.id) }
    }
}

// MARK: Looking at a branch

extension SourceDiscovery: Reconciler {
    func reconcile(_ branch: WatchedBranch) async throws -> ReconcileResult {
        switch observations[branch] {
        case nil: return .settled
        case .failure(let error):
            unreadable(branch, error)
            return .settled
        case .success(let commit):
            do {
                let repository = await environment.watcher.repository(branch.repository)
                var looks: [Look] = []
                for source in sources where source.watchedBranch == branch {
                    let listing = try await source.listing(of: commit, in: repository)
                    // The tenants may have changed meanwhile.
                    guard sources.contains(source) else { continue }
                    looks.append(Look(source: source, listing: listing))
                }
                found(looks, commit)
                for platform in platforms where platform.watchedBranch == branch {
                    try await found(platform, commit, repository)
                }
                // A submodule may be read later; no commit tells of that.
                return looks.contains { !$0.listing.closed.isEmpty } ? .again(after: .seconds(15)) : .settled
            } catch let error as GitError {
                unreadable(branch, error)
                throw error
            }
        }
    }

    /// What a commit has of one source.
    private struct Look {
        var source: TenantSource
        var listing: SourceListing
    }

    /// Tells applications below a cluster's directory that cannot be looked into that they are kept.
    private func keep(_ look: Look, _ commit: Commit) {
        guard !look.listing.closed.isEmpty else { return }
        for cell in cells(of: look.source.watchedBranch) where cell.id.tenant == look.source.tenant {
            let path = cell.inputs.withLock { $0.source.path }
            guard look.listing.closing(path) != nil else { continue }
            let words =
                "In commit \(commit.id.short) the directory of its cluster is a link, or a submodule that could not be read: what "
                + "runs is kept."
            let now = environment.now()
            tell(
                cell,
                Finding(severity: .error, code: .sourceUnreadable, message: words, origin: path, since: now)
            )
        }
    }

    private func found(_ looks: [Look], _ commit: Commit) {
        // Before anything is told: what is new with this commit, and what it no longer has.
        let new = looks.flatMap(\.listing.directories).filter { isNew($0.id) }
        var vanished: [(cell: ApplicationCell, look: Look)] = []
        for look in looks {
            vanished += vanishedCells(of: look).map { ($0, look) }
        }
        let moves = Burials.moves(
            of: vanished.map { ($0.cell.id, $0.cell.inputs.withLock { $0.trees }) },
            to: new.map { ($0.id, [$0.tree]) }
        )
        for look in looks {
            keep(look, commit)
            for directory in look.listing.directories {
                let layout = ApplicationSource(
                    repository: look.source.repository,
                    branch: look.source.branch,
                    layout: .directory(directory.path)
                )
                update(directory.id, layout, trees: [directory.tree], commit)
            }
        }
        bury(vanished.map(\.cell), moves, commit)
    }

    private func isNew(_ id: ApplicationID) -> Bool {
        guard let cell = environment.registry[id] else { return true }
        return cell.inputs.withLock { $0.presence != .present }
            && cell.progress.withLock { $0.snapshot.applied == nil }
    }

    /// Applications of a source whose directories were there, and are not.
    private func vanishedCells(of look: Look) -> [ApplicationCell] {
        let source = look.source
        let present = Set(look.listing.directories.map(\.id))
        return environment.registry.all.filter { cell in
            guard cell.id.tenant == source.tenant, !present.contains(cell.id) else { return false }
            return cell.inputs.withLock { inputs in
                guard inputs.source.repository == source.repository, inputs.source.branch == source.branch,
                    inputs.source.path == source.path(cell.id.cluster, cell.id.namespace),
                    look.listing.closing(inputs.source.path) == nil
                else { return false }
                inputs.sourceFinding = nil
                switch inputs.presence {
                case .present, .unknown, .undeclared: return true
                case .vanished: return false
                }
            }
        }
    }

    private func bury(
        _ vanished: [ApplicationCell],
        _ moves: [ApplicationID: ApplicationID],
        _ commit: Commit
    ) {
        // Directories that never came to anything do not count: nothing of theirs can be lost. Those that were moved go
        // only when they are well elsewhere.
        let delivered = vanished.filter { moves[$0.id] == nil && $0.hasDelivered }
        let commitID = commit.id.hex
        let (time, offset) = (environment.now(), environment.clockOffset)
        let tombstones = Burials.tombstones(delivered.map(\.id), commit: commitID, now: time)
        for cell in vanished {
            var tombstone = tombstones[cell.id] ?? Tombstone(since: time, commit: commitID, isHeld: false)
            tombstone.successor = moves[cell.id]
            let final = tombstone
            cell.inputs.withLock { inputs in
                inputs.presence = .vanished(final)
                inputs.tombstoneOffset = offset
                inputs.commit = commit
                inputs.trees = []
            }
            environment.wake(cell.id)
            environment.records.enqueue(cell.id)
        }
    }

    private func found(_ platform: PlatformSource, _ commit: Commit, _ repository: GitRepository) async throws
    {
        var trees: [ObjectID] = []
        for directory in platform.directories {
            trees.append(try await repository.entry(of: commit.tree, at: directory)?.id ?? ObjectID(""))
        }
        update(platform.id, platform.layout, trees: trees, commit)
    }

    /// Tells an application what its directory is now, and wakes it when that is news.
    private func update(_ id: ApplicationID, _ source: ApplicationSource, trees: [ObjectID], _ commit: Commit)
    {
        enum Answer { case wake, quiet, again }
        while true {
            let cell = environment.registry.cell(id) {
                ApplicationCell(id: id, source: source, now: environment.now())
            }
            let looksFurther = cell.progress.withLock { progress in
                progress.rejected != nil || progress.rendered?.readsOutside ?? true
            }
            let answer = cell.inputs.withLock { inputs -> Answer in
                if inputs.isForgotten { return .again }
                if inputs.presence == .present, inputs.source != source,
                    isDeclared(inputs.source, for: id), inputs.source.repository < source.repository
                {
                    return .quiet
                }
                let isNews =
                    inputs.presence != .present || inputs.trees != trees || inputs.source != source
                    || inputs.sourceFinding != nil || inputs.commit == nil
                let mayMatter = inputs.commit?.id != commit.id && looksFurther
                if isNews || mayMatter { inputs.seenAt = environment.now() }
                if inputs.presence.isVanished { inputs.isBroughtBack = true }
                inputs.presence = .present
                inputs.source = source
                inputs.trees = trees
                inputs.commit = commit
                inputs.sourceFinding = nil
                return isNews || mayMatter ? .wake : .quiet
            }
            switch answer {
            case .wake: return environment.wake(id)
            case .quiet: return
            case .again: continue
            }
        }
    }

    private func isDeclared(_ source: ApplicationSource, for id: ApplicationID) -> Bool {
        sources.contains {
            $0.tenant == id.tenant && $0.repository == source.repository && $0.branch == source.branch
                && $0.path(id.cluster, id.namespace) == source.path
        }
    }
}

extension GitError {
    /// The sentence, with the repository and the branch where it does not name them itself.
    fileprivate func sentence(about branch: WatchedBranch) -> String {
        let place = RepositoryLocation(branch.repository).display
        let name =
            branch.branch.isEmpty || branch.branch == "HEAD"
            ? "the default branch" : "branch \(branch.branch)"
        if message.contains(place) {
            return message.contains(branch.branch) ? message : "For \(name): \(message)"
        }
        return "\(place), \(name): \(message)"
    }
}

extension PlatformSource {
    var watchedBranch: WatchedBranch { WatchedBranch(repository: repository, branch: branch) }
    var layout: ApplicationSource {
        ApplicationSource(repository: repository, branch: branch, layout: .files(directories))
    }
}
