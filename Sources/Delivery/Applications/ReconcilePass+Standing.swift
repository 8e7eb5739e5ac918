import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Objects of a commit that are in the cluster and do not carry the application's marks.
struct Strangers: Sendable {
    /// Those that it was looked for, there or not.
    var wanted: Set<ObjectReference>
    var objects: [ObjectReference: KubeObject]
    /// They are not watched: when they are looked at once more, in seconds since 1970.
    var lookAgainAt: Double
    /// How often they were found unchanged.
    var attempts = 0
}

/// How things are while nothing is done, because somebody refuses or stopped it.
extension ReconcilePass {
    /// Shows why nothing is delivered, and how the objects are meanwhile.
    mutating func refuse(_ finding: Finding) async -> ReconcileResult {
        await showStanding(.refused, findings: [finding])
    }

    mutating func showStanding(
        _ sync: SyncState,
        message: String = "",
        findings: [Finding]
    ) async -> ReconcileResult {
        // Of a namespace that is outside of its tenant's prefixes nothing is looked up for it.
        let mayLook = !findings.contains { $0.code == .outsidePrefix }
        guard let tree = await standingTree(mayLook: mayLook) else {
            show(sync, message: message, findings: findings)
            return .settled
        }
        showStanding(tree, sync, message: message, findings: findings)
        return lookAgain([tree.lookAgainAt, progress.strangers?.lookAgainAt])
    }

    private mutating func showStanding(
        _ tree: ObjectTree,
        _ sync: SyncState,
        message: String = "",
        findings: [Finding],
        change: (inout ApplicationSnapshot) -> Void = { _ in }
    ) {
        environment.board.publish(objects: tree.nodes, of: id)
        let health: HealthState = tree.nodes.isEmpty ? .unknown : tree.health.state
        show(sync, health: health, message: message, findings: findings) { snapshot in
            snapshot.counts = tree.counts
            change(&snapshot)
        }
    }

    /// The next of these times, in seconds since 1970, is waited for.
    func lookAgain(_ times: [Double?]) -> ReconcileResult {
        guard let next = times.compactMap(\.self).min() else { return .settled }
        return .again(after: .seconds(max(0.02, next - now)))
    }

    /// `nil` while nobody knows what the cluster has.
    private mutating func standingTree(mayLook: Bool) async -> ObjectTree? {
        let resources = Set(progress.desired.compactMap(\.resource))
        guard let lane = environment.lanes[id.cluster], lane.view.failure == nil,
            lane.view.isComplete(for: resources)
        else { return nil }
        guard mayLook, let rendered = progress.rendered else { return makeTreeWithoutPlan(lane) }
        let plan = makePlan(lane, rendered)
        await lookForStrangers(plan, lane, canAct: false)
        return makeTree(plan, lane, canAct: false)
    }

    /// Shows why a commit is not delivered when nothing of an earlier one is known, either.
    mutating func showRejected(_ rejected: RejectedRevision, _ lane: ClusterLane) -> ReconcileResult {
        let state: SyncState = rejected.retryAt == nil ? .refused : .failed
        showStanding(makeTreeWithoutPlan(lane), state, findings: rejected.findings) {
            $0.desired = rejected.revision
        }
        return lookAgain([rejected.retryAt])
    }

    // MARK: Strangers

    /// Looks whether objects are there that the plan would make and does not: only what carries Varde's label is watched.
    ///
    /// Costs one list for each kind, at first and then ever more rarely while nothing changes. What fails is left as it was.
    mutating func lookForStrangers(_ plan: Plan, _ lane: ClusterLane, canAct: Bool) async {
        let open = plan.steps.filter { $0.mayBeThere(canAct: canAct) }
        guard !open.isEmpty else {
            if progress.strangers != nil { progress.strangers = nil }
            return
        }
        let wanted = Set(open.map(\.reference))
        let known = progress.strangers.flatMap { $0.wanted == wanted ? $0 : nil }
        if let known, now < known.lookAgainAt { return }
        var found = known?.objects ?? [:]
        for (place, steps) in Dictionary(grouping: open, by: Place.init) {
            guard let resource = place.resource, let items = await items(of: resource, place, lane) else {
                continue
            }
            for step in steps { found[step.reference] = items[step.reference] }
        }
        let isSame = known.map {
            $0.objects.mapValues(\.resourceVersion) == found.mapValues(\.resourceVersion)
        }
        let attempts = isSame == true ? (known?.attempts ?? 0) + 1 : 0
        progress.strangers = Strangers(
            wanted: wanted,
            objects: found,
            lookAgainAt: now + Backoff().delay(attempt: attempts).seconds,
            attempts: attempts
        )
    }

    /// What is listed together.
    private struct Place: Hashable {
        var resource: APIResource?
        var namespace: String

        init(_ step: Plan.Step) {
            (resource, namespace) = (step.desired?.resource, step.reference.namespace)
        }
    }

    private func items(
        of resource: APIResource,
        _ place: Place,
        _ lane: ClusterLane
    ) async -> [ObjectReference: KubeObject]? {
        let list = try? await lane.slots.run {  // What cannot be listed is shown as it was.
            try await lane.client.list(resource, namespace: resource.isNamespaced ? place.namespace : nil)
        }
        return list.map { list in
            Dictionary(list.items.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }
}

extension Plan.Step {
    /// Whether an object that seems not to be there is not made now, so that one without marks may be in its place.
    fileprivate func mayBeThere(canAct: Bool) -> Bool {
        guard action == .create, live == nil, desired?.resource?.isWatchable == true else { return false }
        if case .failed = obstacle { return true }
        return !canAct && obstacle == nil
    }
}
