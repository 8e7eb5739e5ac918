import Delivery
import Testing

@Suite struct BoardTests {
    private let kart = ApplicationID(tenant: "kart", cluster: "dev", namespace: "kart-web")

    private func snapshot(
        _ id: ApplicationID,
        message: String = "",
        sync: SyncState = .synced
    ) -> ApplicationSnapshot {
        var snapshot = ApplicationSnapshot(
            id: id,
            repository: "r",
            branch: "main",
            path: "env/dev/kart-web",
            now: 1
        )
        snapshot.message = message
        snapshot.sync = sync
        return snapshot
    }

    private func node(_ name: String, message: String = "") -> ObjectNode {
        var node = ObjectNode(
            id: "ConfigMap:n/\(name)",
            apiVersion: "v1",
            kind: "ConfigMap",
            namespace: "n",
            name: name,
            now: 1
        )
        node.message = message
        return node
    }

    @Test("What changes nothing is not an event")
    func silence() {
        let board = Board()
        board.publish(.application(snapshot(kart)))
        board.publish(.application(snapshot(kart)))
        #expect(board.sequence == 1)
        board.publish(objects: [node("a")], of: kart)
        board.publish(objects: [node("a")], of: kart)
        #expect(board.sequence == 2)
    }

    @Test("A reader gets what happened after the event it names, then what happens next")
    func resume() async throws {
        let board = Board()
        board.publish(.application(snapshot(kart, message: "one")))
        let events = try #require(board.events(after: 1))
        async let next: Board.Event? = events.first { _ in true }
        board.publish(.application(snapshot(kart, message: "two")))
        let event = try #require(await next)
        #expect(event.sequence == 2)
        guard case .application(let seen) = event.change else { Issue.record("not an application"); return }
        #expect(seen.message == "two")
    }

    @Test("A reader that is behind is spared states that were replaced since")
    func coalescing() async throws {
        let board = Board()
        for number in 1...100 { board.publish(.application(snapshot(kart, message: "\(number)"))) }
        let events = try #require(board.events(after: 0))
        let event = try #require(await events.first { _ in true })
        #expect(event.sequence == 100)
    }

    @Test("Events that are no longer kept cannot be resumed from, nor those of another process")
    func forgotten() {
        let board = Board(eventLimit: 4)
        for number in 1...10 { board.publish(.application(snapshot(kart, message: "\(number)"))) }
        #expect(board.events(after: 5) == nil)
        #expect(board.events(after: 6) != nil)
        #expect(board.events(after: 10) != nil)
        #expect(board.events(after: 11) == nil)
    }

    @Test("A stream ends when its reader falls behind what is kept")
    func tooSlow() async throws {
        let board = Board(eventLimit: 2)
        board.publish(objects: [node("a", message: "0")], of: kart)
        let events = try #require(board.events(after: 0))
        for number in 1...5 { board.publish(objects: [node("a", message: "\(number)")], of: kart) }
        #expect(await events.first { _ in true } == nil)
    }

    @Test("Objects that are gone are told by id")
    func removedObjects() async throws {
        let board = Board()
        board.publish(objects: [node("a"), node("b")], of: kart)
        let events = try #require(board.events(after: board.sequence))
        board.publish(objects: [node("b", message: "changed")], of: kart)
        guard case .objects(_, let changed, let removed) = await events.first(where: { _ in true })?.change
        else {
            Issue.record("no objects event")
            return
        }
        #expect(changed.map(\.name) == ["b"])
        #expect(removed == ["ConfigMap:n/a"])
        #expect(board.objects(of: kart).map(\.name) == ["b"])
    }

    @Test("Objects come in the order of their ids, each once, and only what differs is told")
    func objectsInOrder() async throws {
        let board = Board()
        board.publish(objects: [node("c"), node("a"), node("c", message: "later")], of: kart)
        #expect(board.objects(of: kart).map(\.name) == ["a", "c"])
        #expect(board.objects(of: kart)[id: "ConfigMap:n/c"]?.message == "later")
        #expect(board.objects(of: kart)[id: "ConfigMap:n/b"] == nil)
        let events = try #require(board.events(after: board.sequence))
        board.publish(objects: [node("d"), node("b"), node("a")], of: kart)
        guard case .objects(_, let changed, let removed) = await events.first(where: { _ in true })?.change
        else {
            Issue.record("no objects event")
            return
        }
        #expect(changed.map(\.name) == ["b", "d"])
        #expect(removed == ["ConfigMap:n/c"])
        board.publish(
            .objects(kart, changed: [node("b", message: "new"), node("0")], removed: ["ConfigMap:n/d"])
        )
        #expect(board.objects(of: kart).map(\.name) == ["0", "a", "b"])
        #expect(board.objects(of: kart).last?.message == "new")
    }

    @Test("The last twenty syncs are kept, newest first; a running one is replaced by its later state")
    func history() {
        let board = Board()
        for number in 1...25 {
            var record = SyncRecord(number: number, cause: .commit, revision: nil, startedAt: Double(number))
            board.publish(.sync(kart, record))
            record.result = .succeeded
            board.publish(.sync(kart, record))
        }
        let history = board.history(of: kart)
        #expect(history.count == 20)
        #expect(history.first?.number == 25)
        #expect(history.allSatisfy { $0.result == .succeeded })
    }
}
