import KubeClient
import KubeModel
import Synchronization
import Testing

@testable import KubeRuntime

/// A server of one resource whose answers a test writes down.
private final class ScriptedServer: Transport {
    typealias Watch = AsyncThrowingStream<WatchEvent, any Error>.Continuation

    struct State {
        var lists: [JSON] = []
        var requests: [String] = []
        var watch: Watch?
    }

    let state = Mutex(State())

    func send(_ request: APIRequest) async throws -> APIResponse {
        try state.withLock { state in
            state.requests.append("list")
            guard !state.lists.isEmpty else { throw ClientError(code: .cannotConnect, message: "down") }
            return APIResponse(status: 200, body: state.lists.removeFirst())
        }
    }

    func watch(_ request: APIRequest) async throws -> AsyncThrowingStream<WatchEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream<WatchEvent, any Error>.makeStream()
        let version = request.query.first { $0.name == "resourceVersion" }?.value ?? ""
        state.withLock { state in
            state.requests.append("watch \(version)")
            state.watch = continuation
        }
        return stream
    }

    func stream(_ request: APIRequest) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        throw ClientError(code: .badAnswer, message: "not scripted")
    }

    var requests: [String] { state.withLock { $0.requests } }

    func takeWatch() async -> Watch? {
        _ = await eventually { self.state.withLock { $0.watch != nil } }
        return state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
    }
}

@Suite("Informer")
struct InformerTests {
    private func map(_ name: String, _ version: Int) -> KubeObject {
        var object = KubeObject(apiVersion: "v1", kind: "ConfigMap", namespace: "a", name: name)
        object.set(.string(String(version)), at: "metadata", "resourceVersion")
        return object
    }

    private func list(_ version: Int, _ items: [KubeObject]) -> JSON {
        ["items": .array(items.map(\.json)), "metadata": ["resourceVersion": .string(String(version))]]
    }

    private func run(
        _ lists: [JSON],
        form: Informer.Form = .parsed,
        _ body: (ScriptedServer, Informer) async throws -> Void
    ) async throws {
        let server = ScriptedServer()
        server.state.withLock { $0.lists = lists }
        let informer = Informer(
            client: KubeClient(transport: server),
            resource: .configMaps,
            form: form,
            backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(2))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            try await body(server, informer)
            group.cancelAll()
        }
    }

    @Test(
        "Objects are kept as bytes where that was asked for, and say the same, or what is left of those that are only looked at"
    )
    func packed() async throws {
        var object = map("x", 1)
        object.set([["manager": "kubectl", "operation": "Update"]], at: "metadata", "managedFields")
        object["data"] = ["a": "å"]
        let abridged = Informer.Form.abridged { object in
            var rest = object
            rest.set(nil, at: "metadata", "managedFields")
            return rest
        }
        for (form, hasManagers) in [(Informer.Form.packed, true), (abridged, false)] {
            try await run([list(5, [object])], form: form) { server, informer in
                try await informer.waitUntilSynced()
                let kept = try #require(informer.list().first)
                #expect(kept.bytes != nil)
                #expect(kept["data"] == ["a": "å"] && kept.name == "x")
                #expect((kept.at("metadata", "managedFields") != nil) == hasManagers)
                let watch = await server.takeWatch()
                watch?.yield(.modified(map("x", 6)))
                #expect(await eventually { informer.list().first?.resourceVersion == "6" })
                #expect(informer.list().first?.bytes != nil)
            }
        }
    }

    @Test(
        "It has synced when its handlers have everything, too, and not while they are still told of the first objects"
    )
    func handsOver() async throws {
        let seen = Mutex<[Bool]>([])
        let server = ScriptedServer()
        server.state.withLock { $0.lists = [list(5, [map("x", 1), map("y", 2)])] }
        let informer = Informer(client: KubeClient(transport: server), resource: .configMaps)
        informer.onChange { _ in seen.withLock { $0.append(informer.hasSynced) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            try await informer.waitUntilSynced()
            group.cancelAll()
        }
        #expect(seen.withLock { $0 } == [false, false, true])
    }

    @Test("Whoever begins to wait while the handlers are told of the first objects is woken with them")
    func waitsMeanwhile() async throws {
        let server = ScriptedServer()
        server.state.withLock { $0.lists = [list(5, [map("x", 1)])] }
        let informer = Informer(client: KubeClient(transport: server), resource: .configMaps)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        informer.onChange { change in
            guard case .added = change else { return }
            begin.finish()
            while informer.waiting == 0 {}
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            for await _ in begun {}
            try await informer.waitUntilSynced()
            #expect(informer.hasSynced)
            group.cancelAll()
        }
    }

    @Test("A watch that breaks is resumed from the last version, without another list")
    func resumes() async throws {
        try await run([list(5, [map("x", 1)])]) { server, informer in
            try await informer.waitUntilSynced()
            let first = await server.takeWatch()
            first?.yield(.added(map("y", 6)))
            first?.finish(throwing: ClientError(code: .connectionLost, message: "gone"))
            _ = await server.takeWatch()
            #expect(server.requests == ["list", "watch 5", "watch 6"])
            #expect(informer.list().count == 2)
        }
    }

    @Test("An expired watch lists again")
    func lists() async throws {
        try await run([list(5, [map("x", 1)]), list(9, [map("z", 8)])]) { server, informer in
            let first = await server.takeWatch()
            first?.yield(.error(StatusError(code: 410, reason: "Expired", message: "")))
            _ = await server.takeWatch()
            #expect(server.requests == ["list", "watch 5", "list", "watch 9"])
            #expect(informer.list().map(\.name) == ["z"])
        }
    }

    @Test("A handler that comes late is told of everything, then of every change")
    func replays() async throws {
        try await run([list(5, [map("x", 1)])]) { server, informer in
            try await informer.waitUntilSynced()
            let seen = Mutex<[String]>([])
            informer.onChange { change in
                switch change {
                case .added(let object): seen.withLock { $0.append("+\(object.name)") }
                case .synced: seen.withLock { $0.append("synced") }
                default: break
                }
            }
            #expect(seen.withLock { $0 } == ["+x", "synced"])
            await server.takeWatch()?.yield(.added(map("y", 6)))
            #expect(await eventually { seen.withLock { $0 } == ["+x", "synced", "+y"] })
        }
    }

    @Test("A failure shows while it lasts, and a wait for the first state ends with its task")
    func failure() async throws {
        try await run([]) { server, informer in
            #expect(await eventually { informer.failure != nil })
            let waiting = Task { try await informer.waitUntilSynced() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            server.state.withLock { $0.lists = [list(5, [])] }
            _ = await server.takeWatch()
            #expect(await eventually { informer.failure == nil })
        }
    }

    @Test("Stopping reports everything as removed and ends the run")
    func stops() async throws {
        try await run([list(5, [map("x", 1)])]) { _, informer in
            try await informer.waitUntilSynced()
            informer.stop()
            #expect(await eventually { informer.list().isEmpty })
        }
    }
}
