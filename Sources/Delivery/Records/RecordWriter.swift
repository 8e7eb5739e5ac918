import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Keeps the `Application` objects of the admin cluster as the applications are; writes only what changed.
struct RecordWriter: Reconciler {
    let environment: DeliveryEnvironment
    private let written = Written()
    private let startedAt: Double

    private struct ToldSync: Equatable {
        var number: Int
        var result: SyncRecord.Result
    }

    private final class Written: Sendable {
        struct Entry {
            /// Hashes of what was written: with thousands of applications the objects themselves would be most of the memory.
            var manifest: Int?
            var status: Int
            var generation: Int
            var uid: String
            /// The last sync that an event was written for.
            var told: ToldSync?
        }
        let entries = Mutex<[ApplicationID: Entry]>([:])
    }

    init(environment: DeliveryEnvironment) {
        self.environment = environment
        startedAt = environment.now()
    }

    private var client: KubeClient {
        var client = environment.admin
        client.fieldManager = "varde-records"
        return client
    }

    func reconcile(_ id: ApplicationID) async throws -> ReconcileResult {
        guard environment.delivers(to: id.cluster) else {
            // What was written is somebody else's to change from now on.
            written.entries.withLock { $0[id] = nil }
            return .settled
        }
        guard let cell = environment.registry[id] else {
            let name = ApplicationObject.name(of: id)
            try await client.delete(.applications, name)
            environment.history?.remove(id)
            written.entries.withLock { $0[id] = nil }
            environment.recorded.signal()
            return .settled
        }
        let inputs = cell.inputs.withLock { $0 }
        let (presence, trees) = (inputs.presence, inputs.trees)
        let progress = cell.progress.withLock { $0 }
        // Nothing new is known of one whose repository was not looked at yet, but for what people decided.
        guard presence != .unknown || inputs.decisions.made > inputs.decisions.recorded else {
            return .settled
        }
        var tombstone: Tombstone?
        if case .vanished(let known) = presence { tombstone = known }
        keepHistory(of: id)
        var object = ApplicationObject(
            snapshot: progress.snapshot,
            tombstone: tombstone,
            trees: progress.rendered?.trees == trees && progress.rejected == nil ? trees.map(\.hex) : [],
            history: Array(environment.board.history(of: id).prefix(ApplicationObject.historyLimit))
        )
        object.interventions = Interventions(inputs)
        object.hooks = progress.hookResults
        object.objectsBefore = progress.objectsBefore
        if presence == .unknown {
            try await writeManifest(object.manifest, id)
            note(inputs.decisions.made, cell)
            return .settled
        }
        try await write(object, id)
        note(inputs.decisions.made, cell)
        let uids = Set(progress.hookResults.values.map(\.uid))
        let isNews = cell.inputs.withLock { inputs in
            defer { (inputs.isRecorded, inputs.recordedHooks) = (true, uids) }
            return !inputs.isRecorded || inputs.recordedHooks != uids
        }
        if isNews { environment.wake(id) }
        await tell(object, id)
        return .settled
    }

    /// Tells those who wait that their decisions are written, up to one.
    private func note(_ decisions: Int, _ cell: ApplicationCell) {
        cell.inputs.withLock { $0.decisions.recorded = max($0.decisions.recorded, decisions) }
        environment.recorded.signal()
    }

    /// Puts on disk what of the last syncs is not there yet, without a word to any cluster: for the end.
    func keepHistories() {
        for id in environment.registry.all.map(\.id) where environment.delivers(to: id.cluster) {
            guard let last = environment.board.history(of: id).first,
                environment.history?.keeps(last, of: id) == false
            else { continue }
            keepHistory(of: id)
        }
    }

    private func keepHistory(of id: ApplicationID) {
        guard let store = environment.history else { return }
        for record in environment.board.history(of: id).reversed() {
            do {
                try store.write(record, of: id)
            } catch {
                environment.logger.warning(
                    "sync not kept",
                    metadata: ["application": "\(id)", "error": "\(HistoryStore.words(of: error))"]
                )
            }
        }
    }

