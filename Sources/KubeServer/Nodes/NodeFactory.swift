import KubeModel

/// Makes the Node objects of a cluster's node pools.
struct NodeFactory {
    let configuration: EmbeddedClusterConfiguration
    let now: Timestamp

    static let simulated = "sim.varde.dev/simulated"
    static let pool = "varde.dev/node-pool"

    /// All nodes, in the order of their pools.
    func nodes() -> [KubeObject] {
        var nodes: [KubeObject] = []
        for pool in configuration.nodePools {
            for index in 1...max(1, pool.nodes) where pool.nodes > 0 {
                nodes.append(
                    node(
                        named: "\(configuration.name)-\(pool.name)-\(index)",
                        of: pool,
                        number: nodes.count + 1
                    )
                )
            }
        }
        return nodes
    }

    private func node(
        named name: String,
        of pool: EmbeddedClusterConfiguration.NodePool,
        number: Int
    ) -> KubeObject {
        var node = KubeObject(apiVersion: "v1", kind: "Node", name: name)
        var labels = pool.labels
        labels["kubernetes.io/hostname"] = name
        labels["kubernetes.io/os"] = "linux"
        labels["kubernetes.io/arch"] = "amd64"
        labels["beta.kubernetes.io/os"] = "linux"
        labels["beta.kubernetes.io/arch"] = "amd64"
        labels[Self.pool] = pool.name
        node.labels = labels
        node.annotations = [Self.simulated: "true", "node.alpha.kubernetes.io/ttl": "0"]
        let range = "10.\(244 + number / 256).\(number % 256).0/24"
        node.spec = [
            "podCIDR": .string(range), "podCIDRs": [.string(range)],
            "providerID": .string("varde-simulated://\(name)"),
        ]
        node.status = status(of: name, pool, number: number)
        return node
    }

    private func status(of name: String, _ pool: EmbeddedClusterConfiguration.NodePool, number: Int) -> JSON {
        let resources: JSON = [
            "cpu": .string(pool.cpu), "memory": .string(pool.memory), "ephemeral-storage": "100Gi",
            "pods": "110",
            "hugepages-1Gi": "0", "hugepages-2Mi": "0",
        ]
        let identity = TemplateHash.fnv(Array("\(configuration.name)/\(name)".utf8))
        let hex = String(identity, radix: 16)
        return [
            "capacity": resources,
            "allocatable": resources,
            "addresses": [
                ["type": "InternalIP", "address": .string("10.0.\(number / 250 + 1).\(number % 250 + 1)")],
                ["type": "Hostname", "address": .string(name)],
            ],
            "conditions": .array(conditions()),
            "daemonEndpoints": ["kubeletEndpoint": ["Port": 10250]],
            "nodeInfo": [
                "architecture": "amd64", "operatingSystem": "linux", "osImage": "Varde simulated node",
                "kernelVersion": "simulated", "containerRuntimeVersion": "simulated://1.0",
                "kubeletVersion": .string(configuration.version), "kubeProxyVersion": "",
                "machineID": .string(hex), "systemUUID": .string(hex), "bootID": .string(hex),
            ],
        ]
    }

    /// What a healthy kubelet says, by type of condition.
    static let conditionWords: [(type: String, word: (status: String, reason: String, message: String))] = [
        (
            "MemoryPressure",
            ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
        ),
        ("DiskPressure", ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure")),
        ("PIDPressure", ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available")),
        ("Ready", ("True", "KubeletReady", "kubelet is posting ready status")),
    ]

    private func conditions() -> [JSON] {
        Self.conditionWords.map { type, word in
            [
                "type": .string(type), "status": .string(word.status), "reason": .string(word.reason),
                "message": .string(word.message),
                "lastHeartbeatTime": .string(now.text), "lastTransitionTime": .string(now.text),
            ]
        }
    }
}
