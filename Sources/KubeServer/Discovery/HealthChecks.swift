import KubeModel

/// `/healthz`, `/livez` and `/readyz`, with a path below for each check.
///
/// A cluster listens only once its database is open and its definitions are served, so that whatever can be asked is
/// well; what is listed is what that says.
enum HealthChecks {
    private static let common = [
        "ping", "log", "etcd", "poststarthook/crd-informer-synced", "poststarthook/rbac/bootstrap-roles",
        "poststarthook/scheduling/bootstrap-system-priority-classes",
    ]
    private static let checks: [(endpoint: String, names: [String])] = [
        ("healthz", common), ("livez", common),
        ("readyz", common + ["etcd-readiness", "informer-sync", "shutdown"]),
    ]

    static var paths: [String] { checks.flatMap { check in check.names.map { "/\(check.endpoint)/\($0)" } } }

    /// - Parameter excluded: Checks that the client does not care for.
    /// - Returns: `nil` for a check that is not there.
    static func answer(_ endpoint: String, check: String, isVerbose: Bool, excluded: [String]) -> String? {
        let names = checks.first { $0.endpoint == endpoint }?.names ?? []
        guard check.isEmpty else { return names.contains(check) ? "ok" : nil }
        guard isVerbose else { return "ok" }
        var text = ""
        let unknown = excluded.filter { !names.contains($0) }
        if !unknown.isEmpty {
            let list = unknown.map(\.goQuoted).joined(separator: ",")
            text += "warn: some health checks cannot be excluded: no matches for \(list)\n"
        }
        for name in names { text += "[+]\(name) \(excluded.contains(name) ? "excluded: ok" : "ok")\n" }
        return text + "\(endpoint) check passed\n"
    }
}

extension APIServer {
    func health(_ request: ServerRequest, _ segments: [String]) -> ServerResponse {
        let excluded = request.query.filter { $0.name == "exclude" }.map(\.value)
        let text = HealthChecks.answer(
            segments[0],
            check: segments.dropFirst().joined(separator: "/"),
            isVerbose: request.query.contains { $0.name == "verbose" },
            excluded: excluded
        )
        return text.map { .text($0) } ?? Self.pageNotFound
    }
}
