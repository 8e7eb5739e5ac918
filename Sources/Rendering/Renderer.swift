package import GitSource
import KubeModel
package import Logging

/// Makes manifests of directories, remembering results by the content of the files that were read.
///
/// Reading, parsing and running tools happen off the actor, which only keeps what is remembered; requests that want the
/// same content at the same time share one rendering. Few external tools run at once, and tenants share them.
package actor Renderer {
    /// Where a rendering was asked for, whichever the commit.
    private struct Place: Hashable {
        var repository: String
        var path: String
        var namespace: String
        var clusterName: String
        var capabilities: ClusterCapabilities?
        var network: ToolNetwork?
    }

    /// By reference: it is in both tables, and large.
    private final class Remembered: Sendable {
        let rendering: Rendering
        var cost: Int { rendering.manifests.count + 4 }
        init(_ rendering: Rendering) { self.rendering = rendering }
    }

    private static let restAfterTimeout = Duration.seconds(300)

    private let bench: Bench
    /// Enough of a tenant's to keep its tools busy, and fewer than any caller has hands.
    private var tools = ToolQueue(limit: 4)
    private let flights = SingleFlight<RenderKey, Rendering>()
    /// The last rendering of each place: most commits change nothing for it.
    private var latest = RecentlyUsed<Place, Remembered>(limit: 200_000, cost: \.cost)
    /// What took too long, and until when it is not tried again: others want the tools, too.
    private var tooSlow: [RenderKey: (rendering: Rendering, end: ContinuousClock.Instant)] = [:]
    /// Renderings by content, whichever the place.
    private var results = RecentlyUsed<RenderKey, Remembered>(limit: 200_000, cost: \.cost)

    /// - Parameters:
    ///   - scratch: Where files are laid out for external tools.
    ///   - tools: Where `kubectl`, `kustomize`, `jsonnet`, `helm` are, besides `PATH`.
    ///   - forwarder: The program that has ``ToolForwarder`` as its `tool-network`; without it no tool gets a network.
    package init(
        scratch: String,
        tools: [String] = [],
        forwarder: String? = nil,
        logger: Logger? = nil
    ) {
        bench = Bench(
            sandbox: Sandbox(scratch: scratch, directories: tools, forwarder: forwarder, logger: logger)
        )
    }

    init(sandbox: Sandbox, limits: RenderLimits = RenderLimits()) {
        bench = Bench(sandbox: sandbox, limits: limits)
    }

    /// Renders a directory.
    ///
    /// Problems with the files are in the result; what is thrown is a failure to read the repository.
    ///
    /// A directory that is not in the commit is a ``GitError`` `noSuchObject`. Problems that may pass by themselves (a
    /// tool that is missing or took too long) are not remembered.
    /// - Throws: ``ToolsBusy`` only to who comes back.
    package func render(_ request: RenderRequest) async throws -> Rendering {
        let place = Place(
            repository: request.repository.url,
            path: request.path,
            namespace: request.namespace,
            clusterName: request.clusterName,
            capabilities: request.capabilities,
            network: request.network
        )
        if request.fetching == .anew {
            let job = try await bench.prepare(request)
            let bench = bench
            let rendering = try await atTools(job) { try await Self.aside { try await bench.render(job) } }
            remember(rendering, job.key, place)
            return rendering
        }
        if let last = latest[place]?.rendering,
            try await isCurrent(last, at: request.commit, in: request.repository)
        {
            return last
        }
        let job = try await bench.prepare(request)
        if let known = results[job.key] {
            latest[place] = known
            return known.rendering
        }
        if let slow = tooSlow[job.key] {
            if slow.end > .now { return slow.rendering }
            tooSlow[job.key] = nil
        }
        let (bench, flights) = (bench, flights)
        let rendering = try await atTools(job) {
            try await flights.run(job.key, joining: .current) {
                try await Self.aside { try await bench.render(job) }
            }
        }
        remember(rendering, job.key, place)
        return rendering
    }

    /// Parsing and laying out files may take long: never on a thread that carries requests.
    private static func aside(_ work: sending () async throws -> Rendering) async throws -> Rendering {
        try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
    }

    /// Does what a job needs a tool for as one of its tenant's; the others at once.
    private func atTools(
        _ job: RenderJob,
        _ work: @Sendable () async throws -> Rendering
    ) async throws -> Rendering {
        guard job.needsTool else { return try await work() }
        let request = job.request
        if case .comesBack(let wake) = request.queueing, !tools.hasRoom(for: request.tenant) {
            tools.comeBack(request.tenant, "\(request.clusterName)/\(request.path)", wake)
            throw ToolsBusy(tenant: request.tenant)
        }
        tools.enter(request.tenant)
        request.whenAtTools()
        defer { for wake in tools.leave(request.tenant) { wake() } }
        return try await work()
    }

    private func remember(_ rendering: Rendering, _ key: RenderKey, _ place: Place) {
        if rendering.isLasting {
            let remembered = Remembered(rendering)
            latest[place] = remembered
            results[key] = remembered
        } else if rendering.problems.contains(where: { $0.code == .timedOut }) {
            tooSlow = tooSlow.filter { $0.value.end > .now }
            tooSlow[key] = (rendering, .now + Self.restAfterTimeout)
        }
    }

    /// The settings of a directory; `nil` when they cannot be used.
    package nonisolated func settings(_ request: RenderRequest) async throws -> ApplicationSettings? {
        try await bench.settings(request)
    }

    /// Whether a rendering made at another commit is still right at this one: every input has the same id.
    ///
    /// Costs a lookup per input in trees that are mostly in memory; one for a directory of plain files.
    package nonisolated func isCurrent(
        _ rendering: Rendering,
        at commit: Commit,
        in repository: GitRepository
    ) async throws -> Bool {
        guard rendering.isLasting, !rendering.inputs.isEmpty else { return false }
        return try await isCurrent(rendering.inputs, at: commit, in: repository)
    }

    /// Whether a directory would be rendered from the same content at another commit; renders nothing, and reads no more than
    /// what names other files.
    package func isSame(_ request: RenderRequest, at commit: Commit) async throws -> Bool {
        let inputs = try await bench.prepare(request).key.inputs
        return try await isCurrent(inputs, at: commit, in: request.repository)
    }

    private nonisolated func isCurrent(
        _ inputs: [String: ObjectID],
        at commit: Commit,
        in repository: GitRepository
    ) async throws -> Bool {
        for (path, id) in inputs {
            let entry = try await repository.resolvedEntry(of: commit.tree, at: path)
            guard entry?.id ?? .absent == id else { return false }
            if entry == nil, try await isBehindNewLink(path, inputs, commit.tree, repository) { return false }
        }
        return true
    }

    /// Whether a directory above a path that was looked at has become a link, behind which nobody looked.
    private nonisolated func isBehindNewLink(
        _ path: String,
        _ inputs: [String: ObjectID],
        _ tree: ObjectID,
        _ repository: GitRepository
    ) async throws -> Bool {
        var place = RepositoryPath.parent(of: path)
        while !place.isEmpty {
            if let entry = try await repository.entry(of: tree, at: place) {
                return entry.kind == .symlink && inputs[place] == nil
            }
            place = RepositoryPath.parent(of: place)
        }
        return false
    }
}

extension Rendering {
    /// Whether the same files would give the same result again.
    var isLasting: Bool { !problems.contains { [.toolMissing, .timedOut, .unreachable].contains($0.code) } }
}
