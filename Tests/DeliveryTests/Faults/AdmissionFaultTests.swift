import Delivery
import KubeClient
import KubeModel
import KubeTesting
import Synchronization
import Testing

@Suite("Faults: admission", .timeLimit(.minutes(3)))
struct AdmissionFaultTests {
    private let web = DeliveryFixture.id("kart-web")

    private static func isApply(_ request: APIRequest) -> Bool {
        request.method == .patch && request.contentType == "application/apply-patch+yaml"
    }

    /// Sets a field that the manifest sets, too, whoever writes: what a webhook that rewrites images does.
    private static func mutate(_ request: inout APIRequest) {
        guard isApply(request), case .json(var json) = request.body, json["kind"] == "ConfigMap" else {
            return
        }
        json.set("mirror.example/\(json.at("data", "key")?.string ?? "")", at: ["data", "key"])
        request.body = .json(json)
    }

    @Test("The plan of a commit leaves out what an admission sets back, and shows what it makes of a change")
    func planned() async throws {
        let faults = Faults()
        faults.rewrite(Self.mutate)
        let path = "env/dev/kart-web/m.yaml"
        try await DeliveryFixture.run([path: configMap("m")], faults: faults) { fixture in
            try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
            func fields(_ manifest: String, _ branch: String) async throws -> [String] {
                try await fixture.repository.push([path: manifest], to: branch)
                let request = PreviewRequest(repositories: [fixture.repository.url], revision: branch)
                let scratch = fixture.repository.url + ".plans"
                let preview = try await fixture.delivery.preview(request, scratch: scratch)
                return preview.applications.flatMap(\.objects).flatMap(\.fields)
                    .map { "\($0.path) \($0.desired?.string ?? "")" }
            }
            let more = configMap("m") + "  more: some\n"
            #expect(try await fields(more, "more") == ["data.more some"])
            #expect(try await fields(configMap("m", "w"), "other") == ["data.key mirror.example/w"])
        }
    }

    @Test(
        "A mutating default that changes every object: no difference, no loop, and no write after a restart"
    )
    func mutating() async throws {
        let faults = Faults()
        faults.rewrite(Self.mutate)
        let files = Dictionary(
            uniqueKeysWithValues: (0..<10).map { ("env/dev/kart-web/m\($0).yaml", configMap("m\($0)")) }
        )
        try await EmbeddedTestCluster.run(.api) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            try await DeliveryFixture.run(cluster, repository, faults: faults) { fixture in
                try await fixture.wait(web) { $0.sync == .synced && $0.health == .healthy }
                let object = ObjectName(namespace: "kart-web", name: "m3")
                let made = try await fixture.dev.get(.configMaps, object)
                #expect(made.at("data", "key") == "mirror.example/v")
                #expect(faults.writes.filter(Self.isApply).count == 10)
                #expect(try await fixture.delivery.diff(of: web).isEmpty)

                // Somebody's edit is a difference all the same, once.
                faults.forgetRequests()
                let person = fixture.acting(as: "kubectl-edit")
                _ = try await person.patch(.configMaps, object, merge: ["data": ["key": "mine"]])
                try await fixture.eventually("it is set back") {
                    try await fixture.dev.get(.configMaps, object).at("data", "key") == "mirror.example/v"
                }
                try await fixture.wait(web) { $0.sync == .synced }
                // The first one finds out that the field is a person's.
                #expect(faults.writes.filter(Self.isApply).count == 2)

                faults.forgetRequests()
                let commit = try await fixture.repository.push([
                    "env/dev/kart-web/m3.yaml": configMap("m3", "w")
                ])
                try await fixture.synced(web, to: commit)
                #expect(faults.writes.filter(Self.isApply).count == 1)
                try await fixture.eventually("the record says so") {
                    let name = ObjectName(namespace: "tenant-kart", name: "dev.kart-web")
                    let record = try await fixture.admin.find(.applications, name)
                    return record?.at("status", "revision")?.string == commit
                }
            }
            faults.forgetRequests()
            try await DeliveryFixture.run(cluster, repository, faults: faults) { fixture in
                try await fixture.wait(web) { $0.sync == .synced }
                #expect(faults.writes.filter(Self.isApply).isEmpty)
                #expect(try await fixture.delivery.diff(of: web).isEmpty)
            }
        }
    }

    @Test(
        "An admission denial is that object's failure, in the admission's words; the others go on, and it is retried"
    )
    func denied() async throws {
        let faults = Faults()
        let words = "admission webhook \"rules.example\" denied the request: no bad maps"
        faults.set { request in
            guard Self.isApply(request), request.path.hasSuffix("/bad") else { return .none }
            return .refused(StatusError(code: 403, reason: "Forbidden", message: words), retryAfter: nil)
        }
        let files = [
            "env/dev/kart-web/bad.yaml": configMap("bad"), "env/dev/kart-web/good.yaml": configMap("good"),
            "env/dev/kart-api/a.yaml": configMap("a"),
        ]
        try await DeliveryFixture.run(files, faults: faults) { fixture in
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            let finding = try #require(failed.findings.first { $0.severity == .error })
            #expect(finding.message.contains(words))
            #expect(finding.object?.contains("bad") == true)
            #expect(finding.origin?.contains("bad.yaml") == true)
            let good = ObjectName(namespace: "kart-web", name: "good")
            #expect(try await fixture.dev.find(.configMaps, good) != nil)
            try await fixture.wait(DeliveryFixture.id("kart-api")) { $0.sync == .synced }

            // What else happens in the application does not make it be asked again and again.
            faults.forgetRequests()
            let person = fixture.acting(as: "kubectl-edit")
            for round in 0..<3 {
                _ = try await person.patch(.configMaps, good, merge: ["data": ["key": "\(round)"]])
                try await fixture.eventually("the other one is repaired") {
                    try await fixture.dev.get(.configMaps, good).at("data", "key") == "v"
                }
            }
            // Until a first sync has succeeded, one try waits for rights that are on their way: nine requests.
            #expect(faults.requests { $0.path.hasSuffix("/bad") && Self.isApply($0) }.count <= 18)
            faults.set { _ in .none }
            // It comes by itself, with the next retry.
            try await fixture.wait(web, within: .seconds(90)) { $0.sync == .synced }
        }
    }

    @Test("What a quota refused is applied as soon as the quota allows it, not with the next retry")
    func quota() async throws {
        let quota = KubeObject([
            "apiVersion": "v1", "kind": "ResourceQuota",
            "metadata": ["name": "maps", "namespace": "kart-web"],
            "spec": ["hard": ["count/configmaps": "1"]],
        ])
        let files = ["env/dev/kart-web/a.yaml": configMap("a"), "env/dev/kart-web/b.yaml": configMap("b")]
        try await DeliveryFixture.run(["README.md": ""], contents: .workloads(nodes: 1)) { fixture in
            _ = try await fixture.dev.create(
                .namespaces,
                KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
            )
            _ = try await fixture.dev.create(.resourceQuotas, quota)
            try await fixture.eventually("the quota is counted") {
                let live = try await fixture.dev.get(.resourceQuotas, quota.objectName)
                return live.at("status", "hard") != nil
            }
            try await fixture.repository.push(files)
            let failed = try await fixture.wait(web) { $0.sync == .failed }
            #expect(failed.message.contains("exceeded quota"))
            _ = try await fixture.dev.patch(
                .resourceQuotas,
                quota.objectName,
                merge: ["spec": ["hard": ["count/configmaps": "10"]]]
            )
            // Sooner than the first retry, after five seconds.
            try await fixture.wait(web, within: .seconds(4)) { $0.sync == .synced }
        }
    }
}
