import AsyncHTTPClient
import Delivery
import Hummingbird
import KubeModel
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import WebConsole

/// One message as a browser reads it.
struct ReceivedEvent: Sendable {
    var name = ""
    var id = ""
    var data: JSON = .null
}

/// A console that listens, and a client that reads its stream.
struct ListeningConsole: Sendable {
    let fleet: FakeFleet
    let server: ConsoleServer

    init(eventLimit: Int = 8_192) async throws {
        fleet = FakeFleet(now: TestConsole.now, eventLimit: eventLimit)
        server = try await ConsoleServer(
            backend: fleet,
            host: "127.0.0.1",
            port: 0,
            token: TestConsole.token,
            version: "1",
            logger: Logger(label: "test")
        )
    }

    /// Runs the server while something is done with it.
    func serve(_ body: @escaping @Sendable (ListeningConsole) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(self)
            group.cancelAll()
        }
    }

    /// Reads events until one satisfies; fails after ten seconds.
    func events(
        _ query: String = "",
        lastEventID: String? = nil,
        until isEnough: @escaping @Sendable (ReceivedEvent) -> Bool
    ) async throws -> [ReceivedEvent] {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/api/v1/stream\(query)")
        request.headers.add(name: "Authorization", value: "Bearer \(TestConsole.token)")
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        #expect(response.headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true)
        var received: [ReceivedEvent] = []
        var text: [UInt8] = []
        for try await chunk in response.body {
            text += Array(chunk.readableBytesView)
            while let end = text.firstRange(of: Array("\n\n".utf8)) {
                let event = Self.event(String(decoding: text[..<end.lowerBound], as: UTF8.self))
                text.removeSubrange(..<end.upperBound)
                received.append(event)
                if isEnough(event) { return received }
            }
        }
        return received
    }

    private static func event(_ text: String) -> ReceivedEvent {
        var event = ReceivedEvent()
        for line in text.split(separator: "\n") {
            if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
            if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
            if line.hasPrefix("data: ") { event.data = (try? JSON.parse(String(line.dropFirst(6)))) ?? .null }
        }
        return event
    }
}

@Suite("The live stream", .timeLimit(.minutes(1)))
struct LiveStreamTests {
    private static let id = ApplicationID(tenant: "kart", cluster: "prod", namespace: "kart-web")

    private static func change(_ board: Board, _ message: String) throws {
        var snapshot = try #require(board.application(id))
        snapshot.message = message
        board.publish(.application(snapshot))
    }

    @Test("It begins with hello and the fleet, then tells changes as they happen")
    func tellsChanges() async throws {
        try await ListeningConsole().serve { console in
            let board = console.fleet.board
            let before = board.sequence
            // Published until they are read: the reader may not be there yet.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var turn = 0
                    while !Task.isCancelled {
                        try Self.change(board, turn.isMultiple(of: 2) ? "first" : "second")
                        turn += 1
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                let events = try await console.events { $0.data["message"] == "second" }
                group.cancelAll()
                #expect(events.map(\.name).prefix(2) == ["hello", "fleet"])
                #expect(events[0].data["sequence"]?.int ?? 0 >= Int(before))
                #expect(events[1].data["clusters"]?.array?.count == 5)
                #expect(events.last?.name == "application")
                #expect(events.last?.data["id"] == "kart/prod.kart-web")
            }
        }
    }

    @Test("A client that comes back gets what it missed, by header or by address, and nothing twice")
    func resumes() async throws {
        try await ListeningConsole().serve { console in
            let board = console.fleet.board
            let hello = try await console.events { $0.name == "hello" }
            for number in 1...3 { try Self.change(board, "missed \(number)") }
            let last = try #require(hello.last?.id)
            for (query, header) in [("", last), ("?after=\(last)", nil)] as [(String, String?)] {
                let events = try await console.events(query, lastEventID: header) {
                    $0.data["message"] == "missed 3"
                }
                #expect(!events.contains { $0.name == "reset" })
                #expect(events.count { $0.name == "application" } <= 3)
            }
            let all = try await console.events(lastEventID: last) { $0.data["message"] == "missed 3" }
            let again = try await console.events(lastEventID: try #require(all.last?.id)) {
                $0.name == "fleet"
            }
            #expect(!again.contains { $0.name == "application" })
        }
    }

