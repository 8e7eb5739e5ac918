import DequeModule
import Subprocess
import Synchronization
import SystemPackage

/// Reads objects through one long-lived `git cat-file --batch`, with any number of requests on their way.
///
/// The process is started by the first request, ends after a minute without any, and is started again when it died. It
/// sees what later fetches bring. This is the only place in the module that starts a task without a parent: the
/// process serves many callers, and ends with ``close()`` or by itself.
final class BatchReader: Sendable {
    /// Objects of more bytes are not kept.
    static let sizeLimit = 64 << 20

    private struct Request {
        var number: Int
        var remaining: Int
        var objects: [BatchObject] = []
        /// `nil` once the caller is gone; the answers are passed over.
        var continuation: CheckedContinuation<[BatchObject], any Error>?
    }

    private struct State {
        var requests: Deque<Request> = []
        var nextNumber = 0
        /// The open input of the running process; `nil` when none runs.
        var input: AsyncStream<[UInt8]>.Continuation?
        var generation = 0
        var lastActivity = ContinuousClock.now
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let git: GitProgram
    private let directory: String

    init(git: GitProgram, directory: String) {
        self.git = git
        self.directory = directory
    }

    /// The objects that names (ids, references, `name^{commit}`) stand for, in their order.
    ///
    /// - Throws: ``GitError`` `toolFailed` when the process died meanwhile; asking again starts another.
    func read(_ names: [String]) async throws -> [BatchObject] {
        guard !names.isEmpty else { return [] }
        var lines: [UInt8] = []
        lines.reserveCapacity(names.count * 42)
        for name in names {
            lines.append(contentsOf: name.utf8)
            lines.append(UInt8(ascii: "\n"))
        }
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if state.requests.isEmpty { state.lastActivity = .now }
                    let input = state.input ?? start(&state)
                    state.requests.append(
                        Request(number: number, remaining: names.count, continuation: continuation)
                    )
                    input.yield(lines)
                }
                if Task.isCancelled { abandon(number) }
            }
        } onCancel: {
            abandon(number)
        }
    }

    /// Ends the process; requests that are under way fail.
    ///
    /// A later request starts it again.
    func close() async {
        let task = state.withLock { state in
            state.input?.finish()
            state.input = nil
            return state.task
        }
        task?.cancel()
        await task?.value
    }

    private func abandon(_ number: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<[BatchObject], any Error>? in
            guard let place = state.requests.firstIndex(where: { $0.number == number }) else { return nil }
            defer { state.requests[place].continuation = nil }
            return state.requests[place].continuation
        }
        continuation?.resume(throwing: CancellationError())
    }

    private func start(_ state: inout State) -> AsyncStream<[UInt8]>.Continuation {
        let (stream, input) = AsyncStream.makeStream(of: [UInt8].self)
        state.input = input
        state.generation += 1
        state.lastActivity = .now
        let generation = state.generation
        let predecessor = state.task
        // Their answers would have come from the predecessor.
        fail(&state, GitError(code: .toolFailed, message: "The reader of \(directory) was closed."))
        state.task = Task {
            await predecessor?.value
            let error = await serve(stream, generation)
            end(generation, error)
        }
        return input
    }

    /// Runs one process until it ends, goes idle or gets stuck.
    private func serve(_ lines: AsyncStream<[UInt8]>, _ generation: Int) async -> GitError {
        var options = PlatformOptions()
        options.processGroupID = 0
        let configuration = Configuration(
            executable: .path(FilePath(git.executable)),
            arguments: ["--git-dir", directory, "cat-file", "--batch"],
            environment: .custom(
                Dictionary(
                    git.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) },
                    uniquingKeysWith: { _, last in last }
                )
            ),
            platformOptions: options
        )
        do {
            _ = try await Subprocess.run(
                configuration,
                input: .inputWriter,
                output: .sequence,
                error: .discarded
            ) {
                execution in
                let writer = execution.standardInputWriter
                let output = execution.standardOutput
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await bytes in lines { _ = try await writer.write(bytes) }
                        try await writer.finish()
                        // The end of the output ends the group.
                        try await Task.sleep(for: .seconds(60))
                    }
                    group.addTask { try await self.receive(output, generation) }
                    group.addTask { try await self.watch(generation) }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
            return GitError(
                code: .toolFailed,
                message: "git cat-file ended while objects were read in \(directory)."
            )
        } catch let error as GitError {
            return error
        } catch {
            return GitError(code: .toolFailed, message: "Objects in \(directory) cannot be read: \(error)")
        }
    }

    private func receive(_ output: SubprocessOutputSequence, _ generation: Int) async throws {
        var framer = BatchFramer(sizeLimit: Self.sizeLimit)
        for try await buffer in output {
            var objects: [BatchObject] = []
            let failure = buffer.withUnsafeBytes { bytes -> (any Error)? in
                do {
                    try framer.feed(bytes) { objects.append($0) }
                    return nil
                } catch {
                    return error
                }
            }
            deliver(objects, generation)
            if let failure { throw failure }
        }
    }

    private func deliver(_ objects: [BatchObject], _ generation: Int) {
        let done = state.withLock { state -> [Request] in
            guard state.generation == generation else { return [] }
            state.lastActivity = .now
            var done: [Request] = []
            for object in objects {
                guard !state.requests.isEmpty else { break }
                if state.requests[0].continuation != nil { state.requests[0].objects.append(object) }
                state.requests[0].remaining -= 1
                if state.requests[0].remaining == 0 { done.append(state.requests.removeFirst()) }
            }
            return done
        }
        for request in done { request.continuation?.resume(returning: request.objects) }
    }

    /// Closes the input of a process that has had nothing to do for a minute; fails one that is stuck.
    private func watch(_ generation: Int) async throws {
        while true {
            try await Task.sleep(for: .seconds(10), tolerance: .seconds(5))
            let isStuck = state.withLock { state in
                guard state.generation == generation, state.lastActivity.duration(to: .now) > .seconds(50)
                else {
                    return false
                }
                if state.requests.isEmpty {
                    state.input?.finish()
                    state.input = nil
                }
                return !state.requests.isEmpty
            }
            if isStuck {
                throw GitError(
                    code: .timedOut,
                    message: "git did not answer for 50 s while reading \(directory)."
                )
            }
        }
    }

    /// Fails what a process left unanswered.
    private func end(_ generation: Int, _ error: GitError) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.input = nil
            state.task = nil
            fail(&state, error)
        }
    }

    private func fail(_ state: inout State, _ error: GitError) {
        for request in state.requests { request.continuation?.resume(throwing: error) }
        state.requests = []
    }
}
