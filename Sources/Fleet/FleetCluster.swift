package import KubeModel

/// A member of the fleet, as its `Cluster` object in the admin cluster declares it.
package struct FleetCluster: Sendable, Hashable {
    /// How the cluster is reached.
    package enum Connection: Sendable, Hashable {
        /// Hosted in this process, with simulated nodes.
        case embedded
        /// By a kubeconfig in a Secret of the admin cluster.
        case kubeconfig(secret: ObjectName, key: String)
        /// By a kubeconfig file on this machine.
        case kubeconfigFile(path: String, context: String?)
    }

    package struct NodePool: Sendable, Hashable {
        package var name: String
        package var replicas: Int
        package var cpu: String
        package var memory: String
        package var labels: [String: String]

        package init(name: String, replicas: Int, cpu: String, memory: String, labels: [String: String]) {
            self.name = name
            self.replicas = replicas
            self.cpu = cpu
            self.memory = memory
            self.labels = labels
        }
    }

    package var name: String
    package var environment: String
    package var location: String
    package var version: String
    package var connection: Connection
    package var nodePools: [NodePool]
    /// Of an embedded cluster, as `spec.connection.embedded` has them.
    package var admission: String?
    package var serviceNetwork: String?

    package var provider: ClusterSummary.Provider {
        if case .embedded = connection { .embedded } else { .kubeconfig }
    }

    /// The Secret of the admin cluster that has its kubeconfig.
    var secret: ObjectName? {
        if case .kubeconfig(let secret, _) = connection { secret } else { nil }
    }
}

/// Why a cluster of the fleet cannot be used.
package struct FleetError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable { case invalidCluster, cannotOpen, unreachable }

    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
    package var isRetryable: Bool { code != .invalidCluster }
}

extension FleetCluster {
    /// The version that an embedded cluster shows when none is given.
    package static let defaultVersion = "v1.36.2"

    /// Reads a `Cluster` object; its schema has been checked by the admin cluster, so what is left are rules across fields.
    package init(_ object: KubeObject) throws(FleetError) {
        let spec = object.spec
        name = object.name
        environment = spec["environment"]?.string ?? ""
        location = spec["location"]?.string ?? "on-premises"
        version = spec["version"]?.string ?? Self.defaultVersion
        nodePools = (spec["nodePools"]?.array ?? []).map { pool in
            NodePool(
                name: pool["name"]?.string ?? "workers",
                replicas: pool["replicas"]?.int ?? 1,
                cpu: pool["cpu"]?.string ?? "8",
                memory: pool["memory"]?.string ?? "32Gi",
                labels: (pool["labels"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string }
            )
        }
        guard name != "admin" else {
            throw FleetError(
                code: .invalidCluster,
                message: "\"admin\" is the admin cluster's own name; choose another."
            )
        }
        guard !name.contains(".") else {
            throw FleetError(
                code: .invalidCluster,
                message: "A cluster's name has no dots: it is part of its applications' names."
            )
        }
        let declared = spec["connection"]?.object ?? ["embedded": [:]]
        guard declared.count == 1, let (way, details) = declared.first(where: { _ in true }) else {
            throw FleetError(
                code: .invalidCluster,
                message: "spec.connection: name exactly one of embedded, kubeconfigSecret, kubeconfigFile."
            )
        }
        switch way {
        case "embedded":
            connection = .embedded
            admission = details["admission"]?.string
            serviceNetwork = details["serviceNetwork"]?.string
        case "kubeconfigSecret":
            connection = .kubeconfig(
                secret: ObjectName(
                    namespace: details["namespace"]?.string ?? "varde-system",
                    name: details["name"]?.string ?? ""
                ),
                key: details["key"]?.string ?? "kubeconfig"
            )
        default:
            connection = .kubeconfigFile(
                path: details["path"]?.string ?? "",
                context: details["context"]?.string
            )
        }
        let names = nodePools.map(\.name)
        guard Set(names).count == names.count else {
            throw FleetError(code: .invalidCluster, message: "spec.nodePools: two pools have the same name.")
        }
    }
}
