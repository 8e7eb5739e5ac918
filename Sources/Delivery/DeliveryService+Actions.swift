import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Rendering
import Synchronization

extension DeliveryError {
    /// Something that a person asked for is not there.
    static func notFound(_ message: String) -> StatusError {
        StatusError(code: 404, reason: "NotFound", message: message)
    }
}

extension DeliveryService {
    // MARK: Actions

    /// Syncs now, whatever autoSync and backoff say; what is fetched from elsewhere is fetched again.
    ///
    /// Returns when a restart would know of it, or it is over already.
    ///
    /// - Returns: A warning when neither is so in time: the sync goes on, and would be lost if Varde ended meanwhile.
    @discardableResult
    package func sync(_ id: ApplicationID, by person: String) async throws -> String? {
        if let answer = try await elsewhere(.sync, id, by: person) { return answer.string }
        let cell = try cell(id)
        guard !cell.inputs.withLock({ $0.isPaused }) else {
            let message = "\(id) is paused; end that first: varde app resume \(id)"
            throw StatusError(code: 409, reason: "Conflict", message: message)
        }
        let request = SyncRequest(person: person, since: environment.now())
        let decision = cell.decide { ($0.syncRequest, $0.fetchesAnew) = (request, true) }
        let isSafe = try await take(decision, "sync asked for", cell, person, [:]) { $0.syncRequest == nil }
        return isSafe ? nil : "\(person)'s sync of \(id) goes on; but \(unrecordedWords)"
    }

    /// Lets the held deletions of an application happen (all, or those named by object id).
    ///
    /// - Throws: ``DeliveryError`` when nothing is held, or nothing of that name.
    package func approve(_ id: ApplicationID, objects: [String]?, by person: String) async throws {
        if try await elsewhere(.approve(objects: objects), id, by: person) != nil { return }
        let cell = try cell(id)
        let isHeldDirectory = cell.inputs.withLock { inputs in
            if case .vanished(let tombstone) = inputs.presence { tombstone.isHeld } else { false }
        }
        if let words = keptWithoutPruning(cell) { throw nothingToApprove(words) }
        let held = Set(board.objects(of: id).filter { $0.sync == .held }.map(\.id) + heldByFindings(id))
        let approved = objects.map { held.intersection($0) } ?? held
        if let objects, let unknown = objects.first(where: { !held.contains($0) }) {
            throw nothingToApprove("\(unknown) of \(id) is not held for approval.")
        }
        guard isHeldDirectory || !approved.isEmpty else {
            throw nothingToApprove("Nothing of \(id) is held for approval.")
        }
        let decision = cell.decide { inputs in
            for object in approved { inputs.approvals[object] = person }
            guard isHeldDirectory, case .vanished(var tombstone) = inputs.presence else { return }
            tombstone.isHeld = false
            inputs.presence = .vanished(tombstone)
        }
        try await keep(decision, "deletion approved", cell, person, ["objects": "\(approved.sorted())"])
    }

    /// Why nothing of an application waits for a person, where its settings keep all that is no longer in the commit.
    nonisolated func keptWithoutPruning(_ cell: ApplicationCell) -> String? {
        guard cell.progress.withLock({ $0.rendered?.settings.prune == false }),
            cell.inputs.withLock({ !$0.presence.isVanished })
        else { return nil }
        return
            "Nothing of \(cell.id) waits for approval: its settings say prune: false, so what is no longer in the commit is "
            + "kept. Set prune: true to have it deleted."
    }

    private nonisolated func nothingToApprove(_ message: String) -> DeliveryError {
        DeliveryError(
            finding: Finding(code: .heldDeletion, message: message, since: environment.now()),
            isRetryable: false
        )
    }

    private nonisolated func heldByFindings(_ id: ApplicationID) -> [String] {
        (board.application(id)?.findings ?? []).filter { $0.code == .heldDeletion }.compactMap(\.object)
    }

    nonisolated func cell(_ id: ApplicationID) throws -> ApplicationCell {
        guard environment.clusters.delivers(to: id.cluster) else {
            throw DeliveryError.notFound(
                "Another replica of Varde delivers to \(id.cluster) now. Ask that one's console."
            )
        }
        guard let cell = environment.registry[id] else {
            throw DeliveryError.notFound("There is no application \(id).")
        }
        return cell
    }

