package import Delivery
package import KubeModel

/// Makes plans of commits before they are merged, and keeps them for those who follow a link.
package protocol PlanDesk: Sendable {
    /// - Parameter bundle: A `git bundle` of the commits that the repository does not have; empty for none.
    /// - Throws: `PreviewError`.
    func plan(_ request: PreviewRequest, bundle: [UInt8]) async throws -> JSON
    /// A plan that was made; `nil` if it is no longer kept.
    func plan(_ id: String) -> JSON?
    /// Summaries, newest first.
    func plans(repository: String?, commit: String?) async -> [JSON]
    /// What is known of a repository, for those who bring only what is missing.
    func branches(of repositories: [String], tenant: String?) async throws -> JSON
}
