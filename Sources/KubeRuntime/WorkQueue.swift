import Synchronization

/// Keys that wait for work: each key at most once, and never given out twice at a time.
///
/// A key that is added while it is being worked on is given out again afterwards. Memory is bounded by the number of
/// distinct keys.
package actor WorkQueue<Key: Hashable & Sendable> {
    private nonisolated let state = Mutex(State())
    private nonisolated let timeline: Timeline
    private let backoff: Backoff

    package init(clock: any Clock<Duration> = ContinuousClock(), backoff: Backoff = Backoff()) {
        timeline = Timeline(clock)
        self.backoff = backoff
    }

    package func add(_ key: Key) { enqueue(key) }

    /// Adds the key later, unless it is added sooner by another way.
    package func add(_ key: Key, after delay: Duration) { enqueue(key, after: delay) }

    /// Adds the key after its backoff, which doubles with every call until ``forget(_:)``.
    @discardableResult
    package func addRetry(_ key: Key) -> Duration {
        let delay = backoff.delay(attempt: state.withLock { $0.countFailure(of: key) })
        enqueue(key, after: delay)
        return delay
    }

    package func forget(_ key: Key) { state.withLock { _ = $0.failures.removeValue(forKey: key) } }

    /// The next key; waits for one.
    ///
    /// `nil` when the queue is shut down or the task is cancelled.
    package func next() async -> Key? {
        let ticket = state.withLock { $0.newTicket() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { $0.take(ticket, continuation, isCancelled: Task.isCancelled) }
                if case .now(let key) = answer { continuation.resume(returning: key) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: nil)
        }
    }

    /// Gives a key back after its work.
    package func done(_ key: Key) { perform(state.withLock { $0.finish(key) }) }

    package func shutDown() {
        let (waiters, timer) = state.withLock { $0.close() }
        timer?.cancel()
        for waiter in waiters { waiter.resume(returning: nil) }
    }

    /// Keys that are ready to be given out.
    package var count: Int { state.withLock { $0.ready.count } }

    // MARK: From handlers

    /// ``add(_:)`` for callers that cannot wait, such as an informer's handlers.
    package nonisolated func enqueue(_ key: Key) { perform(state.withLock { $0.add(key) }) }

    /// ``add(_:after:)`` for callers that cannot wait.
    package nonisolated func enqueue(_ key: Key, after delay: Duration) {
        guard delay > .zero else { return enqueue(key) }
        let deadline = timeline.now() + delay
        guard state.withLock({ $0.add(key, at: deadline) }) else { return }
        startTimer(until: deadline)
    }

    private nonisolated func perform(_ handover: State.Handover?) {
        handover?.waiter.resume(returning: handover?.key)
    }

    // MARK: Time

    /// One task per queue, and only while a key waits for its time: the queue has no structure of its own to hang it on.
    private nonisolated func startTimer(until deadline: Duration) {
        let timer = Task { [weak self, timeline] in
            do {
                try await timeline.sleep(deadline)
            } catch { return }  // Replaced by an earlier deadline, or shut down.
            self?.timerFired()
        }
        state.withLock { state in
            guard !state.isClosed, state.timerDeadline == deadline else { return timer.cancel() }
            state.timer?.cancel()
            state.timer = timer
        }
    }

    private nonisolated func timerFired() {
        let now = timeline.now()
        let (handovers, next) = state.withLock { $0.wake(at: now) }
        for handover in handovers { perform(handover) }
        if let next { startTimer(until: next) }
    }

    deinit { state.withLock { $0.timer?.cancel() } }
}
