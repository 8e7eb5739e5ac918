package import KubeClient

/// Opens and removes clusters of the fleet; ControlPlane supplies one that hosts them or reads kubeconfigs.
package protocol ClusterProvider: Sendable {
    /// Opens a cluster, or changes an open one to what is declared now.
    ///
    /// - Throws: ``FleetError`` with what to do about it; the service tries again with a backoff.
    func open(_ cluster: FleetCluster) async throws -> KubeClient

    /// Closes a cluster whose declaration is gone; a hosted one is removed with all that is in it.
    func remove(_ name: String, provider: ClusterSummary.Provider) async throws
}
