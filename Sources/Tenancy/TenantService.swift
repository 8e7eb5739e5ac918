package import KubeClient
import KubeModel
import KubeRuntime
package import Logging
import Synchronization

/// Keeps the directory of tenants as the admin cluster declares them, and tells each tenant whether it is accepted.
package final class TenantService: Sendable {
    private let admin: KubeClient
    private let informer: Informer
    private let queue = WorkQueue<String>()
    private let platformURL: String?
    private let now: @Sendable () -> String
    private let writesStatus: @Sendable () -> Bool
    private let logger: Logger
    /// `nil` until all tenants were read for the first time.
    private let current = Mutex<TenantDirectory?>(nil)
    private let signal = ChangeSignal()

    /// - Parameters:
    ///   - platformURL: What relative repository URLs are relative to.
    ///   - writesStatus: Whether this process is the one that writes what is said about tenants; of several replicas one is.
    ///   - now: The time, in RFC 3339.
    package init(
        admin: KubeClient,
        platformURL: String?,
        logger: Logger,
        writesStatus: @escaping @Sendable () -> Bool = { true },
        now: @escaping @Sendable () -> String
    ) {
        self.admin = admin
        self.platformURL = platformURL
        self.logger = logger
        self.now = now
        self.writesStatus = writesStatus
        informer = Informer(client: admin, resource: .tenants)
    }

    /// The tenants as they are now.
    package var directory: TenantDirectory { current.withLock { $0 } ?? TenantDirectory() }

    /// Whether ``directory`` is complete: before that all tenants seem to be gone.
    package var isReady: Bool { current.withLock { $0 != nil } }

    /// An element at the start and whenever ``directory`` changed.
    package func changes() -> AsyncStream<Void> { signal.stream() }

    /// Looks at every tenant again, for example because this process leads now.
    package func reviewAll() async {
        for tenant in informer.list() { await queue.add(tenant.name) }
    }

    /// Watches and writes statuses until cancelled.
    package func run() async throws {
        let (events, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        informer.onChange { _ in continuation.yield() }
        let controller = Controller(
            name: "tenants",
            queue: queue,
            reconciler: StatusReconciler(service: self),
            workers: 1
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.informer.run() }
            group.addTask { try await controller.run() }
            group.addTask {
                for await _ in events where self.informer.hasSynced { await self.rebuild() }
            }
        }
    }

    /// Makes the directory anew from all tenants: overlap is a matter between them.
    private func rebuild() async {
        var declared: [Tenant] = []
        var invalid: [String: TenancyError] = [:]
        let objects = informer.list()
        for object in objects where !object.isBeingDeleted {
            do throws(TenancyError) {
                declared.append(try Tenant(object, platformURL: platformURL))
            } catch {
                invalid[object.name] = error
            }
        }
        let directory = TenantDirectory(declared: declared, invalid: invalid)
        let isNew = current.withLock { current in
            defer { current = directory }
            return current != directory
        }
        if isNew { signal.signal() }
        for object in objects { await queue.add(object.name) }
    }

    /// Writes the conditions of one tenant when they are not what they should be.
    private struct StatusReconciler: Reconciler {
        let service: TenantService

        func reconcile(_ name: String) async throws -> ReconcileResult {
            guard let live = service.informer.get(ObjectName(name: name)) else { return .settled }
            let refusal = service.directory.refused[name]
            let wanted = (
                refusal == nil ? "True" : "False", refusal.map(Self.reason) ?? "Accepted",
                refusal?.message ?? ""
            )
            // `Ready` is what tools that do not know tenants look for.
            let known = ["Accepted", "Ready"].map { ($0, live.condition($0)) }
            let isCurrent = known.allSatisfy { _, current in
                guard let current else { return false }
                return (current.status, current.reason, current.message) == wanted
                    && current.observedGeneration == live.generation
            }
            guard !isCurrent, service.writesStatus() else { return .settled }
            let conditions = known.map { type, current -> JSON in
                let since = current?.status == wanted.0 ? current?.lastTransitionTime : nil
                return [
                    "type": .string(type), "status": .string(wanted.0), "reason": .string(wanted.1),
                    "message": .string(wanted.2),
                    "lastTransitionTime": .string(since ?? service.now()),
                    "observedGeneration": .integer(Int64(live.generation)),
                ]
            }
            _ = try await service.admin.patch(
                .tenants,
                live.objectName,
                merge: [
                    "status": [
                        "observedGeneration": .integer(Int64(live.generation)),
                        "conditions": .array(conditions),
                    ]
                ],
                subresource: "status"
            )
            return .settled
        }

        private static func reason(_ error: TenancyError) -> String {
            error.code == .prefixOverlap ? "PrefixOverlap" : "Invalid"
        }
    }
}
