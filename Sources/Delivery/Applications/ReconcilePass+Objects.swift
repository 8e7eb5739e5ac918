import KubeClient
import KubeModel
import KubeRuntime
import Rendering

/// What the cluster and the policy say of a commit's objects.
extension ReconcilePass {
    func desiredObjects(
        of rendered: RenderedRevision,
        _ lane: ClusterLane
    ) async throws -> [DesiredObject] {
        var known: [GroupVersionKind: APIResource?] = [:]
        var objects: [DesiredObject] = []
        let manifests = rendered.manifests
        objects.reserveCapacity(manifests.count)
        let former = former(of: rendered)
        for (index, manifest) in manifests.enumerated() {
            let gvk = manifest.object.gvk
            if known[gvk] == nil { known[gvk] = .some(try await lane.client.discovery.resource(for: gvk)) }
            if let former, index < former.desired.count, former.manifests[index] == manifest,
                former.desired[index].resource == known[gvk] ?? nil
            {
                objects.append(former.desired[index])
                continue
            }
            objects.append(
                DesiredObject(
                    manifest,
                    resource: known[gvk] ?? nil,
                    tracking: cell.tracking,
                    namespace: inputs.source.isPlatform ? "" : id.namespace,
                    marksSource: inputs.source.isPlatform ? .file : .none,
                    revision: rendered.revision.commit,
                    settings: rendered.settings
                )
            )
        }
        return objects
    }

    /// What was made of the manifests that are delivered now, place by place; `nil` where something else may be made of the
    /// same manifest.
    private func former(
        of candidate: RenderedRevision
    ) -> (manifests: [Manifest], desired: [DesiredObject])? {
        guard let rendered = progress.rendered, rendered.settings == candidate.settings else { return nil }
        let manifests = rendered.manifests
        guard manifests.count == progress.desired.count,
            // Hooks carry the commit.
            progress.desired.allSatisfy({ $0.rules.hook == nil && $0.variants.isEmpty })
        else { return nil }
        return (manifests, progress.desired)
    }

    func refusals(of desired: [DesiredObject]) async -> [Finding] {
        guard !inputs.source.isPlatform else { return [] }
        let candidates = desired.map { object in
            PolicyCandidate(
                object: object.object,
                isNamespaced: object.resource?.isNamespaced ?? true,
                origin: object.origin.description
            )
        }
        return await environment.policy.refusals(of: candidates, for: id)
    }

    /// Asks the cluster again for kinds it did not know.
    mutating func resolve(_ lane: ClusterLane) async {
        guard let rendered = progress.rendered, let desired = try? await desiredObjects(of: rendered, lane)
        else {
            progress.resolveAt = now + 5  // The cluster did not answer; it is asked again.
            return
        }
        progress.desired = desired
        noteUnresolved()
    }

    mutating func noteUnresolved() {
        let unknown = progress.desired.filter { $0.resource == nil }
        progress.isResolved = unknown.isEmpty
        let comes = unknown.contains { object in progress.desired.contains { $0.defines(object.object.gvk) } }
        progress.resolveAttempts += 1
        let backoff = Backoff(first: comes ? .milliseconds(500) : .seconds(1), limit: .seconds(30))
        progress.resolveAt = now + backoff.delay(attempt: progress.resolveAttempts - 1).seconds
    }
}
