import ArgumentParser
import KubeModel

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Apply an application again now, and show each object until it is done.",
        discussion: "Varde syncs by itself; this is for when you do not want to wait, or want to watch."
    )

    @OptionGroup var argument: ApplicationArgument
    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("How long to watch; the sync itself goes on.", valueName: "duration"))
    var timeout = DurationArgument("5m", .seconds(300))

    @Flag(help: "Ask for the sync and return at once.")
    var detach = false

    func run() async throws {
        try await server.withServer { server in
            let (id, path) = try await server.find(argument.application)
            if detach {
                let warning = try await server.post(path + "/sync")["warning"]?.string
                Terminal.print("\(id): asked for a sync.")
                if let warning { Terminal.printError("warning: \(warning)") }
            } else {
                try await follow(server, id: id, path: path)
            }
        }
    }

    private func follow(_ server: Server, id: String, path: String) async throws {
        var watched = WatchedSync(id: id)
        var live = LiveTable(of: "OBJECT", vanishing: .silent)
        var isAsked = false
        defer { live.finish() }
        try await server.follow(application: id, limit: timeout.duration) { signal in
            switch signal {
            case .connected:
                watched.take(try await server.get(path))
                if !isAsked {
                    watched.startAfterNewest()
                    watched.warning = try await server.post(path + "/sync")["warning"]?.string
                    isAsked = true
                }
            case .event(let event): watched.take(event)
            case .lost(let failure): watched.note = failure.message
            case .tick: watched.seconds += 1
            case .deadline: throw watched.timedOut(after: timeout.text)
            }
            live.show(watched.rows, title: watched.title)
            return watched.outcome == nil ? .more : .done
        }
        live.finish()
        switch watched.outcome {
        case .done(let message)?: Terminal.print("\(id): \(message)")
        case .failed(let message)?:
            throw CommandFailure(.refused, "\(id): \(message)", advice: ["`varde app show \(id)` says more."])
        case nil: break
        }
    }
}

/// The sync that was asked for, as it goes on.
struct WatchedSync: Sendable {
    enum Outcome: Sendable, Hashable { case done(String), failed(String) }

    let id: String
    /// Said above the table while there is nothing better to say.
    var note = "asked for a sync"
    /// What the server said to whoever asked.
    var warning: String?
    /// How long it was watched.
    var seconds = 0
    private var application = ApplicationView([:])
    private var syncs: [SyncView] = []
    private var first = 0

    init(id: String) { self.id = id }

    /// Only syncs that start from now on count, and one that is running.
    mutating func startAfterNewest() {
        let newest = syncs.map(\.number).max() ?? 0
        first = syncs.contains { $0.number == newest && $0.result == "running" } ? newest : newest + 1
    }

    /// Takes in `GET /api/v1/applications/…`.
    mutating func take(_ details: JSON) {
        application = ApplicationView(details["application"] ?? [:])
        syncs = (details["history"]?.array ?? []).map(SyncView.init)
    }

    mutating func take(_ event: ServerEvent) {
        switch event.name {
        case "application" where event.data["id"]?.string == id: application = ApplicationView(event.data)
        case "sync" where event.data["application"]?.string == id:
            guard let json = event.data["sync"] else { return }
            let sync = SyncView(json)
            syncs.removeAll { $0.number == sync.number }
            syncs.append(sync)
        default: break
        }
    }

    /// The newest sync that counts.
    private var current: SyncView? { syncs.filter { $0.number >= first }.max { $0.number < $1.number } }

    var rows: [LiveTable.Row] {
        guard let current else { return [] }
        guard !current.rows.isEmpty else {
            return [
                LiveTable.Row(
                    id,
                    state: StateWord(current.result),
                    message: current.message,
                    since: current.startedAt
                )
            ]
        }
        return current.rows
    }

    var title: String {
        guard let current else { return "\(id): \(warning ?? note)" }
        return
            "\(id): sync \(current.number) (\(current.causeWords)) \(current.result) \(current.startedAt?.age ?? "")"
    }

    var outcome: Outcome? {
        guard let current else {
            // An application that is as its commit says may have nothing to do, and starts no sync then.
            guard seconds >= 3 else { return nil }
            switch application.sync {
            case "Synced": return .done("in sync, nothing was to be done; \(application.health).")
            case "Refused", "Failed", "Paused", "Held", "Deleting":
                let message = application.message
                return .failed("no sync has begun: " + (message.isEmpty ? application.sync : message))
            default: return nil
            }
        }
        switch current.result {
        case "running", "superseded": return nil
        case "succeeded": return Self.outcome(of: current)
        default: return .failed(current.message.isEmpty ? "the sync \(current.result)" : current.message)
        }
    }

    /// What was refused is not in the cluster, whatever else went well.
    private static func outcome(of sync: SyncView) -> Outcome {
        let refused = sync.steps(of: "refuse")
        guard let first = refused.first else {
            let held = sync.steps(of: "hold").count
            return .done("synced: \(sync.changes)" + (held > 0 ? "; \(held) held for approval." : "."))
        }
        let count = refused.count == 1 ? "an object is" : "\(refused.count) objects are"
        return .failed("synced: \(sync.changes); but \(count) not applied: \(first.key): \(first.message)")
    }

    func timedOut(after time: String) -> CommandFailure {
        let waiting = rows.filter { $0.state.tone != .good }.map {
            "\($0.key): \($0.state.word) \($0.message)"
        }
        return CommandFailure(
            .timedOut,
            "\(id): not done after \(time); the sync goes on.",
            advice: Array(waiting.prefix(10)) + [warning].compactMap(\.self)
        )
    }
}
