import GitSource
import Synchronization
import Testing

@testable import Rendering

@Suite(.timeLimit(.minutes(1))) struct ToolSlotsTests {
    /// Tools that run until they are told to end.
    private final class Tools: Sendable {
        let slots: ToolSlots
        private let state = Mutex((running: [String](), begun: [String]()))
        private let ends = Mutex<[String: AsyncStream<Void>.Continuation]>([:])

        init(_ slots: ToolSlots) { self.slots = slots }

        var begun: [String] { state.withLock { $0.begun } }

        func run(_ name: String, of tenant: String) async throws {
            let (end, continuation) = AsyncStream<Void>.makeStream()
            ends.withLock { $0[name] = continuation }
            try await slots.run(for: tenant) { _ in
                state.withLock { $0.begun.append(name) }
                for await _ in end {}
            }
        }

        func end(_ name: String) { ends.withLock { $0[name] }?.finish() }

        /// Waits until so many have begun and so many wait.
        func are(begun: Int, waiting: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline {
                if self.begun.count == begun, slots.waiting == waiting { return }
                try await Task.sleep(for: .milliseconds(2))
            }
            Issue.record("begun: \(self.begun), waiting: \(slots.waiting)", sourceLocation: sourceLocation)
        }
    }

    @Test("A tenant that holds all it may leaves room for others, one each")
    func room() async throws {
        let tools = Tools(ToolSlots(2))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["a1", "a2", "a3"] { group.addTask { try await tools.run(name, of: "a") } }
            try await tools.are(begun: 2, waiting: 1)
            group.addTask { try await tools.run("b1", of: "b") }
            try await tools.are(begun: 3, waiting: 1)
            group.addTask { try await tools.run("b2", of: "b") }
            try await tools.are(begun: 3, waiting: 2)
            group.addTask { try await tools.run("c1", of: "c") }
            try await tools.are(begun: 4, waiting: 2)
            group.cancelAll()
        }
    }

    @Test("Tenants that wait take turns, however many tools each wants")
    func turns() async throws {
        let tools = Tools(ToolSlots(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tools.run("a0", of: "a") }
            try await tools.are(begun: 1, waiting: 0)
            group.addTask { try await tools.run("b0", of: "b") }
            try await tools.are(begun: 2, waiting: 0)
            let names = ["a1", "a2", "b1", "c1"]
            for (place, name) in names.enumerated() {
                group.addTask { try await tools.run(name, of: String(name.prefix(1))) }
                try await tools.are(begun: 2, waiting: place + 1)
            }
            var known = 0
            while known < 6 {
                let name = tools.begun[known]
                tools.end(name)
                known += 1
                try await tools.are(begun: min(6, known + 2), waiting: max(0, 4 - known))
            }
            #expect(tools.begun == ["a0", "b0", "a1", "b1", "c1", "a2"])
        }
    }

    @Test(
        "A tenant whose tool ran into its deadline has one at a time, after the others, until one ends by itself"
    )
    func late() async throws {
        let slots = ToolSlots(1)
        let tools = Tools(slots)
        try await slots.run(for: "late") { $0.noteEnd(.timedOut) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["x", "y"] {
                group.addTask { try await tools.run(name, of: name) }
            }
            try await tools.are(begun: 2, waiting: 0)
            for (place, name) in ["late1", "late2", "z"].enumerated() {
                group.addTask { try await tools.run(name, of: name.hasPrefix("late") ? "late" : name) }
                try await tools.are(begun: 2, waiting: place + 1)
            }
            tools.end("x")
            try await tools.are(begun: 3, waiting: 2)
            #expect(tools.begun.last == "z")
            for name in ["y", "z"] { tools.end(name) }
            try await tools.are(begun: 4, waiting: 1)
            #expect(tools.begun.last == "late1")
            tools.end("late1")
            try await tools.are(begun: 5, waiting: 0)
            tools.end("late2")
        }
        let two = ToolSlots(2)
        try await two.run(for: "late") { $0.noteEnd(.timedOut) }
        try await two.run(for: "late") { $0.noteEnd(.exited(1)) }
        // Would wait for itself.
        try await two.run(for: "late") { _ in try await two.run(for: "late") { _ in } }
    }

    @Test("Who is cancelled while it waits leaves the queue")
    func cancelled() async throws {
        let tools = Tools(ToolSlots(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tools.run("a1", of: "a") }
            try await tools.are(begun: 1, waiting: 0)
            try await withThrowingTaskGroup(of: Void.self) { inner in
                inner.addTask { try await tools.run("a2", of: "a") }
                try await tools.are(begun: 1, waiting: 1)
                inner.cancelAll()
                await #expect(throws: CancellationError.self) { try await inner.next() }
            }
            try await tools.are(begun: 1, waiting: 0)
            tools.end("a1")
            try await group.waitForAll()
            #expect(tools.begun == ["a1"])
        }
    }
}
