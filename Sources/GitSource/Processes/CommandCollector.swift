import Subprocess
import Synchronization

/// Gathers what a program prints, and ends its process group when it is over, too long or too loud.
final class CommandCollector: Sendable {
    private struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var errorCount = 0
        var verdict: Command.End?
    }

    /// Bytes of standard error that are kept; a program that writes far more is ended.
    private static let errorLimit = 256 << 10
    private static let errorFlood = 64 << 20

    private let state = Mutex(State())
    private let outputLimit: Int
    private let processLimit: Int?
    private let group: ProcessGroup

    init(outputLimit: Int, processLimit: Int? = nil, group: ProcessGroup) {
        self.outputLimit = outputLimit
        self.processLimit = processLimit
        self.group = group
    }

    /// Why the program was ended before its time; `nil` if it ended by itself.
    var verdict: Command.End? { state.withLock { $0.verdict } }
    var output: [UInt8] { state.withLock { $0.output } }
    var errors: String { String(decoding: state.withLock { $0.errors }, as: UTF8.self) }

    /// Reads both streams to their end; the deadline and the limit bring that about by killing the group.
    func collect(
        _ output: SubprocessOutputSequence,
        _ errors: SubprocessOutputSequence,
        deadline: Duration
    ) async {
        enum Part { case stream, alarm }
        await withTaskGroup(of: Part.self) { tasks in
            // A stream that breaks off is as good as ended: the exit status tells the rest.
            tasks.addTask {
                try? await Self.drain(output) { self.keepOutput($0) }
                return .stream
            }
            tasks.addTask {
                try? await Self.drain(errors) { self.keepErrors($0) }
                return .stream
            }
            tasks.addTask {
                do {
                    try await Task.sleep(for: deadline)
                    self.stop(.timedOut)
                } catch {
                    // Both streams have ended, or the caller is gone; either way the alarm is off.
                }
                return .alarm
            }
            if let processLimit {
                tasks.addTask {
                    await self.countProcesses(atMost: processLimit)
                    return .alarm
                }
            }
            var openStreams = 2
            for await part in tasks where part == .stream {
                openStreams -= 1
                if openStreams > 0 { continue }
                await group.end()
                tasks.cancelAll()
            }
        }
    }

    /// Looks from time to time how many processes there are; a program that is done soon is never looked at.
    private func countProcesses(atMost limit: Int) async {
        // Cancelled: the program has ended.
        while (try? await Task.sleep(for: .milliseconds(100))) != nil {
            if group.count > limit { return stop(.tooManyProcesses) }
        }
    }

    private static func drain(
        _ stream: SubprocessOutputSequence,
        _ keep: (UnsafeRawBufferPointer) -> Void
    ) async throws {
        for try await buffer in stream { buffer.withUnsafeBytes(keep) }
    }

    private func keepOutput(_ bytes: UnsafeRawBufferPointer) {
        let isTooMuch = state.withLock { state in
            guard state.output.count + bytes.count <= outputLimit else { return true }
            state.output.append(contentsOf: bytes)
            return false
        }
        if isTooMuch { stop(.printedTooMuch) }
    }

    private func keepErrors(_ bytes: UnsafeRawBufferPointer) {
        let isTooMuch = state.withLock { state in
            state.errors.append(contentsOf: bytes.prefix(max(0, Self.errorLimit - state.errors.count)))
            state.errorCount += bytes.count
            return state.errorCount > Self.errorFlood
        }
        if isTooMuch { stop(.printedTooMuch) }
    }

    private func stop(_ verdict: Command.End) {
        state.withLock { $0.verdict = $0.verdict ?? verdict }
        group.kill()
    }
}
