import ArgumentParser
import KubeModel

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until applications are synced and healthy, or until the server is ready.",
        discussion: """
              varde wait --ready            the server, even before it is started
              varde wait kart-hello         even before its commit is seen
              varde wait kart/dev.kart-web --revision $(git rev-parse HEAD)
                                            the state after this very commit, which
                                            must be one that changes the application

            Without --synced or --healthy it waits for both. Scripts are sure with the
            whole name. Exit code 3: the time was over; what is missing is said.
            """
    )

    @Argument(
        help: ArgumentHelp("<tenant>/<cluster>.<namespace>, or any unambiguous part of it.", valueName: "app")
    )
    var applications: [ApplicationReference] = []

    @Flag(help: "Wait for the server itself.")
    var ready = false

    @Flag(help: "Wait until all is applied as the commit says.")
    var synced = false

    @Flag(help: "Wait until every object is healthy.")
    var healthy = false

    @Option(
        help: ArgumentHelp(
            "Wait until this commit is applied (at least seven digits of its id).",
            valueName: "commit"
        )
    )
    var revision: String?

    @Option(help: ArgumentHelp("How long to wait.", valueName: "duration"))
    var timeout = DurationArgument("60s", .seconds(60))

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if applications.isEmpty, !ready {
            throw ValidationError("Say which applications to wait for, or --ready to wait for the server.")
        }
        if let revision, revision.count < 7 || !revision.allSatisfy(\.isHexDigit) {
            throw ValidationError(
                "--revision needs at least seven digits of a commit id, such as `git rev-parse HEAD` prints."
            )
        }
    }

    func run() async throws {
        let limit = timeout.duration
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        if ready { try await waitForServer(until: deadline) }
        guard !applications.isEmpty else { return }
        let goal = WaitGoal(isSynced: synced || !healthy, isHealthy: healthy || !synced, revision: revision)
        try await server.withServer { server in
            try await wait(for: goal, at: server, limit: max(.zero, deadline - clock.now))
        }
    }

    private func waitForServer(until deadline: ContinuousClock.Instant) async throws {
        var pause = Duration.milliseconds(100)
        while true {
            do {
                _ = try await server.withServer { try await $0.get("/api/v1/version", timeout: .seconds(2)) }
                return
            } catch let failure as CommandFailure {
                guard ContinuousClock.now + pause < deadline else {
                    throw CommandFailure(
                        .timedOut,
                        "Not ready after \(timeout.text): \(failure.message)",
                        advice: failure.advice
                    )
                }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 3 / 2, .milliseconds(500))
        }
    }

    private func wait(for goal: WaitGoal, at server: Server, limit: Duration) async throws {
        var list = ApplicationList()
        var lost: CommandFailure?
        var live = LiveTable(of: "APPLICATION", vanishing: .silent)
        defer { live.finish() }
        try await server.follow(limit: limit) { signal in
            switch signal {
            case .connected:
                list = ApplicationList(try await server.get("/api/v1/applications"))
                lost = nil
            case .event(let event): _ = list.apply(event)
            case .lost(let failure): lost = failure
            case .tick: break
            case .deadline:
                throw Self.timedOut(
                    try goal.check(applications, in: list),
                    lost,
                    after: timeout.text
                )
            }
            let rows = try goal.check(applications, in: list)
            live.show(rows.map(\.row), title: lost.map { "\($0.message) Trying again." } ?? goal.description)
            return lost == nil && rows.allSatisfy(\.isReached) ? .done : .more
        }
    }

    private static func timedOut(
        _ rows: [WaitGoal.Standing],
        _ lost: CommandFailure?,
        after time: String
    ) -> CommandFailure {
        if let lost {
            return CommandFailure(
                .timedOut,
                "Not reached after \(time): \(lost.message)",
                advice: lost.advice
            )
        }
        let missing = rows.filter { !$0.isReached }.map(\.row)
        return CommandFailure(
            .timedOut,
            "Not reached after \(time):",
            advice: missing.map {
                "\($0.key): \($0.state.word)\($0.message.isEmpty ? "" : ", \($0.message)")"
            }
        )
    }
}
