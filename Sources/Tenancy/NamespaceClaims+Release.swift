package import KubeClient
import KubeModel

extension NamespaceClaims {
    /// What to do with objects in the namespace that Varde did not make.
    package enum ForeignContent: Sendable { case refuse, delete }

    /// Deletes a claimed namespace, and returns when it has really gone; one that is not there, or not claimed by this tenant for
    /// this cluster, is left alone.
    ///
    /// - Parameter application: What the label of the application's own objects says; those of others are others'. A cluster can
    ///   be in the fleet under two names.
    /// - Throws: ``TenancyError`` with `foreignContent` when it holds objects that nobody may delete unasked.
    package func release(
        _ claim: NamespaceClaim,
        of application: String,
        foreign: ForeignContent,
        client: KubeClient
    ) async throws {
        defer { forget(claim) }
        let name = ObjectName(name: claim.namespace)
        guard let live = try await client.find(.namespaces, name),
            live.annotation(NamespaceClaim.tenantLabel) == claim.tenant.name,
            (live.annotation(NamespaceClaim.clusterAnnotation) ?? claim.cluster) == claim.cluster
        else { return }
        if !live.isBeingDeleted {
            if case .refuse = foreign {
                try await refuseForeignContent(of: claim, besides: application, client: client)
            }
            try await client.delete(.namespaces, name, uid: live.uid)
        }
        try await waitUntilGone(live, client: client)
    }

    private func refuseForeignContent(
        of claim: NamespaceClaim,
        besides application: String,
        client: KubeClient
    ) async throws {
        var foreign: [String] = []
        for resource in try await client.discovery.resources()
        where resource.isNamespaced && resource.isWatchable
            && !NamespaceContent.ignored.contains(resource.gvr.groupResource)
        {
            let items = try await client.list(resource, namespace: claim.namespace).items
            foreign += items.filter { NamespaceContent.isForeign($0, to: application) }
                .map { "\($0.kind) \($0.name)" }
        }
        guard !foreign.isEmpty else { return }
        let shown = foreign.sorted().prefix(5).joined(separator: ", ")
        let more = foreign.count > 5 ? " and \(foreign.count - 5) more" : ""
        throw TenancyError(
            code: .foreignContent,
            message:
                "Namespace \(claim.namespace) holds objects that this application did not make: \(shown)\(more). "
                + "Delete them, or approve the deletion of the namespace with all that is in it."
        )
    }

    private func waitUntilGone(_ namespace: KubeObject, client: KubeClient) async throws {
        // The list's version is the point from which a watch misses nothing.
        let selector = "metadata.name=\(namespace.name)"
        let (items, version) = try await client.list(.namespaces, fieldSelector: selector)
        guard items.contains(where: { $0.uid == namespace.uid }) else { return }
        for try await event in try await client.watch(.namespaces, fieldSelector: selector, from: version) {
            if case .deleted = event { return }
        }
        if let live = try await client.find(.namespaces, namespace.objectName), live.uid == namespace.uid {
            throw TenancyError(
                code: .namespaceTerminating,
                message: live.condition("NamespaceContentRemaining")?.message
                    ?? "Namespace \(namespace.name) is still going away."
            )
        }
    }
}

/// Which of a namespace's objects are somebody's work that must not vanish with it.
enum NamespaceContent {
    /// Resources whose objects the cluster itself makes, in every namespace.
    static let ignored: Set<String> = [
        "events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io",
        "leases.coordination.k8s.io",
        "pods.metrics.k8s.io", "controllerrevisions.apps",
    ]

    /// On what applications have applied.
    static let applicationLabel = "varde.dev/application"

    static func isForeign(_ object: KubeObject, to application: String) -> Bool {
        if object.isBeingDeleted || !object.ownerReferences.isEmpty { return false }
        if let owner = object.label(applicationLabel) { return owner != application }
        if object.label(NamespaceClaim.tenantLabel) != nil { return false }
        switch object.kind {
        case "ServiceAccount": return object.name != "default"
        case "ConfigMap": return object.name != "kube-root-ca.crt"
        case "Secret": return object["type"]?.string != "kubernetes.io/service-account-token"
        default: return true
        }
    }
}
