/// How an embedded cluster is set up.
package struct EmbeddedClusterConfiguration: Sendable, Hashable {
    package struct NodePool: Sendable, Hashable {
        package var name: String
        package var nodes: Int
        package var cpu: String
        package var memory: String
        package var labels: [String: String]

        package init(
            name: String,
            nodes: Int,
            cpu: String = "8",
            memory: String = "32Gi",
            labels: [String: String] = [:]
        ) {
            self.name = name
            self.nodes = nodes
            self.cpu = cpu
            self.memory = memory
            self.labels = labels
        }
    }

    /// Which of the admission plugins run that installers of Kubernetes turn on or off.
    package enum Admission: String, Sendable, Hashable {
        /// As a cluster that kubeadm has set up: pods get their service account with its token, and may be privileged.
        case kubeadm
        /// As a kube-apiserver by itself: pods get no service account, none may be privileged. The recorded behaviour of
        /// the conformance corpus is of such a server.
        case bare
    }

    package var name: String
    /// As `/version` answers it.
    package var version: String
    package var nodePools: [NodePool]
    /// Whether workload controllers and simulated nodes run; without nodes the pods of a cluster stay Pending.
    package var runsWorkloads: Bool
    package var admission: Admission
    /// Where Services get their addresses, such as `10.96.0.0/16`.
    ///
    /// `nil` lets the host choose one that no other of its clusters has. Fixed when the cluster is made.
    package var serviceNetwork: String?

    package init(
        name: String,
        version: String = "v1.36.2",
        nodePools: [NodePool] = [],
        runsWorkloads: Bool = true,
        admission: Admission = .bare,
        serviceNetwork: String? = nil
    ) {
        self.name = name
        self.version = version
        self.nodePools = nodePools
        self.runsWorkloads = runsWorkloads
        self.admission = admission
        self.serviceNetwork = serviceNetwork
    }
}
