package import KubeClient
import KubeModel
import KubeRuntime
package import Logging

/// Runs what makes an embedded cluster live, until cancelled: its workload controllers, its garbage collector and its
/// simulated nodes.
///
/// They are clients of the API like any other. Everything is driven by watches; a cluster in which nothing happens costs
/// nothing.
package func runWorkloads(
    of client: KubeClient,
    configuration: EmbeddedClusterConfiguration,
    certificateAuthority: String = "",
    logger: Logger
) async throws {
    var client = client
    client.fieldManager = "kube-controller-manager"
    var cluster = WorkloadCluster(client: client, logger: logger)
    cluster.certificateAuthority = certificateAuthority
    try await WorkloadServices(cluster: cluster, configuration: configuration).run()
}

/// The tasks of one cluster.
private struct WorkloadServices {
    let cluster: WorkloadCluster
    let configuration: EmbeddedClusterConfiguration

    private typealias Service = @Sendable () async throws -> Void

    func run() async throws {
        let everything = ResourceWatch(cluster)
        // Made before anything runs, so that the informers know of all their listeners.
        let services = basics(everything) + (configuration.runsWorkloads ? workloads() : [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cluster.informers.run() }
            group.addTask { await cluster.events.run() }
            group.addTask { try await everything.run() }
            // Decisions need the whole state: a pod that is not read yet would seem to be missing.
            try await cluster.informers.waitUntilSynced()
            for service in services { group.addTask { try await service() } }
            try await group.waitForAll()
        }
    }

    private func service<R: Reconciler>(_ controller: Controller<R>) -> Service {
        { try await controller.run() }
    }

    /// What also the admin cluster has.
    private func basics(_ everything: ResourceWatch) -> [Service] {
        [
            service(NamespaceDefaults.controller(cluster)),
            service(AccountTokens.controller(cluster)),
            service(NamespaceDeletion.controller(cluster, everything: everything)),
            service(GarbageCollector.controller(cluster, everything: everything)),
            service(ClusterRoleAggregation.controller(cluster)),
            service(EventExpiry.controller(cluster)),
        ]
    }

    /// What kube-controller-manager does, and nothing besides it.
    private func workloads() -> [Service] {
        let registration = NodeRegistration(cluster: cluster, configuration: configuration)
        return [
            { try await registration.run() },
            service(NodeLifecycle.controller(cluster)),
            service(ReplicaSetReconciler.controller(cluster)),
            service(DeploymentReconciler.controller(cluster)),
            service(StatefulSetReconciler.controller(cluster)),
            service(DaemonSetReconciler.controller(cluster)),
            service(JobReconciler.controller(cluster)),
            service(CronJobReconciler.controller(cluster)),
            service(EndpointReconciler.controller(cluster)),
            service(VolumeClaimsReconciler.controller(cluster)),
            service(DisruptionBudgets.controller(cluster)),
            service(Autoscalers.controller(cluster)),
            service(ResourceQuotas.controller(cluster)),
        ] + (configuration.nodePools.isEmpty ? [] : simulation(registration))
    }

    /// What comes with nodes: scheduler, kubelets, storage, a cloud's load balancers.
    ///
    /// A cluster that never had node pools has none of it, like a control plane on its own.
    private func simulation(_ registration: NodeRegistration) -> [Service] {
        let pods = SimulatedPods()
        return [
            { try await VolumeClaimsReconciler.installClass(cluster) },
            { try await registration.renewLeases() },
            service(SchedulerReconciler.controller(cluster)),
            service(KubeletReconciler.controller(cluster, pods: pods)),
            service(NodeImages.controller(cluster, pods: pods)),
            service(LoadBalancers.controller(cluster, of: .services)),
            service(LoadBalancers.controller(cluster, of: .ingresses)),
        ]
    }
}
