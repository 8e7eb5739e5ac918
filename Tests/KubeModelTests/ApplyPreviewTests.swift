import KubeModel
import Testing

@Suite("What an apply would change")
struct ApplyPreviewTests {
    let manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: team, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: c
                image: nginx:1
                ports: [{containerPort: 80}]
                resources: {requests: {cpu: 1000m, memory: 1024Mi}}
        """

    /// What a server stores after `varde` applied the manifest.
    private func live(_ manager: String = "varde") throws -> KubeObject {
        var object = try engine("apps/v1", "Deployment").apply(
            Fixture.object(manifest),
            to: nil,
            manager: manager,
            conflicts: .refuse,
            time: "2026-01-01T00:00:00Z"
        ).object
        object.set("u-1", at: "metadata", "uid")
        object.set("7", at: "metadata", "resourceVersion")
        object.set(["replicas": 2], at: "status")
        object.set(10, at: "spec", "revisionHistoryLimit")
        guard case .array(var containers)? = object.at("spec", "template", "spec", "containers") else {
            return object
        }
        containers[0]["resources"] = ["requests": ["cpu": "1", "memory": "1Gi"]]
        containers[0]["ports"] = [["containerPort": 80, "protocol": "TCP"]]
        containers[0]["imagePullPolicy"] = "IfNotPresent"
        object.set(.array(containers), at: "spec", "template", "spec", "containers")
        return object
    }

    private func engine(_ apiVersion: String, _ kind: String) -> ServerSideApply {
        ServerSideApply(
            schema: Fixture.schema(apiVersion, kind),
            gvk: GroupVersionKind(apiVersion: apiVersion, kind: kind)
        )
    }

    private func preview(_ manifest: KubeObject, on live: KubeObject) throws -> ApplyPreview {
        try ApplyPreview(
            of: manifest,
            on: live,
            manager: "varde",
            schema: Fixture.schema(manifest.apiVersion, manifest.kind)
        )
    }

    @Test("Defaults, status and other spellings of quantities are no difference")
    func inSync() throws {
        let preview = try preview(Fixture.object(manifest), on: live())
        #expect(preview.differences == [])
        #expect(preview.change == .none)
    }

    @Test("A changed value is named with its path, both values and who set the live one")
    func changed() throws {
        var live = try live()
        var edited = live
        edited.set(5, at: "spec", "replicas")
        live = engine("apps/v1", "Deployment").update(
            edited,
            from: live,
            manager: "kubectl-edit",
            time: "2026-02-02T00:00:00Z"
        )
        let preview = try preview(Fixture.object(manifest), on: live)
        #expect(preview.differences.map(\.path) == ["spec.replicas"])
        let difference = try #require(preview.differences.first)
        #expect(difference.live == 5)
        #expect(difference.desired == 2)
        #expect(difference.owner?.manager == "kubectl-edit")
        #expect(difference.owner?.time == "2026-02-02T00:00:00Z")
        #expect(preview.conflicts.map(\.path.description) == [".spec.replicas"])
        #expect(preview.change == .content)
    }

    @Test("What the manifest no longer sets is removed, what others set is not")
    func removed() throws {
        var live = try live()
        live.set("by somebody", at: "metadata", "annotations", "note")
        var manifest = try Fixture.object(manifest)
        manifest.set(nil, at: "spec", "replicas")
        let preview = try preview(manifest, on: live)
        #expect(preview.differences.map(\.path) == ["spec.replicas"])
        #expect(preview.differences.first?.desired == nil)
    }

    @Test("Items of lists are named by their keys, new ones as a whole")
    func items() throws {
        var manifest = try Fixture.object(manifest)
        manifest.set(
            [
                [
                    "name": "c", "image": "nginx:2", "ports": [["containerPort": 80]],
                    "resources": ["requests": ["cpu": 1, "memory": "1Gi"]],
                ],
                ["name": "side", "image": "side:1"],
            ],
            at: "spec",
            "template",
            "spec",
            "containers"
        )
        let preview = try preview(manifest, on: live())
        #expect(
            preview.differences.map(\.path) == [
                "spec.template.spec.containers[name=c].image", "spec.template.spec.containers[name=side]",
            ]
        )
        #expect(preview.differences.last?.desired == ["name": "side", "image": "side:1"])
    }

    @Test("An object of another manager with the right values differs in ownership only")
    func ownership() throws {
        let preview = try preview(Fixture.object(manifest), on: live("argocd"))
        #expect(preview.differences == [])
        #expect(preview.change == .ownership)
    }

    @Test("More in a list that is replaced as a whole may be the server's defaults")
    func atomicLists() throws {
        let policy = try Fixture.object(
            """
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p},
             spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}}
            """
        )
        var live = try engine("networking.k8s.io/v1", "NetworkPolicy").apply(
            policy,
            to: nil,
            manager: "varde",
            conflicts: .refuse,
            time: "2026-01-01T00:00:00Z"
        ).object
        live.set([["ports": [["port": 80, "protocol": "TCP"]]]], at: "spec", "ingress")
        let preview = try preview(policy, on: live)
        #expect(preview.differences.map(\.certainty) == [.mayBeDefaults])

        live.set([["ports": [["port": 81, "protocol": "TCP"]]]], at: "spec", "ingress")
        #expect(try self.preview(policy, on: live).differences.map(\.certainty) == [.certain])
    }

    @Test("A Secret's stringData is compared with its data")
    func stringData() throws {
        let secret = try Fixture.object(
            "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: hello}, data: {d: eA==}}"
        )
        var live = try engine("v1", "Secret").apply(
            secret,
            to: nil,
            manager: "varde",
            conflicts: .refuse,
            time: "2026-01-01T00:00:00Z"
        ).object
        live.set(nil, at: "stringData")
        live.set(["k": "aGVsbG8=", "d": "eA=="], at: "data")
        #expect(try preview(secret, on: live).differences == [])
        live.set(["k": "b3RoZXI=", "d": "eA=="], at: "data")
        #expect(try preview(secret, on: live).differences.map(\.path) == ["data.k"])
    }

    @Test("A manifest that does not fit the schema is an error, not a difference")
    func invalid() throws {
        #expect(throws: ApplyError.self) {
            try preview(
                Fixture.object("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: 5}}"),
                on: KubeObject(apiVersion: "v1", kind: "ConfigMap", name: "a")
            )
        }
    }
}
