extension FakeFleet {
    /// Repositories of one host ask for signed webhooks.
    nonisolated func webhookSecrets(of repositories: [String]) -> Set<String> {
        repositories.contains { $0.contains("signed.example") } ? ["hook-secret"] : []
    }
}
