import Foundation
import GitSource

extension DeliveryService {
    /// Plans what a commit would do, before it is merged: by the function that syncs use, on what the clusters have now.
    ///
    /// Nothing is written to any cluster; what the clusters themselves would say is asked by dry runs.
    /// - Parameter scratch: Where objects are kept that the repository does not have, for as long as this takes.
    /// - Throws: ``PreviewError`` when there is nothing to plan; what is wrong with single applications is in the result.
    package func preview(_ request: PreviewRequest, scratch: String) async throws -> Preview {
        do {
            return try await Previewer(
                environment: environment,
                discovery: discovery,
                request: request,
                scratch: scratch
            ).preview()
        } catch let error as GitError {
            throw PreviewError(error)
        }
    }

    /// The same without ``run()``: looks at the clusters for as long as the plan takes.
    package func previewOnce(_ request: PreviewRequest, scratch: String) async throws -> Preview {
        let environment = environment
        return try await withThrowingTaskGroup(of: Preview?.self) { group in
            group.addTask {
                try await LaneSupervisor(environment: environment).run()
                return nil
            }
            group.addTask {
                let deadline = ContinuousClock.now + .seconds(20)
                while !(environment.lanes.expected?.isSubset(of: environment.lanes.names) ?? false),
                    ContinuousClock.now < deadline
                {
                    try await Task.sleep(for: .milliseconds(10))
                }
                return try await self.preview(request, scratch: scratch)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// The URL under which a repository is delivered from, for any spelling of it.
    package func deliveredRepository(_ spelling: String) async -> String? {
        await discovery.repository(like: [spelling])
    }

    /// The newest commits that are known of a repository's branches, so that a caller sends only what is missing.
    ///
    /// - Throws: ``PreviewError`` for a repository that nothing is delivered from.
    package func knownBranches(
        of spellings: [String],
        tenant: String? = nil
    ) async throws -> (
        repository: String, branches: [String: String]
    ) {
        let url = try await discovery.repository(like: spellings, tenant: tenant)
        do {
            let branches = try await environment.watcher.repository(url).branches()
            return (url, branches.mapValues(\.hex))
        } catch let error as GitError {
            throw PreviewError(error)
        }
    }
}

extension SourceDiscovery {
    /// Everything that is delivered from a repository.
    struct Delivered: Sendable {
        var sources: [TenantSource]
        var platforms: [PlatformSource]
        var branches: Set<String> { Set(sources.map(\.branch) + platforms.map(\.branch)) }
    }

    func delivered(from url: String) -> Delivered {
        // Tenants may read it from mirrors of their own.
        let plain = RepositoryLocation(url).url
        return Delivered(
            sources: sources.filter { RepositoryLocation($0.repository).url == plain },
            platforms: platforms.filter { RepositoryLocation($0.repository).url == plain }
        )
    }

    func repository(like spellings: [String], of tenant: String? = nil) -> String? {
        let known =
            if let tenant {
                Set(sources.filter { $0.tenant == tenant }.map(\.repository))
            } else {
                Set(sources.map(\.repository) + platforms.map(\.repository))
            }
        for spelling in spellings {
            let identity = RepositoryLocation(spelling).identity
            let same = known.filter { RepositoryLocation($0).identity == identity }
                .sorted { ($0 == spelling ? 0 : 1, $0) < ($1 == spelling ? 0 : 1, $1) }
            // Of the mirrors that tenants have of it, one that can be read.
            if let url = same.first(where: isRead) ?? same.first { return url }
        }
        return nil
    }

    private func isRead(_ repository: String) -> Bool {
        observations.contains { branch, result in
            guard branch.repository == repository, case .success = result else { return false }
            return true
        }
    }

    /// The repository that one of the spellings means, or the only one of a tenant.
    func repository(like spellings: [String], tenant: String?) throws -> String {
        if let tenant, let url = repository(like: spellings, of: tenant) { return url }
        if let url = repository(like: spellings) { return url }
        if let tenant {
            let own = Set(sources.filter { $0.tenant == tenant }.map(\.repository))
            if own.count == 1, let url = own.first { return url }
            throw PreviewError(
                code: .unknownRepository,
                message: own.isEmpty
                    ? "Tenant \(tenant) delivers from no repository."
                    : "Tenant \(tenant) delivers from several repositories; name one of "
                        + own.sorted().map { RepositoryLocation($0).display }.joined(separator: ", ") + "."
            )
        }
        let known = Set(sources.map(\.repository) + platforms.map(\.repository)).sorted()
            .map { RepositoryLocation($0).display }
        let asked = spellings.first.map { RepositoryLocation($0).display } ?? "it"
        throw PreviewError(
            code: .unknownRepository,
            message: "No tenant delivers from \(asked); there "
                + (known.isEmpty
                    ? "is no repository at all."
                    : "are " + known.prefix(10).joined(separator: ", ") + "."
                        + " With --tenant the tenant's repository is taken.")
        )
    }
}
