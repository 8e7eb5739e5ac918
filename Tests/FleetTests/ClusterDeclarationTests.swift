import Fleet
import KubeModel
import Testing

@Suite("Reading a Cluster object")
struct ClusterDeclarationTests {
    private func cluster(_ spec: JSON, name: String = "dev") throws(FleetError) -> FleetCluster {
        var object = KubeObject(apiVersion: "varde.dev/v1alpha1", kind: "Cluster", name: name)
        object.spec = spec
        return try FleetCluster(object)
    }

    @Test("A cluster is embedded and on-premises unless it says otherwise")
    func defaults() throws {
        let cluster = try cluster(["environment": "dev", "nodePools": [["name": "workers", "replicas": 3]]])
        #expect(cluster.connection == .embedded)
        #expect(cluster.location == "on-premises")
        #expect(cluster.version == FleetCluster.defaultVersion)
        #expect(cluster.nodePools.map(\.replicas) == [3])
    }

    @Test("A kubeconfig comes from a Secret of the platform's namespace, or from a file")
    func connections() throws {
        let secret = try cluster(["connection": ["kubeconfigSecret": ["name": "prod"]]])
        #expect(
            secret.connection
                == .kubeconfig(secret: ObjectName(namespace: "varde-system", name: "prod"), key: "kubeconfig")
        )
        let file = try cluster(["connection": ["kubeconfigFile": ["path": "/etc/k", "context": "c"]]])
        #expect(file.connection == .kubeconfigFile(path: "/etc/k", context: "c"))
    }

    @Test("Names that would be ambiguous, two connections, and pools of one name are refused with what to do")
    func refusals() {
        #expect(throws: FleetError.self) { try cluster([:], name: "admin") }
        #expect(throws: FleetError.self) { try cluster([:], name: "dev.eu") }
        #expect(throws: FleetError.self) {
            try cluster(["connection": ["embedded": [:], "kubeconfigFile": ["path": "/x"]]])
        }
        #expect(throws: FleetError.self) { try cluster(["nodePools": [["name": "a"], ["name": "a"]]]) }
    }
}
