package import KubeModel

/// Believable logs of containers that do not run; every log begins by saying so.
///
/// A line is a function of its container and its number, so nothing is stored: a tail is computed, not searched.
package struct SimulatedLogs: LogSource {
    private let clock: any Clock<Duration>

    package init(clock: any Clock<Duration> = ContinuousClock()) { self.clock = clock }

    package func log(
        of pod: @escaping @Sendable () -> KubeObject?,
        options: LogOptions
    ) throws -> AsyncStream<[UInt8]> {
        guard let now = pod() else {
            throw StatusError(code: 404, reason: "NotFound", message: "pods not found")
        }
        let container = try PodContainers(now).name(wanted: options.container)
        let log = try SimulatedLog(pod: now, container: container, previous: options.previous)
        let first = log.text(until: Timestamp.now(), options)
        guard options.follows, !log.hasEnded else {
            return AsyncStream { continuation in
                if !first.isEmpty { continuation.yield(first) }
                continuation.finish()
            }
        }
        let follower = Follower(
            pod: pod,
            container: container,
            options: options,
            clock: clock,
            log: log,
            pending: first
        )
        return AsyncStream(unfolding: follower.next)
    }

    static func badRequest(_ message: String) -> StatusError {
        StatusError(code: 400, reason: "BadRequest", message: message)
    }

    /// The lines that come while somebody waits for them.
    private actor Follower {
        private let pod: @Sendable () -> KubeObject?
        private let container: String
        private let options: LogOptions
        private let clock: any Clock<Duration>
        private let log: SimulatedLog
        private var pending: [UInt8]
        private var shownUntil = Timestamp.now()

        init(
            pod: @escaping @Sendable () -> KubeObject?,
            container: String,
            options: LogOptions,
            clock: any Clock<Duration>,
            log: SimulatedLog,
            pending: [UInt8]
        ) {
            self.pod = pod
            self.container = container
            self.options = options
            self.clock = clock
            self.log = log
            self.pending = pending
        }

        /// The next lines; `nil` when the container has ended or the reader has gone.
        func next() async -> [UInt8]? {
            if !pending.isEmpty {
                defer { pending = [] }
                return pending
            }
            while !Task.isCancelled {
                do {
                    try await clock.sleep(for: .seconds(1))
                } catch { return nil }
                guard let pod = pod(),
                    // Ended, or gone.
                    let current = try? SimulatedLog(pod: pod, container: container, previous: false),
                    current.startedAt == log.startedAt
                else { return nil }
                let now = Timestamp.now()
                let text = current.text(from: shownUntil, until: now, options)
                shownUntil = now
                if !text.isEmpty { return text }
                if current.hasEnded { return nil }
            }
            return nil
        }
    }
}
