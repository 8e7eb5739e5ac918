import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import Rendering
import Synchronization

extension ReconcilePass {
    /// Makes the objects of the newest commit, or says why there are none; what was good before stays until they are allowed.
    mutating func readRevision(at commit: Commit, _ lane: ClusterLane) async throws {
        let epoch = environment.policyEpoch.value
        let repository = await environment.watcher.repository(inputs.source.repository)
        let fetchesAnew =
            inputs.fetchesAnew && (progress.rendered?.renderings.contains { $0.isFetched } ?? true)
        if inputs.fetchesAnew { cell.inputs.withLock { $0.fetchesAnew = false } }
        if !fetchesAnew, let rejected = progress.rejected, rejected.commit.id == commit.id,
            rejected.policyEpoch == epoch,
            rejected.retryAt.map({ now < $0 }) ?? true
        {
            return
        }
        var candidate: RenderedRevision
        if !fetchesAnew, !inputs.isBroughtBack, var known = progress.rendered,
            try await isCurrent(known, at: commit, repository)
        {
            known.commit = commit
            known.trees = inputs.trees
            progress.rendered = known
            if progress.desiredKey == key(of: known, epoch) {
                progress.rejected = nil
                if !progress.isResolved, now >= progress.resolveAt { await resolve(lane) }
                return
            }
            candidate = known
        } else {
            guard let rendered = try await render(at: commit, repository, epoch) else { return }
            candidate = rendered
        }
        let hasGoodSettings = !candidate.renderings.contains { $0.settingsProblem != nil }
        if !hasGoodSettings, let good = progress.lastGoodSettings {
            for index in candidate.renderings.indices { candidate.renderings[index].settings = good }
        }
        let desired = try await desiredObjects(of: candidate, lane)
        let refusals = await refusals(of: desired).filter { $0.severity == .error }
        guard refusals.isEmpty else {
            reject(candidate.revision, at: commit, refusals, retryAfter: nil, epoch)
            return
        }
        progress.rejected = nil
        progress.rendered = candidate
        progress.desired = desired
        progress.desiredKey = key(of: candidate, epoch)
        if hasGoodSettings { progress.lastGoodSettings = candidate.settings }
        // A commit that brings old files back is a commit of its own.
        progress.restored = nil
        if inputs.isBroughtBack {
            inputs.isBroughtBack = false
            cell.inputs.withLock { $0.isBroughtBack = false }
        }
        progress.resolveAttempts = 0
        noteUnresolved()
    }

    /// Goes on with what was delivered before a restart, while its repository cannot be read: from the mirror, of a commit that
    /// is trusted still.
    ///
    /// - Returns: Whether it is there.
    mutating func useRecorded() async -> Bool {
        guard inputs.sourceFinding != nil, let recorded = progress.snapshot.applied,
            case .directory(let path) = inputs.source.layout
        else { return false }
        let repository = await environment.watcher.repository(inputs.source.repository)
        do {
            let commit = try await repository.commit(ObjectID(recorded.commit))
            try await repository.verify(commit, on: inputs.source.branch)
            guard let tree = try await repository.entry(of: commit.tree, at: path) else { return false }
            (inputs.commit, inputs.trees) = (commit, [tree.id])
            return true
        } catch {
            // Why the repository cannot be read is said already.
            return false
        }
    }

    private func key(of rendered: RenderedRevision, _ epoch: Int) -> Progress.DesiredKey {
        Progress.DesiredKey(commit: rendered.revision.commit, trees: rendered.trees, policyEpoch: epoch)
    }

    private func isCurrent(
        _ known: RenderedRevision,
        at commit: Commit,
        _ repository: GitRepository
    ) async throws -> Bool {
        if let told = known.capabilities, let lane = environment.lanes[id.cluster],
            let now = await lane.facts.capabilities(of: lane.client), now != told
        {
            return false
        }
        if known.commit.id == commit.id { return true }
        guard known.trees == inputs.trees else { return false }
        guard known.readsOutside else { return true }
        for rendering in known.renderings {
            guard try await environment.renderer.isCurrent(rendering, at: commit, in: repository) else {
                return false
            }
        }
        return true
    }

    mutating func reject(
        _ revision: ApplicationSnapshot.Revision,
        at commit: Commit,
        _ findings: [Finding],
        retryAfter: Duration?,
        _ epoch: Int
    ) {
        let attempts = progress.rejected?.commit.id == commit.id ? (progress.rejected?.attempts ?? 0) + 1 : 0
        progress.rejected = RejectedRevision(
            revision: revision,
            commit: commit,
            trees: inputs.trees,
            findings: findings,
            retryAt: retryAfter == nil ? nil : now + Backoff().delay(attempt: attempts).seconds,
            attempts: attempts,
            policyEpoch: epoch
        )
    }

    // MARK: Rendering

