import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Changes that objects may be waiting for, and that are no objects of any application.
extension LiveView {
    /// Notices definitions that come and go: the cluster's kinds are read again, then whoever waits for one is woken.
    func watchDefinitions() async throws {
        let watch = ChangeWatch(client: client, resource: .customResourceDefinitions, logger: logger)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                try await watch.run { notice in
                    // The survey is about to read the kinds.
                    let isTooEarly = self.state.withLock { state in
                        state.versions.note(notice)
                        return !state.isSurveyed
                    }
                    if notice.object != nil || !isTooEarly { self.kindsChange.yield() }
                }
            }
            group.addTask {
                for await _ in self.kindsChanged {
                    try? await self.client.discovery.refresh()  // Read again when somebody looks for a kind.
                    await self.followKinds()
                    self.wake(.kinds)
                    // Many come together.
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    /// From now on, notices changes of what decides whether objects are allowed in a namespace.
    func watchAllowances() { wantsAllowances.yield() }

    func watchAllowancesWhenWanted() async throws {
        for await _ in allowancesWanted { break }
        try Task.checkCancellation()
        let known = KnownAllowances()
        try await withThrowingDiscardingTaskGroup { group in
            for resource in [APIResource.resourceQuotas, .limitRanges, .namespaces] {
                let watch = ChangeWatch(client: client, resource: resource, logger: logger)
                group.addTask { [wake] in
                    try await watch.run { notice in
                        guard let object = notice.object else { return wake(.allowances(namespace: nil)) }
                        let namespace = object.kind == "Namespace" ? object.name : object.namespace
                        // What others use up allows nothing that was refused before.
                        guard object.kind != "ResourceQuota" || known.isMore(object) else { return }
                        wake(.allowances(namespace: namespace))
                    }
                }
            }
        }
    }
}

/// The quotas as they were last seen.
private final class KnownAllowances: Sendable {
    private let known = Mutex<[ObjectName: Allowance]>([:])

    /// Whether a quota allows more than it did, as far as that is known.
    func isMore(_ quota: KubeObject) -> Bool {
        let now = Allowance(quota)
        let before = known.withLock { $0.updateValue(now, forKey: quota.objectName) }
        return before.map(now.allowsMore) ?? true
    }
}

/// What a quota allows, and what of it is used.
private struct Allowance {
    private let hard: [String: Quantity]
    private let used: [String: Quantity]

    init(_ quota: KubeObject) {
        // Admission goes by the status, which follows the specification.
        hard = Self.quantities(quota.at("status", "hard"))
        used = Self.quantities(quota.at("status", "used"))
    }

    func allowsMore(than before: Allowance) -> Bool {
        if hard != before.hard { return true }
        return used.contains { name, amount in before.used[name].map { amount < $0 } ?? true }
    }

    private static func quantities(_ json: JSON?) -> [String: Quantity] {
        (json?.object ?? [:]).reduce(into: [:]) { result, entry in
            result[entry.key] = Quantity(entry.value)
        }
    }
}
