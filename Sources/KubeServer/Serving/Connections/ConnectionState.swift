/// What a connection is doing, and since when: decides whether it has stalled.
///
/// A value without a clock.
struct ConnectionState: Sendable, Hashable {
    enum Phase: Sendable, Hashable {
        /// Nothing was asked yet: the TLS handshake and the first head are still to come.
        case opening
        /// Between two requests, or while a head comes slowly.
        case idle
        case readingBody
        case answering
        /// A watch or a log that is followed; quiet for as long as nothing happens.
        case streaming
        /// A streamed piece is on its way to a client that has not taken it yet.
        case sending
    }

    private(set) var phase = Phase.opening
    private(set) var since: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) { since = now }

    mutating func enter(_ phase: Phase, now: ContinuousClock.Instant) {
        self.phase = phase
        since = now
    }

    var isWaiting: Bool { phase == .opening || phase == .idle }

    /// Whether the connection has been in its phase for longer than a client has reason to.
    func isStalled(now: ContinuousClock.Instant) -> Bool {
        guard let patience = Self.patience(phase) else { return false }
        return since.duration(to: now) > patience
    }

    /// As long as a Kubernetes server waits: 32 s for a head, 90 s between requests, a minute for everything else.
    private static func patience(_ phase: Phase) -> Duration? {
        switch phase {
        case .opening: .seconds(32)
        case .idle: .seconds(90)
        case .readingBody, .sending: .seconds(60)
        case .answering: .seconds(120)
        case .streaming: nil
        }
    }
}
