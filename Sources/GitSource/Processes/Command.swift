import Subprocess
import SystemPackage

/// One run of a program that is not trusted to end, to be brief, or to clean up after itself.
///
/// The program gets exactly ``environment`` (nothing is inherited), no input, a process group of its own that is killed
/// when the run is over, a deadline, and a bound on what it may print.
///
/// ```swift
/// let outcome = try await Command("/usr/bin/git", ["--version"], deadline: .seconds(5)).run()
/// guard outcome.succeeded else { … }
/// ```
package struct Command: Sendable {
    /// An absolute path.
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    /// The working directory; the caller's own when `nil`.
    package var directory: String?
    package var deadline: Duration
    /// Bytes of standard output; a program that prints more is killed.
    package var outputLimit: Int
    /// Bytes of private memory that each process of the program may have; no limit when `nil`.
    package var memoryLimit: Int?
    /// Bytes of the largest file it may write; no limit when `nil`.
    package var fileSizeLimit: Int?
    /// Processes that may run in its group at a time; no limit when `nil`.
    package var processLimit: Int?
    /// Seconds of processor time of each process; no limit when `nil`.
    ///
    /// The system itself ends what takes longer, also when nobody is left to see that it runs on.
    package var processorLimit: Int?

    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String? = nil,
        deadline: Duration,
        outputLimit: Int = 64 << 20,
        memoryLimit: Int? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.deadline = deadline
        self.outputLimit = outputLimit
        self.memoryLimit = memoryLimit
    }

    /// How a run came to its end.
    package enum End: Sendable, Hashable {
        case exited(Int32), killed(signal: Int32), timedOut, printedTooMuch, tooManyProcesses
    }

    /// What a run left behind.
    package struct Outcome: Sendable {
        package var end: End
        package var output: [UInt8]
        /// The first 256 KiB of standard error.
        package var errors: String
        /// What it was given.
        package var deadline: Duration
        package var succeeded: Bool { end == .exited(0) }
    }

    /// Runs the program and waits for its end.
    ///
    /// - Throws: `CancellationError` when the task is cancelled (the program is killed first); another error when the
    ///   program cannot be started. A program that fails is an ``Outcome``.
    package func run() async throws -> Outcome {
        let result = try await Subprocess.run(
            configuration,
            input: .none,
            output: .sequence,
            error: .sequence
        ) {
            execution in
            let collector = CommandCollector(
                outputLimit: outputLimit,
                processLimit: processLimit,
                group: ProcessGroup(leader: execution.processIdentifier.value)
            )
            await collector.collect(execution.standardOutput, execution.standardError, deadline: deadline)
            return collector
        }
        try Task.checkCancellation()
        let collector = result.closureResult
        let end: End =
            switch (collector.verdict, result.terminationStatus) {
            case (let verdict?, _): verdict
            case (nil, .exited(let code)): .exited(code)
            case (nil, .signaled(let signal)): .killed(signal: signal)
            }
        return Outcome(end: end, output: collector.output, errors: collector.errors, deadline: deadline)
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
        ]
        let (program, words) = limitedCommand
        return Configuration(
            executable: .path(FilePath(program)),
            arguments: Arguments(words),
            environment: .custom(
                Dictionary(
                    environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) },
                    uniquingKeysWith: { _, last in last }
                )
            ),
            workingDirectory: directory.map { FilePath($0) },
            platformOptions: options
        )
    }

    /// The shell sets the limit and replaces itself by the program, which keeps the process id.
    private var limitedCommand: (String, [String]) {
        var limits: [String] = []
        if let memoryLimit { limits.append("ulimit -d \(memoryLimit / 1024)") }
        // In blocks of 512 bytes.
        if let fileSizeLimit { limits.append("ulimit -f \(fileSizeLimit / 512)") }
        if let processorLimit { limits.append("ulimit -t \(processorLimit)") }
        guard !limits.isEmpty else { return (executable, arguments) }
        let script = limits.joined(separator: " && ") + " && exec \"$0\" \"$@\""
        return ("/bin/sh", ["-c", script, executable] + arguments)
    }
}
