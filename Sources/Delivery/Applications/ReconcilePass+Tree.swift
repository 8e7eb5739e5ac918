import KubeModel
import Synchronization

/// The tree that people see of an application's objects.
extension ReconcilePass {
    /// What the cluster around the application's objects is like.
    func circumstances(_ lane: ClusterLane) -> Circumstances {
        var circumstances = lane.view.circumstances(now: now)
        let live = lane.view.objects(label: cell.tracking.value)
        let namespaces = Set(live.keys.filter { $0.kind == "PodDisruptionBudget" }.map(\.namespace))
        guard !namespaces.isEmpty else { return circumstances }
        let budgets = lane.view.budgets(in: namespaces)
        guard budgets.count > 1 else { return circumstances }
        let labels = live.values.flatMap { object in
            lane.view.podLabels(below: object).map { (namespace: object.namespace, labels: $0) }
        }
        let pods = lane.view.podLabels(in: namespaces)
        circumstances.overlaps = Circumstances.overlaps(of: budgets, labels: labels + pods)
        return circumstances
    }

    /// - Parameter canAct: Whether what is left of the plan is done by itself.
    func makeTree(_ plan: Plan, _ lane: ClusterLane, canAct: Bool) -> ObjectTree {
        makeTree(plan.steps.compactMap { root(of: $0, lane, canAct: canAct) }, lane)
    }

    /// The tree of all that carries the application's marks, whatever the commit says of it.
    func makeTreeWithoutPlan(_ lane: ClusterLane) -> ObjectTree {
        let live = lane.view.objects(label: cell.tracking.value)
        let roots = live.values.filter(cell.tracking.owns).map { object in
            ObjectTree.Root(
                reference: object.reference,
                apiVersion: object.apiVersion,
                live: object,
                sync: .unknown
            )
        }
        return makeTree(roots, lane)
    }

    private func makeTree(_ roots: [ObjectTree.Root], _ lane: ClusterLane) -> ObjectTree {
        ObjectTree(
            roots.sorted { $0.reference < $1.reference },
            previous: environment.board.objects(of: id),
            now: now,
            circumstances: circumstances(lane)
        ) {
            lane.view.children(of: $0)
        }
    }

    private func root(of step: Plan.Step, _ lane: ClusterLane, canAct: Bool) -> ObjectTree.Root? {
        if step.live == nil, step.action == .none { return nil }
        // A hook that has not run is nothing that is missing.
        if step.live == nil, step.phase == .syncFail { return nil }
        let stranger = step.live == nil ? stranger(step, lane) : nil
        var sync: SyncState
        var message = ""
        switch step.action {
        case .none, .hook:
            sync = .synced
            if step.desired == nil { message = step.reason }
        case .hold: (sync, message) = (.held, step.reason)
        case .refuse: (sync, message) = (.refused, step.reason)
        case .delete:
            let isGoing = canAct || step.obstacle == .beingDeleted
            (sync, message) = (isGoing ? .deleting : .outOfSync, step.reason)
        case .create, .update:
            (sync, message) = (canAct && step.obstacle == nil ? .syncing : .outOfSync, step.reason)
            if stranger != nil { message = "is there, but Varde has not delivered it" }
        }
        if case .failed(let text, _) = step.obstacle { (sync, message) = (.failed, text) }
        return ObjectTree.Root(
            reference: step.reference,
            apiVersion: step.desired?.object.apiVersion ?? step.live?.apiVersion ?? "",
            live: step.live ?? stranger,
            sync: sync,
            message: message,
            // Another application's is that one's matter.
            countsForHealth: (step.action != .refuse || stranger == nil)
                && (step.desired?.rules.countsForHealth ?? (step.action != .delete)),
            isOwn: stranger == nil
        )
    }

    /// What is in the place of an object of the commit that is not the application's.
    private func stranger(_ step: Plan.Step, _ lane: ClusterLane) -> KubeObject? {
        switch step.action {
        case .create: progress.strangers?.objects[step.reference]
        case .refuse: lane.view.object(step.reference)
        case .update, .delete, .none, .hold, .hook: nil
        }
    }
}
