import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// What a plan needs to know that only the cluster can tell.
extension ReconcilePass {
    /// Asks the cluster for what would make a plan better.
    ///
    /// - Parameter isActing: Whether differences will be applied, which answers most questions by itself.
    /// - Returns: Whether planning again is worth it.
    mutating func learn(from plan: Plan, _ lane: ClusterLane, isActing: Bool) async throws -> Bool {
        if !plan.wantedSchemas.isEmpty, await lane.schemas.read(plan.wantedSchemas) { return true }
        if try await lookInside(plan, lane) { return true }
        guard plan.occasion == .repair || !isActing else { return false }
        // Setting it right answers that, too, in one request.
        let doubtful = plan.steps.filter { $0.isDoubtful && $0.isRunnable && !($0.isNews && isActing) }
        return try await tryOut(doubtful, lane)
    }

    // MARK: Dry runs

    /// Asks the server whether applying would change anything; remembered by the manifest and the live version.
    private mutating func tryOut(_ steps: [Plan.Step], _ lane: ClusterLane) async throws -> Bool {
        guard !steps.isEmpty else { return false }
        let writer = await writer(lane)
        for step in steps.prefix(500) {
            guard let desired = step.desired, let live = step.live else { continue }
            do {
                guard let answer = try await writer.preview(desired, over: live) else { continue }
                let before = try await lane.client.inVersion(of: desired, live)
                progress.dryRuns[step.reference] = DryRunVerdict(
                    digest: desired.digest,
                    version: live.resourceVersion,
                    isSame: Self.content(of: answer) == Self.content(of: before)
                )
            } catch is StatusError {
                // What cannot even be tried is a difference, and the apply will say why.
                progress.dryRuns[step.reference] = DryRunVerdict(
                    digest: desired.digest,
                    version: live.resourceVersion,
                    isSame: false
                )
            }
        }
        return true
    }

    /// An object without what every write changes.
    static func content(of object: KubeObject) -> KubeObject {
        var content = object
        for field in ["managedFields", "resourceVersion", "generation"]
        where content.at("metadata", field) != nil {
            content.set(nil, at: "metadata", field)
        }
        return content
    }

    // MARK: Contents

    /// Seconds after which what was found in an object is looked at again.
    private static let contentLifetime = 30.0

    /// Looks what Namespaces and CustomResourceDefinitions that are to go would take with them.
    mutating func lookInside(_ plan: Plan, _ lane: ClusterLane) async throws -> Bool {
        var isNews = false
        for step in plan.steps where step.action == .hold || step.isRunnable && step.action == .delete {
            guard let live = step.live, Self.isContainer(step.reference) else { continue }
            if let known = progress.contents[step.reference], now - known.at < Self.contentLifetime {
                continue
            }
            let content = try await content(of: live, lane)
            isNews = isNews || progress.contents[step.reference]?.content != content
            progress.contents[step.reference] = Progress.ContentCheck(content: content, at: now)
        }
        return isNews
    }

    private static func isContainer(_ reference: ObjectReference) -> Bool {
        reference.group.isEmpty && reference.kind == "Namespace"
            || reference.group == "apiextensions.k8s.io" && reference.kind == "CustomResourceDefinition"
    }

    /// What an object holds that is not the application's own; empty for nothing.
    private func content(of container: KubeObject, _ lane: ClusterLane) async throws -> String {
        if container.kind == "Namespace" { return try await content(ofNamespace: container.name, lane) }
        guard let versions = container.at("spec", "versions")?.array,
            let version = versions.first(where: { $0["served"]?.bool == true })?["name"]?.string
        else { return "" }
        let resource = APIResource(
            gvr: GroupVersionResource(
                group: container.at("spec", "group")?.string ?? "",
                version: version,
                resource: container.at("spec", "names", "plural")?.string ?? ""
            ),
            kind: container.at("spec", "names", "kind")?.string ?? "",
            isNamespaced: container.at("spec", "scope")?.string != "Cluster"
        )
        do {
            // What is going away goes with approval and without.
            let count = try await lane.client.list(resource).items.count { !$0.isBeingDeleted }
            return count == 0 ? "" : "\(count) \(resource.kind) object\(count == 1 ? "" : "s")"
        } catch let error as StatusError where error.isNotFound {
            return ""
        }
    }

