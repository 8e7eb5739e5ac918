import KubeModel
import KubeRuntime

extension DeliveryService {
    /// Set while an errand of another replica is carried out: it is not passed on once more.
    @TaskLocal static var isErrand = false

    /// Has a deed done by the replica that delivers the application.
    ///
    /// - Returns: Its answer; `nil` when that replica is this one.
    /// - Throws: `StatusError` (503) when this one has just become it, and cannot read in time what was recorded before.
    nonisolated func elsewhere(_ deed: Deed, _ id: ApplicationID, by person: String) async throws -> JSON? {
        if let desk = environment.errands?.desk, !Self.isErrand,
            !environment.clusters.delivers(to: id.cluster)
        {
            return try await desk.ask(deed, of: id, by: person)
        }
        let (lanes, deadline) = (environment.lanes, environment.recordDeadline)
        guard lanes.foreign.contains(id.cluster), environment.clusters.delivers(to: id.cluster) else {
            return nil
        }
        let isTakenOver = try await lanes.takenOver.wait(within: deadline) {
            !lanes.foreign.contains(id.cluster)
        }
        guard isTakenOver else {
            throw StatusError(
                code: 503,
                reason: "ServiceUnavailable",
                message:
                    "This replica of Varde takes over cluster \(id.cluster), and could not read within "
                    + "\(Int(deadline.seconds)) s what the one before it recorded. Nothing was done; ask again."
            )
        }
        return nil
    }

    /// Carries out what another replica was asked for.
    func perform(_ deed: Deed, on id: ApplicationID, by person: String) async throws -> JSON {
        try await Self.$isErrand.withValue(true) {
            switch deed {
            case .sync: return try await sync(id, by: person).map { .string($0) } ?? true
            case .approve(let objects): try await approve(id, objects: objects, by: person)
            case .refuse(let objects): try await refuse(id, objects: objects, by: person)
            case .pin(let commit, let reason, let lifetime):
                let pin = try await rollback(
                    id,
                    to: commit,
                    reason: reason,
                    lifetime: lifetime.map { .seconds($0) },
                    by: person
                )
                return pin.json
            case .commitPin: return .string(try await commitRollback(id, by: person))
            case .unpin: try await unpin(id, by: person)
            case .pause(let reason): try await pause(id, reason: reason, by: person)
            case .resume: try await resume(id, by: person)
            case .perform(let action, let object):
                return .string(try await perform(action, on: object, of: id, by: person))
            case .offers(let object):
                return .array(try await offers(for: object, of: id).map(\.json))
            }
            return true
        }
    }
}

/// What errands need; `nil` in a process that has no others beside it.
struct Errands: Sendable {
    let desk: ErrandDesk
    let queue: WorkQueue<ApplicationID>
}
