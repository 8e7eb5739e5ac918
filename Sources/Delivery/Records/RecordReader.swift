import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Takes up what an earlier process knew.
struct RecordReader {
    let environment: DeliveryEnvironment

    /// Reads the `Application` objects, trying until the admin cluster answers.
    ///
    /// - Parameter isTakeover: Whether what is recorded is newer than what this process knows people to have decided.
    func restore(
        isTakeover: Bool = false,
        where isWanted: (ApplicationID) -> Bool = { _ in true }
    ) async throws {
        let backoff = Backoff(first: .milliseconds(500), limit: .seconds(15))
        var attempt = 0
        while true {
            do {
                for object in try await environment.admin.list(.applications).items {
                    guard let known = ApplicationObject(object), isWanted(known.snapshot.id) else { continue }
                    restore(known, isTakeover: isTakeover)
                }
                return
            } catch {
                try Task.checkCancellation()
                environment.logger.warning(
                    "applications cannot be read",
                    metadata: ["error": "\(error)"]
                )
                try await Task.sleep(for: backoff.jittered(attempt: attempt))
                attempt += 1
            }
        }
    }

    private func restore(_ known: ApplicationObject, isTakeover: Bool) {
        let id = known.snapshot.id
        let source = ApplicationSource(
            repository: known.snapshot.repository,
            branch: known.snapshot.branch,
            layout: .directory(known.snapshot.path)
        )
        let cell = environment.registry.cell(id) {
            ApplicationCell(id: id, source: source, now: environment.now())
        }
        var snapshot = known.snapshot
        let before = snapshot.wordsBeforeRestart
        snapshot.message = ["Its repository and its cluster are looked at.", before].compactMap(\.self)
            .joined(separator: " ")
        // What was true once is no promise for now, and whoever waits for a state waits for it to be seen.
        snapshot.sync = .unknown
        snapshot.health = .unknown
        snapshot.findings = []
        // What is on disk has the steps; the object has the last few syncs without them, also those that had none.
        var syncs = Dictionary(known.history.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for sync in environment.history?.read(id) ?? [] { syncs[sync.number] = sync }
        let sorted = syncs.values.map(\.asLeft).sorted { $0.number < $1.number }
        environment.board.restore(history: sorted, of: id)
        // What is on disk may be ahead of the object, where it was stopped before that was written.
        let last = sorted.last
        let completed =
            last?.result == .succeeded
            ? last?.revision?.commit ?? snapshot.applied?.commit : snapshot.applied?.commit
        let isNew = cell.progress.withLock { progress in
            guard !progress.hasStarted else { return false }
            progress.snapshot = snapshot
            progress.beforeRestart = before
            progress.completed = completed
            // Recorded by a clock that was ahead: no wait is longer than the longest.
            progress.hookResults = known.hooks.mapValues { result in
                var result = result
                result.retryAt = min(result.retryAt, environment.now() + Backoff().limit.seconds)
                return result
            }
            progress.objectsBefore = known.objectsBefore
            if let desired = snapshot.desired, !known.trees.isEmpty {
                progress.restored = (known.trees.map { ObjectID($0) }, desired)
            }
            return true
        }
        guard isNew else { return }
        var interventions = known.interventions
        // It may have ended just before the process did.
        if let request = interventions.syncRequest, sorted.contains(where: { $0.isEnd(of: request) }) {
            interventions.syncRequest = nil
        }
        cell.inputs.withLock { inputs in
            interventions.restore(&inputs, isTakeover: isTakeover)
            inputs.isRecorded = true
            inputs.recordedHooks = Set(known.hooks.values.map(\.uid))
            if inputs.presence == .unknown || isTakeover && inputs.presence.isVanished,
                var tombstone = known.tombstone
            {
                // Recorded by a clock that was ahead: its time would come only when this one is there.
                tombstone.since = min(tombstone.since, environment.now())
                inputs.presence = .vanished(tombstone)
            }
        }
        environment.board.publish(.application(snapshot))
        if known.tombstone != nil { environment.wake(id) }
    }
}

extension SyncRecord {
    /// Whether it is the sync that a person asked for, and is over.
    fileprivate func isEnd(of request: SyncRequest) -> Bool {
        cause == .manual && startedAt >= request.since && result != .running && result != .interrupted
    }
}

extension ApplicationSnapshot {
    /// How it was, as it was recorded; `nil` when that was not known either.
    fileprivate var wordsBeforeRestart: String? {
        guard sync != .unknown else { return nil }
        return "Before Varde was started again it was \(sync.rawValue) and \(health.rawValue), since "
            + "\(Timestamp(since).text)."
    }
}
