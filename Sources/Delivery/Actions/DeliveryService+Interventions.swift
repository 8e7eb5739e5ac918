import KubeClient
import KubeModel
import GitSource
import KubeRuntime
import Logging
import Synchronization

extension DeliveryService {
    /// Delivers an earlier revision until the pin expires or is taken away; automatic sync goes on, on the pin.
    ///
    /// - Parameters:
    ///   - commit: Any name of a commit that Git knows; `nil` for the one that was applied before the present one.
    ///   - lifetime: A day when `nil`; at most a year.
    /// - Throws: ``DeliveryError`` when there is no such commit, or it does not have the application's directory.
    @discardableResult
    package func rollback(
        _ id: ApplicationID,
        to commit: String?,
        reason: String,
        lifetime: Duration?,
        by person: String
    ) async throws -> Pin {
        let deed = Deed.pin(commit: commit, reason: reason, lifetime: lifetime?.seconds)
        if let answer = try await elsewhere(deed, id, by: person) {
            guard let pin = Pin(answer) else { throw refusal("The other replica's answer cannot be read.") }
            return pin
        }
        let cell = try cell(id)
        let source = cell.inputs.withLock { $0.source }
        guard case .directory(let path) = source.layout else {
            throw refusal("\(id) is the platform's own; revert the commit in its repository instead.")
        }
        let lifetime = lifetime ?? Pin.lifetime
        guard lifetime > .zero, lifetime <= .seconds(366 * 86_400) else {
            throw refusal("A pin lasts for more than nothing and at most a year.")
        }
        guard let wanted = commit ?? former(of: id) else {
            throw refusal("No earlier revision of \(id) is known; name a commit.")
        }
        let repository = await environment.watcher.repository(source.repository)
        let found: Commit
        do {
            found = try await repository.resolve(wanted)
        } catch let error as GitError {
            throw refusal("There is no commit \(wanted) in \(source.repositoryURL): \(error.message)")
        }
        guard let entry = try await repository.entry(of: found.tree, at: path), entry.kind == .directory
        else {
            throw refusal("Commit \(found.id.hex.prefix(7)) has no directory \(path).")
        }
        let now = environment.now()
        let pin = Pin(
            commit: found.id.hex,
            subject: found.subject,
            reason: reason,
            person: person,
            since: now,
            expiresAt: now + lifetime.seconds
        )
        let decision = cell.decide { $0.pin = pin }
        try await keep(decision, "pinned", cell, person, ["commit": "\(pin.commit)", "reason": "\(reason)"])
        return pin
    }

    /// Writes a commit that puts the directory back to what the pin says, so that the rollback lasts; the pin ends when that
    /// commit is seen.
    ///
    /// - Throws: `StatusError` when the application is not pinned, or its repository does not take the push.
    /// - Returns: The new commit's id.
    @discardableResult
    package func commitRollback(_ id: ApplicationID, by person: String) async throws -> String {
        if let answer = try await elsewhere(.commitPin, id, by: person) { return answer.string ?? "" }
        let cell = try cell(id)
        let (source, known) = cell.inputs.withLock { ($0.source, $0.pin) }
        guard let pin = known, case .directory(let path) = source.layout else {
            throw refusal("\(id) is not pinned.")
        }
        guard source.branch != "HEAD", !source.branch.isEmpty else {
            throw refusal(
                "The tenant does not name the branch of \(source.repositoryURL); commit the revert yourself."
            )
        }
        let reason = pin.reason.isEmpty ? "" : "\n\n\(pin.reason)"
        let request = RevertRequest(
            path: path,
            commit: ObjectID(pin.commit),
            branch: source.branch,
            author: person,
            message: "Put \(path) back to \(pin.short)\(reason)"
        )
        do {
            let repository = await environment.watcher.repository(source.repository)
            let commit = try await repository.revert(request)
            log("rollback committed", id, person, ["commit": "\(commit.id)"])
            environment.wake(id)
            await environment.watcher.poke(source.repository)
            return commit.id.hex
        } catch let error as GitError {
            throw refusal("The revert could not be pushed to \(source.repositoryURL): \(error.message)")
        }
    }

