import Delivery
import HTTPTypes
import Hummingbird
import KubeModel
import NIOCore

/// What happens, to browsers and terminals that watch.
///
/// What a watcher has not read yet waits in the board, which is bounded; here is one message of each kind at most. A watcher
/// that falls too far behind is cut off; it comes back with the last event it saw and gets what it missed, or is told to read
/// everything again.
struct LiveStream: Sendable {
    let backend: any ConsoleBackend
    let authority: SessionAuthority
    /// Names this process in the ids of events.
    let process: String
    let heartbeat: Duration

    private struct Signal: Sendable {
        enum Occasion: Sendable {
            case event(Board.Event)
            case fleet
            case heartbeat
        }

        let occasion: Occasion
        let written: AsyncStream<Void>.Continuation
    }

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("stream") { request, context in
            let query = request.uri.queryParameters
            let watched = try query["application"].map { text in
                guard let id = ApplicationID(String(text)) else {
                    throw ConsoleError(.badRequest, "`application` is written as tenant/cluster.namespace.")
                }
                return id
            }
            let isWelcome: @Sendable () async -> Sight? = {
                await authority.caller(of: request)?.sight(of: backend)
            }
            // Others than the console may want the steps of a sync whole each time.
            let steps = SentSteps(isWanted: query["steps"] == "changed")
            let seen = request.headers[.lastEventID] ?? query["after"].map(String.init)
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                    // Looking out for its end while streaming uses the connection up.
                    .connection: "close",
                    .named("X-Accel-Buffering"): "no",
                ],
                body: ResponseBody { writer in
                    try await request.body.consumeWithCancellationOnInboundClose { _ in
                        try await send(
                            to: &writer,
                            for: context.sight,
                            isWelcome,
                            watching: watched,
                            telling: steps,
                            after: seen.flatMap { StreamPosition($0) },
                            seen: seen
                        )
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }

    private func send(
        to writer: inout any ResponseBodyWriter,
        for first: Sight,
        _ isWelcome: @Sendable () async -> Sight?,
        watching watched: ApplicationID?,
        telling steps: SentSteps,
        after position: StreamPosition?,
        seen: String?
    ) async throws {
        let newest = backend.board.sequence
        var start = newest
        var missed: AsyncStream<Board.Event>?
        if let position, position.process == process, position.sequence <= newest {
            missed = backend.board.events(after: position.sequence)
            if missed != nil { start = position.sequence }
        }
        let isLost = seen != nil && missed == nil
        guard let events = missed ?? backend.board.events(after: newest) else { return }

        var place = StreamPosition(process: process, sequence: start)
        try await writer.write(
            event("hello", ["sequence": .integer(Int64(start)), "process": .string(process)], place)
        )
        if isLost { try await writer.write(event("reset", [:], place)) }
        var sight = first
        try await writer.write(event("fleet", await fleet(for: sight), place))

        let changes = await backend.fleetChanges()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (signals, continuation) = AsyncStream.makeStream(of: Signal.self)
            defer { continuation.finish() }
            group.addTask {
                await Self.relay(events, to: continuation) { .event($0) }
                continuation.finish()
            }
            group.addTask {
                await Self.relay(changes, to: continuation) { _ in .fleet }
            }
            group.addTask { [heartbeat] in
                let beats = AsyncStream { try? await Task.sleep(for: heartbeat) }
                await Self.relay(beats, to: continuation) { .heartbeat }
            }
            var steps = steps
            for await signal in signals {
                switch signal.occasion {
                case .event(let change):
                    place.sequence = change.sequence
                    if sight.sees(tenant: change.tenant),
                        let (name, data) = message(of: change, watching: watched, &steps)
                    {
                        try await writer.write(event(name, data, place))
                    }
                case .fleet, .heartbeat:
                    // Whoever was taken off the list, or has other groups, is not told by an old right.
                    guard let now = await isWelcome() else { return group.cancelAll() }
                    if now != sight {
                        sight = now
                        try await writer.write(event("reset", [:], place))
                        try await writer.write(event("fleet", await fleet(for: sight), place))
                    } else if case .fleet = signal.occasion {
                        try await writer.write(event("fleet", await fleet(for: sight), place))
                    } else {
                        try await writer.write(ServerSentEvent.heartbeat)
                    }
                }
                signal.written.yield()
            }
            group.cancelAll()
        }
    }

    /// Hands elements on one at a time: the next is asked for when the last one was written.
    private static func relay<Element: Sendable>(
        _ elements: AsyncStream<Element>,
        to signals: AsyncStream<Signal>.Continuation,
        as occasion: (Element) -> Signal.Occasion
    ) async {
        let (turns, written) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var turn = turns.makeAsyncIterator()
        for await element in elements {
            signals.yield(Signal(occasion: occasion(element), written: written))
            guard await turn.next() != nil else { return }
        }
    }

    private func event(_ name: String, _ data: JSON, _ place: StreamPosition) -> ByteBuffer {
        ServerSentEvent(name: name, id: place.description, data: data).bytes
    }

    private func fleet(for sight: Sight) async -> JSON {
        let fleet = await FleetAnswers(backend, for: sight)
        return ["tenants": .array(fleet.tenants), "clusters": .array(fleet.clusters)]
    }

    /// What a change is to a watcher; `nil` when it is none of theirs.
    private func message(
        of event: Board.Event,
        watching watched: ApplicationID?,
        _ steps: inout SentSteps
    ) -> (String, JSON)? {
        switch event.change {
        case .application(let snapshot):
            return ("application", snapshot.answer(images: backend.board.images(of: snapshot.id)))
        case .applicationRemoved(let id): return ("application-removed", ["id": .string(id.description)])
        case .objects(let id, let changed, let removed):
            guard id == watched else { return nil }
            return (
                "objects",
                [
                    "application": .string(id.description), "changed": .array(changed.map(\.answer)),
                    "removed": .strings(removed),
                ]
            )
        case .sync(let id, let record):
            let isWhole = id == watched && !steps.isWanted
            var data: JSON = [
                "application": .string(id.description),
                "sync": record.answer(isWhole ? .whole : .withoutSteps),
            ]
            if id == watched, steps.isWanted {
                for (name, value) in steps.answer(for: record) { data[name] = value }
            }
            return ("sync", data)
        }
    }
}

/// The steps of a sync that a watcher has been told, so that it is told only what changed of them.
private struct SentSteps {
    let isWanted: Bool
    private var number: Int?
    private var known: [SyncStep] = []

    init(isWanted: Bool) { self.isWanted = isWanted }

    /// `steps` with all of them, or `changed` with `[place, step]` of those that changed and `count` of all.
    mutating func answer(for record: SyncRecord) -> [String: JSON] {
        defer { (number, known) = (record.number, record.steps) }
        guard number == record.number, known.count <= record.steps.count else {
            return ["steps": .array(record.steps.map(\.answer))]
        }
        let changed = record.steps.indices.filter { $0 >= known.count || known[$0] != record.steps[$0] }
        return [
            "changed": .array(changed.map { [.count($0), record.steps[$0].answer] }),
            "count": .count(record.steps.count),
        ]
    }
}

extension Board.Event {
    /// Whose it is.
    fileprivate var tenant: String {
        switch change {
        case .application(let snapshot): snapshot.id.tenant
        case .applicationRemoved(let id), .objects(let id, _, _), .sync(let id, _): id.tenant
        }
    }
}
