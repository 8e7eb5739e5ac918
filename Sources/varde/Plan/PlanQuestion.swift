import ControlPlane
import KubeModel

/// Asks a server for a plan; brings it the commits that it does not have.
struct PlanQuestion {
    private let command: PlanCommand
    private let server: Server

    private static let patience = Duration.seconds(600)

    init(_ command: PlanCommand, _ server: Server) {
        self.command = command
        self.server = server
    }

    /// Asks nobody: looks at the clusters of a kubeconfig.
    static func direct(_ command: PlanCommand, _ kubeconfig: String) async throws -> JSON {
        var plan = DirectPlan(kubeconfig: kubeconfig)
        (plan.context, plan.revision, plan.against) = (command.context, command.revision, command.against)
        (plan.tenant, plan.cluster, plan.all) = (command.tenant, command.cluster, command.all)
        let direct = plan
        do {
            guard isURL(command.repo) else { return try await direct.plan(of: try await work(command.repo)) }
            return try await LocalWork.withClone(of: command.repo) { try await direct.plan(of: $0) }
        } catch let error as UpError {
            throw CommandFailure(.local, error.message)
        }
    }

    private static func work(_ path: String) async throws -> LocalWork {
        guard let work = try await LocalWork(path: path) else {
            throw CommandFailure(
                .local,
                "There is no Git repository at \(path).",
                advice: ["Name a clone or a URL with --repo."]
            )
        }
        return work
    }

    func plan() async throws -> JSON {
        do {
            if !Self.isURL(command.repo) {
                let work = try await Self.work(command.repo)
                return try await plan(of: work, spellings: work.spellings)
            }
            do {
                return try await ask(repository: command.repo, revision: command.revision ?? "HEAD")
            } catch let failure as CommandFailure where failure.code == .notFound && command.tenant != nil {
                // A fork, perhaps: it is planned as if it were pushed to the tenant's repository.
                return try await LocalWork.withClone(of: command.repo) {
                    try await plan(of: $0, spellings: [])
                }
            }
        } catch let error as UpError {
            throw CommandFailure(.local, error.message)
        }
    }

    private func plan(of work: LocalWork, spellings: [String]) async throws -> JSON {
        var query = spellings.map { "repository=\(Server.escape($0))" }
        if let tenant = command.tenant { query.append("tenant=\(Server.escape(tenant))") }
        let base = try await server.get("/api/v1/plan-base?" + query.joined(separator: "&"))
        let repository = base["repository"]?.string ?? ""
        let known = (base["branches"]?.object ?? [:]).compactMap { $0.value.string }
        let parcel = try await work.parcel(command.revision.map { .revision($0) } ?? .workTree, known: known)
        guard !parcel.bundle.isEmpty else {
            return try await ask(repository: repository, revision: parcel.commit, name: parcel.name)
        }
        var words = ["repository=\(Server.escape(repository))", "revision=plan"]
        for (key, value) in question(name: parcel.name) { words.append("\(key)=\(Server.escape(value))") }
        return try await post("?" + words.joined(separator: "&"), parcel.bundle, "application/x-git-bundle")
    }

    /// Asks for a plan, and again while others' plans are being made: several pipelines at once are usual.
    ///
    /// - Throws: ``CommandFailure`` `busy` after ``patience``; any other failure at once.
    private func post(_ query: String, _ bytes: [UInt8], _ type: String) async throws -> JSON {
        let end = ContinuousClock.now + Self.patience
        var isSaid = false
        while true {
            do {
                return try await server.post(
                    "/api/v1/plans" + query,
                    bytes: bytes,
                    type: type,
                    timeout: Self.patience
                )
            } catch let failure as CommandFailure where failure.code == .busy && ContinuousClock.now < end {
                if !isSaid { Terminal.printError("Other plans are being made; waits its turn.") }
                isSaid = true
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500)))
            }
        }
    }

    private func ask(repository: String, revision: String, name: String? = nil) async throws -> JSON {
        var body: JSON = ["repository": .string(repository), "revision": .string(revision)]
        for (key, value) in question(name: name) { body[key] = .string(value) }
        return try await post("", body.encoded(), "application/json")
    }

    private func question(name: String?) -> [(String, String)] {
        let pairs = [
            ("against", command.against), ("tenant", command.tenant), ("cluster", command.cluster),
            ("scope", command.all ? "all" : nil), ("name", name),
        ]
        return pairs.compactMap { key, value in value.map { (key, $0) } }
    }

    /// `https://…`, or `git@host:path`.
    private static func isURL(_ text: String) -> Bool {
        if text.contains("://") { return true }
        guard let colon = text.firstIndex(of: ":") else { return false }
        return !text[..<colon].contains("/")
    }
}
