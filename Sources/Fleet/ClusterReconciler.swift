import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Brings one cluster of the fleet to what its `Cluster` object says, and writes what came of it.
struct ClusterReconciler: Reconciler {
    let service: FleetService

    func reconcile(_ name: String) async throws -> ReconcileResult {
        guard let object = service.informer.get(ObjectName(name: name)) else {
            if let member = service.end(name) {
                try await service.provider.remove(name, provider: member.cluster.provider)
            }
            return .settled
        }
        let cluster: FleetCluster
        do throws(FleetError) {
            cluster = try FleetCluster(object)
        } catch {
            // The cluster stays open as it was declared last.
            try await write(object, isReady: false, reason: "Invalid", message: error.message, summary: nil)
            return .settled
        }
        do {
            try await open(cluster)
        } catch let error as FleetError {
            try await write(
                object,
                isReady: false,
                reason: "CannotOpen",
                message: error.message,
                summary: nil
            )
            throw error
        } catch let error as ClientError {
            try await unreachable(object, error.message)
            throw error
        } catch let error as StatusError {
            let hint =
                error.code == 401
                ? ". The token or client certificate has expired, or is for another cluster."
                : ""
            try await unreachable(object, error.message + hint)
            throw error
        }
        let summary = service.members.withLock { $0[name]?.summary }
        let isReady = summary?.isReachable == true
        try await write(
            object,
            isReady: isReady,
            reason: isReady ? "Connected" : "Unreachable",
            message: summary?.message ?? "",
            summary: summary
        )
        return .settled
    }

    private func unreachable(_ object: KubeObject, _ message: String) async throws {
        try await write(object, isReady: false, reason: "Unreachable", message: message, summary: nil)
    }

    private func open(_ cluster: FleetCluster) async throws {
        let member = service.members.withLock { $0[cluster.name] }
        guard member?.cluster != cluster || member?.isOutdated == true else { return }
        let credentials: JSON? =
            if let secret = cluster.secret { try await service.admin.find(.secrets, secret)?["data"] } else {
                nil
            }
        let client = try await service.provider.open(cluster)
        let version = try await client.send(APIRequest(.get, "/version", timeout: .seconds(10)))
        service.begin(
            FleetMember(
                cluster: cluster,
                client: client,
                version: version["gitVersion"]?.string ?? cluster.version,
                credentials: credentials,
                admin: service.admin,
                now: service.now
            )
        )
    }

    private func write(
        _ object: KubeObject,
        isReady: Bool,
        reason: String,
        message: String,
        summary: ClusterSummary?
    ) async throws {
        guard service.writesStatus() else { return }
        let current = object.condition("Ready")
        let status = isReady ? "True" : "False"
        var wanted: JSON = ["observedGeneration": .integer(Int64(object.generation))]
        if let summary {
            wanted["version"] = .string(summary.version)
            wanted["nodes"] = .integer(Int64(summary.nodes))
            wanted["readyNodes"] = .integer(Int64(summary.readyNodes))
        }
        let since = current?.status == status ? current?.lastTransitionTime : nil
        wanted["conditions"] = [
            [
                "type": "Ready", "status": .string(status), "reason": .string(reason),
                "message": .string(message),
                "lastTransitionTime": .string(since ?? Timestamp(seconds: Int64(service.now())).text),
                "observedGeneration": .integer(Int64(object.generation)),
            ]
        ]
        let isWritten = (wanted.object ?? [:]).allSatisfy { object.status[$0.key] == $0.value }
        guard !isWritten else { return }
        _ = try await service.admin.patch(
            .clusters,
            object.objectName,
            merge: ["status": wanted],
            subresource: "status"
        )
    }
}