    private mutating func render(
        at commit: Commit,
        _ repository: GitRepository,
        _ epoch: Int
    ) async throws
        -> RenderedRevision?
    {
        let seenAt = inputs.seenAt ?? now
        let revision = try await revision(at: commit, repository)
        var rendered = RenderedRevision(
            revision: revision,
            commit: commit,
            trees: inputs.trees,
            renderings: [],
            readsOutside: false,
            seenAt: seenAt,
            renderedAt: seenAt
        )
        switch inputs.source.layout {
        case .directory(let path):
            let rendering = try await render(path, commit, repository)
            guard rendering.problems.isEmpty else {
                let isTransient = rendering.problems.contains { $0.mayPass }
                let findings = rendering.problems.map { Finding($0, since: now) }
                reject(revision, at: commit, findings, retryAfter: isTransient ? .seconds(5) : nil, epoch)
                return nil
            }
            if let failed = progress.rejected, failed.trees == inputs.trees, failed.commit.id != commit.id {
                // The directory itself is as it was: what it reads elsewhere was mended by this commit.
                rendered.revision = ApplicationSnapshot.Revision(commit)
            }
            rendered.findings = rendering.notes.map { note in
                var finding = Finding(note, since: now)
                finding.severity = .info
                return finding
            }
            rendered.renderings = [rendering]
            rendered.readsOutside = rendering.inputs.keys.contains { $0 != path && !$0.hasPrefix(path + "/") }
        case .files(let directories):
            for directory in directories
            where try await repository.entry(of: commit.tree, at: directory) != nil {
                var rendering = try await render(directory, commit, repository)
                let broken = Set(rendering.problems.map { $0.origin?.file ?? directory })
                rendering.manifests.removeAll {
                    broken.contains($0.origin.file) || broken.contains(directory)
                }
                rendered.brokenFiles.formUnion(broken)
                rendered.findings += rendering.problems.map { Finding($0, since: now) }
                rendered.renderings.append(rendering)
            }
            if rendered.renderings.isEmpty { rendered.renderings = [Rendering(tool: .directory)] }
        }
        rendered.renderedAt = now
        return rendered
    }

    private mutating func render(
        _ path: String,
        _ commit: Commit,
        _ repository: GitRepository
    ) async throws -> Rendering {
        var request = RenderRequest(
            repository: repository,
            commit: commit,
            path: path,
            namespace: inputs.source.isPlatform ? "" : id.namespace,
            clusterName: id.cluster
        )
        (request.tenant, request.queueing) = (id.tenant, queueing)
        if case .comesBack = queueing, progress.snapshot.sync == .unknown, progress.rendered == nil {
            request.whenAtTools = { [environment, progress] in
                var snapshot = progress.snapshot
                snapshot.message = ["Its manifests are being made.", progress.beforeRestart]
                    .compactMap(\.self).joined(separator: " ")
                environment.board.publish(.application(snapshot))
            }
        }
        request.lastGood = progress.lastGoodSettings
        if !inputs.source.isPlatform { request.network = await environment.policy.network(of: id.tenant) }
        if inputs.fetchesAnew { request.fetching = .anew }
        if let lane = environment.lanes[id.cluster] {
            request.capabilities = await lane.facts.capabilities(of: lane.client)
        }
        let rendering = try await environment.renderer.render(request)
        guard request.lastGood == nil, let file = settingsProblem(of: rendering)?.origin?.file,
            let good = try await earlierSettings(request, file)
        else { return rendering }
        progress.lastGoodSettings = good
        // What is remembered of these files was made without them.
        (request.lastGood, request.fetching, request.queueing) = (good, .anew, .waits)
        return try await environment.renderer.render(request)
    }

    private func settingsProblem(of rendering: Rendering) -> RenderProblem? {
        rendering.settingsProblem ?? rendering.problems.first { $0.code == .settings }
    }

    /// The settings of the newest commit whose settings were good; this process has not seen any.
    private func earlierSettings(
        _ request: RenderRequest,
        _ file: String
    ) async throws -> ApplicationSettings? {
        var earlier = request
        do {
            for _ in 0..<Self.settingsTried {
                let change = try await request.repository.lastChange(of: file, from: earlier.commit)
                guard let parent = change.parents.first else { return nil }
                earlier.commit = try await request.repository.commit(parent)
                if let good = try await environment.renderer.settings(earlier) { return good }
            }
        } catch is GitError {
            // The history ends here, or is not in a shallow mirror.
        }
        return nil
    }

    /// How many earlier versions of bad settings are looked at for good ones.
    private static let settingsTried = 20

    /// The newest commit that changed this application.
    private func revision(
        at commit: Commit,
        _ repository: GitRepository
    ) async throws -> ApplicationSnapshot.Revision {
        let isOutsideChange =
            !inputs.isBroughtBack && (progress.rendered.map { $0.trees == inputs.trees } ?? false)
        if isOutsideChange { return ApplicationSnapshot.Revision(commit) }
        if !inputs.isBroughtBack, let restored = progress.restored, restored.trees == inputs.trees {
            return restored.revision
        }
        guard case .directory(let path) = inputs.source.layout else {
            return ApplicationSnapshot.Revision(commit)
        }
        let change = try await repository.lastChange(of: path, from: commit)
        return try await repository.isBeginning(change)
            ? ApplicationSnapshot.Revision(atOrBefore: change) : ApplicationSnapshot.Revision(change)
    }
}

extension ApplicationSnapshot.Revision {
    init(_ commit: Commit) {
        self.init(
            commit: commit.id.hex,
            author: commit.author,
            subject: commit.subject,
            time: Double(commit.time)
        )
    }

    /// Some commit that is not in the mirror, or the oldest one that is: whose it was cannot be said.
    init(atOrBefore commit: Commit) {
        self.init(commit)
        author = ""
        subject = "(changed at or before this commit; the history before it is not mirrored)"
    }

    /// Seven digits, for people.
    var short: String { String(commit.prefix(7)) }
}

extension RenderProblem {
    /// Whether the same files may be rendered later.
    var mayPass: Bool {
        switch code {
        case .toolMissing, .toolFailed, .timedOut, .unreadable, .unreachable: true
        case .syntax, .notAnObject, .duplicate, .settings, .tooLarge: false
        }
    }
}

extension Finding {
    init(_ problem: RenderProblem, since: Double) {
        self.init(
            code: problem.code == .settings ? .settingsInvalid : .renderFailed,
            message: problem.message,
            origin: problem.origin?.description,
            since: since
        )
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
