package import KubeClient
import KubeModel
package import KubeRuntime
package import Logging

/// Makes, keeps and removes tenants' namespaces in all clusters.
///
/// Watches the claimed namespaces of each cluster, so that looking at one that is right costs no request.
package actor NamespaceClaims {
    /// What is watched of one cluster.
    private struct View: Sendable {
        let namespaces: Informer
        let bindings: Informer
        let stop: AsyncStream<Void>.Continuation
        let stopped: AsyncStream<Void>
        var hasRole = false
        /// One writes it, the others wait.
        var isWritingRole = false
        var roleWaiters: [CheckedContinuation<Void, Never>] = []
        var grantedTenants: [String: [String]] = [:]
    }

    private let logger: Logger
    private let makeUID: @Sendable () -> String
    private let syncDeadline: Duration
    private var views: [String: View] = [:]
    /// Namespaces that are being made, and that no view may show yet: they count as well.
    private var making: [Place: String] = [:]
    /// A claimed namespace is gone, so that there may be room for another, or the last one of a quota is made.
    package nonisolated let quotaChanges = ChangeSignal()

    private struct Place: Hashable {
        var cluster: String
        var namespace: String
    }
    private let starts: AsyncStream<View>
    private let startContinuation: AsyncStream<View>.Continuation

    /// - Parameters:
    ///   - syncDeadline: How long to wait for a cluster's first answer.
    ///   - makeUID: Makes the unique id of a new claim.
    package init(
        logger: Logger,
        syncDeadline: Duration = .seconds(10),
        makeUID: @escaping @Sendable () -> String
    ) {
        self.logger = logger
        self.syncDeadline = syncDeadline
        self.makeUID = makeUID
        (starts, startContinuation) = AsyncStream.makeStream()
    }

    /// Keeps the watches of all clusters until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await view in starts {
                group.addTask { await Self.keep(view) }
            }
            group.cancelAll()
        }
    }

    private static func keep(_ view: View) async {
        await withTaskGroup(of: Void.self) { group in
            // Only cancellation ends an informer with an error.
            group.addTask { try? await view.namespaces.run() }
            group.addTask { try? await view.bindings.run() }
            for await _ in view.stopped {}
            group.cancelAll()
        }
    }

    /// Forgets a cluster that is gone, or is reached by another client from now on.
    package func forget(cluster: String) {
        let view = views.removeValue(forKey: cluster)
        view?.stop.finish()
        for waiter in view?.roleWaiters ?? [] { waiter.resume() }
    }

    /// How many namespaces a tenant has in the clusters seen so far, if it has not this one; zero where it has.
    ///
    /// What a tenant has it keeps, also when its quota is lowered.
    package func count(of tenant: String, unlessIn cluster: String, _ namespace: String) -> Int {
        let has = places(of: tenant)
        return has.contains(Place(cluster: cluster, namespace: namespace)) ? 0 : has.count
    }

    private func places(of tenant: String) -> Set<Place> {
        var places: Set<Place> = []
        for (cluster, view) in views {
            for object in view.namespaces.list() where object.annotation(NamespaceClaim.tenantLabel) == tenant
            {
                places.insert(Place(cluster: cluster, namespace: object.name))
            }
        }
        for (place, owner) in making where owner == tenant {
            if !places.insert(place).inserted { making[place] = nil }
        }
        return places
    }

    /// Makes a namespace, where the tenant may have one more.
    ///
    /// Many are made at the same time: they are counted from when they are begun.
    private func make(_ claim: NamespaceClaim, client: KubeClient) async throws {
        let place = Place(cluster: claim.cluster, namespace: claim.namespace)
        let room = try checkRoom(claim)
        if room != nil { making[place] = claim.tenant.name }
        do {
            _ = try await client.apply(.namespaces, claim.namespaceObject(uid: makeUID()), force: true)
        } catch {
            making[place] = nil
            throw error
        }
        // Whoever waits for something else is to know that there is no room any more.
        if room == 1 { quotaChanges.signal() }
    }

    /// - Returns: How many namespaces the tenant may have besides those that it has; `nil` for any number.
    /// - Throws: ``TenancyError`` when there is no room for this one.
    private func checkRoom(_ claim: NamespaceClaim) throws -> Int? {
        // Without a quota nobody counts: with thousands of namespaces that would take long for each.
        guard let quota = claim.tenant.namespaceQuota else { return nil }
        let room = quota - count(of: claim.tenant.name, unlessIn: claim.cluster, claim.namespace)
        guard room > 0 else {
            let words = Self.quotaWords(of: claim.tenant.name, quota)
            throw TenancyError(code: .namespaceQuota, message: words)
        }
        return room
    }

    /// A namespace that is gone, or was never there, counts no longer.
    func forget(_ claim: NamespaceClaim) {
        making[Place(cluster: claim.cluster, namespace: claim.namespace)] = nil
        quotaChanges.signal()
    }

    package static func quotaWords(of tenant: String, _ quota: Int) -> String {
        "Tenant \(tenant) has its \(quota) namespaces already. Remove a directory, or ask for a larger quota."
    }

    /// Makes sure that the namespace exists, is the tenant's, and can be written by it.
    ///
    /// Idempotent; no request when all is right.
    ///
    /// - Throws: ``TenancyError`` when the namespace is somebody else's (not retryable) or is just going away (retryable);
    /// what the cluster answered otherwise.
    @discardableResult
    package func prepare(_ claim: NamespaceClaim, client: KubeClient) async throws -> Outcome {
        let view = try await syncedView(of: claim.cluster, client: client)
        try await ensureRole(claim, client: client)

        // The watch shows only claimed namespaces: one that is not seen is looked at before it is written.
        let watched = view.namespaces.get(ObjectName(name: claim.namespace))
        let live =
            if let watched { watched } else {
                try await client.find(.namespaces, ObjectName(name: claim.namespace))
            }
        switch claim.standing(of: live) {
        case .claimed: break
        case .toWrite(nil): try await make(claim, client: client)
        case .toWrite(let uid?):
            _ = try await client.apply(.namespaces, claim.namespaceObject(uid: uid), force: true)
        case .terminating:
            throw TenancyError(
                code: .namespaceTerminating,
                message: "Namespace \(claim.namespace) is going away; it is made again when it has gone."
            )
        case .foreign(let owner):
            // Handing it over would not help.
            _ = try checkRoom(claim)
            let who = owner.map { "tenant \($0)" } ?? "nobody that Varde knows"
            throw TenancyError(
                code: .foreignNamespace,
                message:
                    "Namespace \(claim.namespace) exists in cluster \(claim.cluster) and belongs to \(who). "
                    + "The platform team can hand it over: kubectl annotate namespace \(claim.namespace) "
                    + "\(NamespaceClaim.adoptAnnotation)=\(claim.tenant.name)"
            )
        }
        let bindingName = ObjectName(namespace: claim.namespace, name: NamespaceClaim.role)
        guard !claim.isBound(view.bindings.get(bindingName)) else { return .asItWas }
        _ = try await client.apply(.roleBindings, claim.roleBinding, force: true)
        return .granted
    }

    /// What preparing a namespace did to the tenant's rights in it.
    package enum Outcome: Sendable, Hashable { case asItWas, granted }

    private func syncedView(of cluster: String, client: KubeClient) async throws -> View {
        let view = views[cluster] ?? start(cluster, client: client)
        if view.namespaces.hasSynced, view.bindings.hasSynced { return view }
        let synced: Void? = try await withDeadline(syncDeadline) {
            try await view.namespaces.waitUntilSynced()
            try await view.bindings.waitUntilSynced()
        }
        guard synced != nil else {
            throw ClientError(
                code: .timedOut,
                message: "Cluster \(cluster) did not answer within \(syncDeadline)."
            )
        }
        return view
    }

    private func start(_ cluster: String, client: KubeClient) -> View {
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        let selector = NamespaceClaim.tenantLabel
        let view = View(
            namespaces: Informer(client: client, resource: .namespaces, labelSelector: selector),
            bindings: Informer(client: client, resource: .roleBindings, labelSelector: selector),
            stop: stop,
            stopped: stopped
        )
        view.namespaces.onChange { [quotaChanges] change in
            if case .removed = change { quotaChanges.signal() }
        }
        views[cluster] = view
        startContinuation.yield(view)
        return view
    }

    private func roleWasTried(in cluster: String) {
        let waiters = views[cluster]?.roleWaiters ?? []
        views[cluster]?.isWritingRole = false
        views[cluster]?.roleWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    private func ensureRole(_ claim: NamespaceClaim, client: KubeClient) async throws {
        while views[claim.cluster]?.hasRole != true {
            if let view = views[claim.cluster], view.isWritingRole {
                await withCheckedContinuation { views[claim.cluster]?.roleWaiters.append($0) }
                continue
            }
            views[claim.cluster]?.isWritingRole = true
            defer { roleWasTried(in: claim.cluster) }
            _ = try await client.apply(.clusterRoles, NamespaceClaim.clusterRole, force: true)
            views[claim.cluster]?.hasRole = true
            break
        }
        let kinds = claim.tenant.allowedKinds
        guard !kinds.isEmpty, views[claim.cluster]?.grantedTenants[claim.tenant.name] != kinds else { return }
        let resources = try await client.discovery.resources()
        for object in ClusterGrant.objects(for: claim.tenant, resources: resources) {
            let resource: APIResource = object.kind == "ClusterRole" ? .clusterRoles : .clusterRoleBindings
            _ = try await client.apply(resource, object, force: true)
        }
        views[claim.cluster]?.grantedTenants[claim.tenant.name] = kinds
    }
}