    private func write(_ object: ApplicationObject, _ id: ApplicationID) async throws {
        let known = written.entries.withLock { $0[id] }
        let manifest = object.manifest
        let manifestHash = manifest.hashValue
        var (generation, uid) = (known?.generation ?? 0, known?.uid ?? "")
        if known?.manifest != manifestHash {
            let answer = try await writeManifest(manifest, id)
            (generation, uid) = (answer.generation, answer.uid)
        }
        let status = object.statusManifest(generation: generation)
        let statusHash = status.hashValue
        if known?.status != statusHash {
            do {
                _ = try await client.apply(.applications, status, force: true, subresource: "status")
            } catch let error as StatusError where error.isNotFound {
                // Somebody deleted it: made anew with the retry.
                written.entries.withLock { $0[id] = nil }
                throw error
            }
        }
        written.entries.withLock { entries in
            let told = entries[id]?.told
            entries[id] = Written.Entry(
                manifest: manifestHash,
                status: statusHash,
                generation: generation,
                uid: uid,
                told: told
            )
        }
    }

    @discardableResult
    private func writeManifest(_ manifest: KubeObject, _ id: ApplicationID) async throws -> KubeObject {
        // If the answer is lost, or the status is refused, what is there is not what was there.
        written.entries.withLock { $0[id]?.manifest = nil }
        let answer = try await apply(manifest, id)
        try await removeLeft(of: answer, manifest)
        return answer
    }

    /// Removes what the manifest does not have any more and the apply has left: where somebody else patches annotations at the
    /// same moment, API servers (1.20) take that one for their owner, too.
    private func removeLeft(of answer: KubeObject, _ manifest: KubeObject) async throws {
        let own = [
            Interventions.pin, Interventions.pause, Interventions.approvals, Interventions.refusals,
            Interventions.sync, ApplicationObject.tombstone,
        ]
        let left = own.filter { answer.annotation($0) != nil && manifest.annotation($0) == nil }
        guard !left.isEmpty else { return }
        let annotations = JSONObject(left.map { ($0, .null) }) { first, _ in first }
        _ = try await client.patch(
            .applications,
            manifest.objectName,
            merge: ["metadata": ["annotations": .object(annotations)]]
        )
    }

    /// Writes an event about a sync that ended, once.
    private func tell(_ object: ApplicationObject, _ id: ApplicationID) async {
        guard let last = object.history.first, last.result == .succeeded || last.result == .failed,
            last.cause != .drift, let finishedAt = last.finishedAt, finishedAt >= startedAt
        else { return }
        let told = ToldSync(number: last.number, result: last.result)
        let uid = written.entries.withLock { entries -> String? in
            guard entries[id]?.told != told else { return nil }
            entries[id]?.told = told
            return entries[id]?.uid
        }
        guard let uid else { return }
        // A commit that changed nothing here is no event.
        guard
            last.created + last.updated + last.deleted > 0 || last.cause != .commit || last.result == .failed
        else { return }
        var about = object.manifest
        about.set(.string(uid), at: "metadata", "uid")
        let commit = last.revision?.short ?? "?"
        let events = EventWriter(client: client, logger: environment.logger, now: environment.now)
        if last.result == .succeeded {
            let counts = "\(last.created) created, \(last.updated) updated, \(last.deleted) deleted"
            await events.write("Synced", "Synced to commit \(commit): \(counts).", about: about)
        } else {
            await events.write(
                "SyncFailed",
                "Commit \(commit): \(last.message)",
                about: about,
                severity: .warning
            )
        }
    }

    private func apply(_ manifest: KubeObject, _ id: ApplicationID) async throws -> KubeObject {
        do {
            return try await client.apply(.applications, manifest, force: true)
        } catch let error as StatusError where error.isNotFound {
            // The tenant's namespace is made with its first application.
            try await ApplicationObject.makeNamespace(of: id.tenant, in: client)
            return try await client.apply(.applications, manifest, force: true)
        }
    }
}