    private func content(ofNamespace namespace: String, _ lane: ClusterLane) async throws -> String {
        let cluster: Set<String> = [
            "events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io",
            "leases.coordination.k8s.io", "pods.metrics.k8s.io", "controllerrevisions.apps",
        ]
        var found: [String] = []
        for resource in try await lane.client.discovery.resources()
        where resource.isNamespaced && resource.isWatchable && !cluster.contains(resource.gvr.groupResource) {
            for item in try await lane.client.list(resource, namespace: namespace).items
            where !cell.tracking.owns(item) && item.ownerReferences.isEmpty && !Self.isGiven(item)
                && !item.isBeingDeleted
            {
                found.append("\(item.kind) \(item.name)")
            }
        }
        guard !found.isEmpty else { return "" }
        let more = found.count > 3 ? " and \(found.count - 3) more" : ""
        return found.sorted().prefix(3).joined(separator: ", ") + more
    }

    /// Whether every namespace has it.
    private static func isGiven(_ object: KubeObject) -> Bool {
        switch object.kind {
        case "ServiceAccount": object.name == "default"
        case "ConfigMap": object.name == "kube-root-ca.crt"
        default: false
        }
    }

    // MARK: Hooks

    /// Takes up how hooks of this commit ended; those of others are forgotten.
    mutating func noteHooks(_ lane: ClusterLane, _ rendered: RenderedRevision) {
        let commit = rendered.revision.commit
        let seen = lane.view.hookResults(label: cell.tracking.value)
        guard !seen.isEmpty || !progress.hookResults.isEmpty else { return }
        progress.hookResults = progress.hookResults.filter { $0.value.commit == commit }
        for (reference, result) in seen where result.commit == commit {
            let known = progress.hookResults[reference]
            guard known?.uid != result.uid else { continue }
            var result = result
            if case .failed = result.outcome {
                let before = known?.phase == result.phase ? known?.attempts : nil
                result.attempts = (before ?? -1) + 1
                result.retryAt = now + Backoff().delay(attempt: result.attempts).seconds
            }
            progress.hookResults[reference] = result
            isToBeRecorded = true
        }
    }

    /// Whether a restart would know how all hooks of this commit ended that have ended.
    ///
    /// Nothing that comes after a hook is done before: the hook itself may go at any time, and would run again.
    var areHooksRecorded: Bool {
        guard !progress.hookResults.isEmpty else { return true }
        let recorded = cell.inputs.withLock { $0.recordedHooks }
        return progress.hookResults.values.allSatisfy { recorded.contains($0.uid) }
    }

    /// Whether a restart would find it, and delete what it made if its directory were gone by then.
    ///
    /// Nothing of it is applied before.
    var isRecorded: Bool { cell.inputs.withLock { $0.isRecorded } }

    /// Stops until what must be known after a restart is written, which wakes the application.
    mutating func waitForRecord(of what: String) -> ReconcileResult {
        isToBeRecorded = true
        let since = progress.unrecordedSince ?? now
        progress.unrecordedSince = since
        if now - since > 1 {
            let words = "Waits until the cluster that holds Varde's objects has taken down \(what)."
            show(progress.snapshot.sync, message: words, findings: [])
        }
        return .again(after: .seconds(2))
    }
}

extension KubeClient {
    /// A live object in the version of its manifest, so that the two can be compared; asked for where it was seen in another one.
    func inVersion(of desired: DesiredObject, _ live: KubeObject) async throws -> KubeObject {
        guard live.gvk != desired.object.gvk, let resource = desired.resource else { return live }
        return try await get(resource, live.objectName)
    }
}