    nonisolated func lane(_ id: ApplicationID) throws -> ClusterLane {
        guard let lane = environment.lanes[id.cluster] else {
            throw DeliveryError(
                finding: Finding(
                    code: .clusterUnreachable,
                    message: "Cluster \(id.cluster) cannot be reached.",
                    since: environment.now()
                ),
                isRetryable: true
            )
        }
        return lane
    }

    // MARK: Looking closer

    /// Differences per object: what a sync would do now, field by field.
    ///
    /// Values of Secrets are masked.
    package func diff(of id: ApplicationID) async throws -> [ObjectDiff] {
        let cell = try cell(id)
        let lane = try lane(id)
        var pass = ReconcilePass(environment, cell)
        guard let rendered = pass.progress.rendered else { return [] }
        var plan = pass.makePlan(lane, rendered)
        // Schemas, contents, dry runs: each is asked for once.
        for _ in 0..<3 where try await pass.learn(from: plan, lane, isActing: false) {
            plan = pass.makePlan(lane, rendered)
        }
        return plan.steps.compactMap { step in
            guard step.action != .none else { return nil }
            return ObjectDiff(
                object: step.reference.description,
                action: step.action,
                reason: step.reason,
                fields: ObjectDiff.fields(of: step)
            )
        }
    }

    /// Events of the application's objects, newest last, as the cluster has them.
    package func events(of id: ApplicationID) async throws -> [ObjectEvent] {
        _ = try cell(id)
        let lane = try lane(id)
        let nodes = Set(board.objects(of: id).map(\.id))
        let all = try await lane.client.list(.events, namespace: id.namespace).items
        return all.compactMap { event -> ObjectEvent? in
            let about = event["involvedObject"] ?? [:]
            let reference = ObjectReference(
                group: GroupVersionKind.split(about["apiVersion"]?.string ?? "").group,
                kind: about["kind"]?.string ?? "",
                namespace: about["namespace"]?.string ?? "",
                name: about["name"]?.string ?? ""
            )
            guard nodes.contains(reference.description) || reference.namespace == id.namespace else {
                return nil
            }
            return ObjectEvent(event, about: reference)
        }
        .sorted { $0.time < $1.time }
    }

    /// One live object, Secrets masked, without managedFields; and the desired manifest.
    package func object(_ object: String, of id: ApplicationID) async throws -> ObjectManifests {
        let cell = try cell(id)
        let desired = cell.progress.withLock { $0.desired.first { $0.reference.description == object } }
        var live = environment.lanes[id.cluster].flatMap { lane in
            lane.view.objects(label: cell.tracking.value).first { $0.key.description == object }?.value
        }
        if live == nil { live = try await child(object, of: id) }
        guard live != nil || desired != nil else {
            throw DeliveryError.notFound("\(id) has no object \(object).")
        }
        return ObjectManifests(
            live: live.map(Secrecy.shown),
            desired: (desired?.object).map(Secrecy.shown),
            origin: desired.map { "\($0.origin)" }
        )
    }

    /// An object that one of the application's objects made.
    private func child(_ object: String, of id: ApplicationID) async throws -> KubeObject? {
        guard let node = board.objects(of: id).first(where: { $0.id == object }), node.parent != nil else {
            return nil
        }
        let lane = try lane(id)
        let gvk = GroupVersionKind(apiVersion: node.apiVersion, kind: node.kind)
        guard let resource = try await lane.client.discovery.resource(for: gvk) else { return nil }
        return try await lane.client.find(resource, ObjectName(namespace: node.namespace, name: node.name))
    }

    /// The log of a pod of the application.
    ///
    /// - Throws: `StatusError` for a pod that is not among the application's objects.
    package func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    ) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        let label = try cell(id).tracking.value
        let lane = try lane(id)
        // One that is only in the place of a Pod of the commit is not the application's.
        guard let node = board.objects(of: id).first(where: { $0.kind == "Pod" && $0.name == pod }),
            node.parent != nil
                || lane.view.objects(label: label).keys.contains(where: { $0.description == node.id })
        else {
            throw DeliveryError.notFound("\(id) has no pod \(pod).")
        }
        var query = [(name: "tailLines", value: String(max(0, min(tail, 10_000))))]
        if let container { query.append(("container", container)) }
        if follow { query.append(("follow", "true")) }
        if previous { query.append(("previous", "true")) }
        let path = APIResource.pods.path(ObjectName(namespace: node.namespace, name: pod), subresource: "log")
        return try await lane.client.transport.stream(APIRequest(.get, path, query: query, accept: "*/*"))
    }
}