    /// Takes a pin away: the newest commit is delivered again.
    package func unpin(_ id: ApplicationID, by person: String) async throws {
        if try await elsewhere(.unpin, id, by: person) != nil { return }
        let cell = try cell(id)
        guard cell.inputs.withLock({ $0.pin != nil }) else { throw refusal("\(id) is not pinned.") }
        let now = environment.now()
        try await keep(cell.decide { $0.endPin(at: now) }, "unpinned", cell, person, [:])
    }

    /// Changes nothing of an application until ``resume(_:by:)``; it is still looked at and shown.
    package func pause(_ id: ApplicationID, reason: String, by person: String) async throws {
        if try await elsewhere(.pause(reason: reason), id, by: person) != nil { return }
        let cell = try cell(id)
        let pause = Pause(reason: reason, person: person, since: environment.now())
        try await keep(cell.decide { $0.pause = pause }, "paused", cell, person, ["reason": "\(reason)"])
    }

    package func resume(_ id: ApplicationID, by person: String) async throws {
        if try await elsewhere(.resume, id, by: person) != nil { return }
        let cell = try cell(id)
        let (was, isSkipped) = cell.inputs.withLock { ($0.pause != nil, $0.isSkipped) }
        guard was || isSkipped else { throw refusal("\(id) is not paused.") }
        if isSkipped {
            let name = ApplicationObject.name(of: id)
            let patch: JSON = ["metadata": ["annotations": .object([Pause.annotation: .null])]]
            _ = try await environment.admin.patch(.applications, name, merge: patch)
        }
        let decision = cell.decide { ($0.pause, $0.isSkipped) = (nil, false) }
        try await keep(decision, "resumed", cell, person, [:])
    }

    /// Keeps what is held for approval, until a commit deletes it once more.
    ///
    /// - Throws: ``DeliveryError`` when nothing of that name is held.
    package func refuse(_ id: ApplicationID, objects: [String]?, by person: String) async throws {
        if try await elsewhere(.refuse(objects: objects), id, by: person) != nil { return }
        let cell = try cell(id)
        if let words = keptWithoutPruning(cell) { throw refusal(words) }
        let held = Set(board.objects(of: id).filter { $0.sync == .held }.map(\.id))
        if held.isEmpty, board.application(id)?.sync == .held,
            cell.inputs.withLock({ $0.presence.isVanished })
        {
            throw refusal(
                "\(id) is held as a whole: its directory is gone, and nothing goes without approval. To keep it for good, "
                    + "bring the directory back; to let it go: varde app approve \(id)"
            )
        }
        let refused = objects.map { held.intersection($0) } ?? held
        if let unknown = objects?.first(where: { !held.contains($0) }) {
            throw refusal("\(unknown) of \(id) is not held for approval.")
        }
        guard !refused.isEmpty else { throw refusal("Nothing of \(id) is held for approval.") }
        let decision = cell.decide { inputs in
            for object in refused {
                inputs.approvals[object] = nil
                inputs.refusals[object] = person
            }
        }
        try await keep(decision, "deletion refused", cell, person, ["objects": "\(refused.sorted())"])
    }

    /// One of the last syncs, with its steps.
    ///
    /// - Throws: `StatusError` (404) for one that is not known, or no longer.
    package nonisolated func record(_ number: Int, of id: ApplicationID) throws -> SyncRecord {
        _ = try cell(id)
        guard let record = board.history(of: id).first(where: { $0.number == number }) else {
            throw DeliveryError.notFound("\(id) has no sync \(number) among its last \(Board.historyLimit).")
        }
        return record
    }

    /// The commit that was applied whole before the one that is.
    private func former(of id: ApplicationID) -> String? {
        let current = board.application(id)?.applied?.commit ?? board.application(id)?.desired?.commit
        return board.history(of: id).first {
            $0.result == .succeeded && $0.cause != .deletion && $0.revision != nil
                && $0.revision?.commit != current
        }?.revision?.commit
    }

    private func refusal(_ message: String) -> StatusError {
        StatusError(code: 409, reason: "Conflict", message: message)
    }
}