    @Test(
        "What is no longer known makes a reset: another process, a place in the future, nonsense, too long ago",
        arguments: ["other-3", "nonsense", "-", "PROCESS-999999", "PROCESS-1"]
    )
    func resets(seen: String) async throws {
        try await ListeningConsole(eventLimit: 16).serve { console in
            for number in 0..<64 { try Self.change(console.fleet.board, "\(number)") }
            let hello = try await console.events { $0.name == "hello" }
            let process = hello.last?.data["process"]?.string ?? ""
            let events = try await console.events(lastEventID: seen.replacing("PROCESS", with: process)) {
                $0.name == "fleet"
            }
            #expect(events.map(\.name) == ["hello", "reset", "fleet"])
        }
    }

    @Test("Objects and steps come only to those who watch that application")
    func watchesOne() async throws {
        try await ListeningConsole().serve { console in
            let board = console.fleet.board
            let hello = try await console.events { $0.name == "hello" }
            let last = try #require(hello.last?.id)
            var node = try #require(board.objects(of: Self.id).first)
            node.summary = "changed"
            board.publish(.objects(Self.id, changed: [node], removed: ["Pod:kart-web/gone"]))
            var record = try #require(board.history(of: Self.id).first)
            record.message = "changed"
            board.publish(.sync(Self.id, record))
            try Self.change(board, "end")

            let mine = try await console.events("?application=kart/prod.kart-web", lastEventID: last) {
                $0.data["message"] == "end"
            }
            #expect(mine.map(\.name) == ["hello", "fleet", "objects", "sync", "application"])
            #expect(mine[2].data["changed"]?[0]?["summary"] == "changed")
            #expect(mine[2].data["removed"] == ["Pod:kart-web/gone"])
            #expect(mine[3].data.at("sync", "steps")?.array?.isEmpty == false)
            let others = try await console.events("?application=kart/dev.kart-web", lastEventID: last) {
                $0.data["message"] == "end"
            }
            #expect(others.map(\.name) == ["hello", "fleet", "sync", "application"])
            #expect(others[2].data.at("sync", "steps") == nil)
        }
    }

    @Test("Of a sync that is known only the steps that changed are told")
    func tellsChangedSteps() async throws {
        try await ListeningConsole().serve { console in
            let board = console.fleet.board
            let record = try #require(board.history(of: Self.id).first { $0.steps.count > 1 })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var (record, number) = (record, 0)
                    while !Task.isCancelled {
                        number += 1
                        record.steps[1].message = "try \(number)"
                        board.publish(.sync(Self.id, record))
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                let events = try await console.events("?application=kart/prod.kart-web&steps=changed") {
                    $0.name == "sync" && $0.data["changed"] != nil
                }
                group.cancelAll()
                let syncs = events.filter { $0.name == "sync" }
                #expect(syncs.first?.data["steps"]?.array?.count == record.steps.count)
                let changed = try #require(syncs.last?.data["changed"]?.array)
                #expect(changed.count == 1)
                #expect(changed.first?[0] == 1)
                #expect(changed.first?[1]?["message"]?.string?.hasPrefix("try ") == true)
                #expect(syncs.last?.data["count"]?.int == record.steps.count)
            }
        }
    }

    @Test("A cluster that goes away is told to whoever watches")
    func tellsFleet() async throws {
        try await ListeningConsole().serve { console in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        await console.fleet.setReachable(false, cluster: "prod")
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                let events = try await console.events { event in
                    event.data["clusters"]?.array?.contains { $0["reachable"] == false } == true
                }
                group.cancelAll()
                #expect(events.last?.name == "fleet")
            }
        }
    }

    @Test("Streams that are open do not keep the server from stopping")
    func stopsAtOnce() async throws {
        let console = try await ListeningConsole()
        let clock = ContinuousClock()
        let stopping = try await withThrowingTaskGroup(of: Void.self) { group in
            let (opened, isOpen) = AsyncStream.makeStream(of: Void.self)
            group.addTask { try await console.server.run() }
            for _ in 0..<4 {
                group.addTask {
                    _ = try? await console.events { event in
                        if event.name == "fleet" { isOpen.yield() }
                        return false
                    }
                }
            }
            var number = 0
            for await _ in opened {
                number += 1
                if number == 4 { break }
            }
            let begin = clock.now
            group.cancelAll()
            try await group.waitForAll()
            return clock.now - begin
        }
        #expect(stopping < .seconds(5))
    }

    @Test("A name that is not ours is refused on the wire, too")
    func refusesHostileHost() async throws {
        try await ListeningConsole().serve { console in
            var request = HTTPClientRequest(
                url: "http://127.0.0.1:\(console.server.port)/?token=\(TestConsole.token)"
            )
            request.headers.add(name: "Host", value: "evil.test")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
            #expect(response.status == .forbidden)
            #expect(response.headers["set-cookie"].isEmpty)
        }
    }
}
