import Foundation
import GitSource
import Testing

@Suite struct CommandTests {
    private func shell(
        _ script: String,
        deadline: Duration = .seconds(20),
        outputLimit: Int = 1 << 20,
        memoryLimit: Int? = nil
    ) -> Command {
        Command(
            "/bin/sh",
            ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            deadline: deadline,
            outputLimit: outputLimit,
            memoryLimit: memoryLimit
        )
    }

    @Test("Output, errors and exit status are told; nothing is inherited")
    func outcome() async throws {
        let outcome = try await shell("echo out; echo err >&2; env | grep -c HOME; exit 3").run()
        #expect(outcome.end == .exited(3))
        #expect(String(decoding: outcome.output, as: UTF8.self) == "out\n0\n")
        #expect(outcome.errors == "err\n")
    }

    @Test("A program that hangs is ended at its deadline, with its children")
    func hanging() async throws {
        let mark = "varde-\(UUID().uuidString)"
        let outcome = try await shell(
            "sh -c 'sleep 100 # \(mark)' & sleep 100 # \(mark)",
            deadline: .milliseconds(200)
        )
        .run()
        #expect(outcome.end == .timedOut)
        #expect(try await eventually { try !isRunning(mark) })
    }

    @Test("Children that a program leaves behind are ended, and their hold on the output delays nothing")
    func leftBehind() async throws {
        let mark = "varde-\(UUID().uuidString)"
        let outcome = try await shell(
            "sh -c 'trap \"\" HUP; while :; do sleep 1; done # \(mark)' & echo done"
        ).run()
        #expect(outcome.succeeded)
        #expect(String(decoding: outcome.output, as: UTF8.self) == "done\n")
        #expect(try await eventually { try !isRunning(mark) })
    }

    @Test("A program that prints without end is ended at the limit")
    func endlessOutput() async throws {
        let outcome = try await shell("cat /dev/zero").run()
        #expect(outcome.end == .printedTooMuch)
        #expect(outcome.output.count <= 1 << 20)
        let loud = try await shell("head -c 3000000 /dev/zero >&2").run()
        #expect(loud.succeeded && loud.errors.utf8.count == 256 << 10)
    }

    @Test("A program that takes too much memory fails alone")
    func memory() async throws {
        let outcome = try await shell("head -c 400000000 /dev/zero | sort > /dev/null", memoryLimit: 64 << 20)
            .run()
        #expect(!outcome.succeeded)
    }

    @Test("A program that uses up its processor time is ended by the system, whoever is left to see it")
    func processorTime() async throws {
        var command = shell("while :; do :; done")
        command.processorLimit = 1
        let outcome = try await command.run()
        guard case .killed = outcome.end else {
            Issue.record("it ended otherwise: \(outcome.end)")
            return
        }
    }

    @Test("Cancelling the caller ends the program")
    func cancellation() async throws {
        let mark = "varde-\(UUID().uuidString)"
        let task = Task { try await shell("sleep 100; : \(mark)").run() }
        #expect(try await eventually { try isRunning(mark) })
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(try await eventually { try !isRunning(mark) })
    }

    @Test("A program that is not there is an error, not a crash")
    func missing() async {
        await #expect(throws: (any Error).self) {
            try await Command("/nowhere/program", deadline: .seconds(1)).run()
        }
    }

    private func isRunning(_ mark: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
            guard name.allSatisfy(\.isNumber),
                let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return false }
            return String(decoding: line, as: UTF8.self).contains(mark)
        }
    }
}

@Suite struct SingleFlightTests {
    private actor Counter {
        private(set) var count = 0
        func next() -> Int {
            count += 1
            return count
        }
    }

    @Test("Callers of the same key share one piece of work; its failure is everybody's")
    func sharing() async throws {
        let flights = SingleFlight<String, Int>()
        let counter = Counter()
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await flights.run("key", joining: .current) {
                        try await Task.sleep(for: .milliseconds(20))
                        return await counter.next()
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 50)
        #expect(await counter.count < 50)
    }

    @Test("When the one that works is cancelled, another takes over")
    func takingOver() async throws {
        let flights = SingleFlight<String, Int>()
        let counter = Counter()
        let leader = Task {
            try await flights.run("key", joining: .current) {
                _ = await counter.next()
                try await Task.sleep(for: .seconds(100))
                return 0
            }
        }
        #expect(try await eventually { await counter.count == 1 })
        let follower = Task { try await flights.run("key", joining: .current) { 7 } }
        leader.cancel()
        #expect(try await follower.value == 7)
        await #expect(throws: CancellationError.self) { _ = try await leader.value }
    }
}
