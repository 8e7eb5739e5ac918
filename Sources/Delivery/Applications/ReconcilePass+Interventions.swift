import GitSource
import KubeModel
import KubeRuntime
import Synchronization

/// Pins and pauses: what people decided against the newest commit.
extension ReconcilePass {
    /// Puts the pinned commit in the place of the newest one; a pin that is over is taken away.
    mutating func usePin() async throws {
        guard let pin = inputs.pin else { return }
        guard now < pin.expiresAt else { return end(pin) }
        guard case .directory(let path) = inputs.source.layout else { return }
        let repository = await environment.watcher.repository(inputs.source.repository)
        let commit = try await repository.commit(ObjectID(pin.commit))
        // Who asks for an older commit does not vouch for it.
        try await repository.verify(commit, on: inputs.source.branch)
        let trees = [try await repository.entry(of: commit.tree, at: path)?.id].compactMap(\.self)
        if trees == inputs.trees, let newest = inputs.commit, Double(newest.time) + 1 >= pin.since,
            try await isPutBack(path, by: newest, since: pin, in: repository)
        {
            return end(pin)
        }
        (inputs.commit, inputs.trees) = (commit, trees)
    }

    /// Whether commits since the pin have changed the directory, and brought it to where it is pinned: not whether it was
    /// there all the time, while others changed other directories.
    private func isPutBack(
        _ path: String,
        by newest: Commit,
        since pin: Pin,
        in repository: GitRepository
    ) async throws -> Bool {
        let last = try await repository.log(from: newest.id, path: path, limit: 1).first
        let pinned = try await repository.log(from: ObjectID(pin.commit), path: path, limit: 1).first
        guard let last, last.id != pinned?.id else { return false }
        return Double(last.time) + 1 >= pin.since
    }

    /// The same files are another revision when a pin begins or ends: which one is found out again.
    mutating func notePin() {
        guard progress.pinned != inputs.pin?.commit else { return }
        progress.pinned = inputs.pin?.commit
        if progress.rendered?.trees == inputs.trees { progress.rendered = nil }
    }

    mutating func end(_ pin: Pin) {
        cell.inputs.withLock { if $0.pin == pin { $0.endPin(at: now) } }
        inputs.pin = nil
        environment.records.enqueue(id)
    }

    /// A pin has ended that kept an application whose directory is gone: from now on it is one that vanished.
    func vanishAfterPin() -> ReconcileResult {
        environment.wake(id)
        return .settled
    }

    func untilPinExpires(_ result: ReconcileResult) -> ReconcileResult {
        guard let pin = inputs.pin else { return result }
        let rest = Duration.seconds(max(0.02, pin.expiresAt - now))
        if case .again(let delay) = result { return .again(after: min(delay, rest)) }
        return .again(after: rest)
    }

    var pinFinding: Finding? {
        guard let pin = inputs.pin else { return nil }
        let reason = pin.reason.isEmpty ? "" : ": \(pin.reason)"
        var finding = Finding(
            severity: .info,
            code: .pinned,
            message:
                "Pinned to \(pin.short) by \(pin.person.isEmpty ? "somebody" : pin.person) until "
                + "\(Timestamp(pin.expiresAt).text)\(reason).",
            since: pin.since
        )
        if case .vanished(let tombstone) = inputs.presence {
            finding.severity = .warning
            finding.message +=
                " Its directory is gone since commit \(tombstone.commit.prefix(7)): it is deleted when the pin ends, "
                + "or is ended with: varde app unpin \(id)"
        } else {
            finding.message += " Newer commits wait; end it with: varde app unpin \(id)"
        }
        return finding
    }

    /// What keeps a commit from being delivered that a plan is made of.
    var interventionWords: [String] {
        var words: [String] = []
        if let finding = pinFinding, let pin = inputs.pin, now < pin.expiresAt {
            words.append(finding.message)
        }
        if inputs.isPaused {
            words.append("\(pauseWords) Nothing is applied before it is ended with: varde app resume \(id)")
        }
        return words
    }

    /// The pause as it is shown, whoever asked for it.
    var shownPause: Pause? {
        inputs.pause
            ?? (inputs.isSkipped
                ? Pause(reason: Pause.annotation, person: "", since: progress.snapshot.since) : nil)
    }

    var pauseWords: String {
        guard let pause = inputs.pause else {
            return "Paused: its Application object says \(Pause.annotation)."
        }
        let reason = pause.reason.isEmpty ? "" : ": \(pause.reason)"
        let person = pause.person.isEmpty ? "somebody" : pause.person
        return "Paused by \(person) since \(Timestamp(pause.since).text)\(reason)."
    }
}
