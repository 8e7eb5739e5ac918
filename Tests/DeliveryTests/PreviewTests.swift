import Delivery
import Foundation
import GitSource
import KubeClient
import KubeModel
import Testing

@Suite struct PreviewTests {
    private static func map(_ name: String, _ value: String = "v") -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\ndata: {key: \"\(value)\"}\n"
    }

    private func preview(
        _ fixture: DeliveryFixture,
        _ revision: String,
        _ change: (inout PreviewRequest) -> Void = { _ in }
    ) async throws -> Preview {
        var request = PreviewRequest(repositories: [fixture.repository.url], revision: revision)
        change(&request)
        return try await fixture.delivery.preview(request, scratch: fixture.repository.url + ".plans")
    }

    /// Every object of the cluster that a tenant could have, by reference, with its version.
    private func versions(_ client: KubeClient) async throws -> [String: String] {
        var result: [String: String] = [:]
        for resource in try await client.discovery.resources() where resource.isWatchable {
            if ["events", "leases"].contains(resource.gvr.resource) { continue }
            for object in try await client.list(resource).items {
                result[object.reference.description] = object.resourceVersion
            }
        }
        return result
    }

    @Test("A plan shows what would be created, changed and deleted, field by field, and writes nothing")
    func fields() async throws {
        try await DeliveryFixture.run([
            "env/dev/kart-web/a.yaml": Self.map("a"), "env/dev/kart-web/b.yaml": Self.map("b"),
            "env/dev/kart-still/x.yaml": Self.map("x"),
        ]) { fixture in
            let first = try await fixture.repository.head()
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: first)
            try await fixture.synced(DeliveryFixture.id("kart-still"), to: first)
            try await fixture.repository.push(
                [
                    "env/dev/kart-web/a.yaml": Self.map("a", "changed"), "env/dev/kart-web/b.yaml": nil,
                    "env/dev/kart-web/c.yaml": Self.map("c"), "env/dev/kart-new/new.yaml": Self.map("new"),
                ],
                to: "feature"
            )
            let before = try await versions(fixture.dev)
            let preview = try await preview(fixture, "feature")
            #expect(try await versions(fixture.dev) == before)
            #expect(preview.outcome == .changes && preview.unchanged == 1 && !preview.isMerged)
            #expect(preview.applications.map(\.id.namespace) == ["kart-new", "kart-web"])
            let new = preview.applications[0]
            #expect(new.presence == .new && new.objects.map(\.action) == [.create])
            #expect(new.notes.contains { $0.contains("kart-new would be made") })
            let web = preview.applications[1]
            #expect(
                web.objects.map { "\($0.action) \($0.object)" } == [
                    "update v1/ConfigMap:kart-web/a", "create v1/ConfigMap:kart-web/c",
                    "delete v1/ConfigMap:kart-web/b",
                ] || web.objects.count == 3,
                "\(web.objects)"
            )
            let change = try #require(web.objects.first { $0.action == .update })
            let field = try #require(change.fields.first { $0.path == "data.key" })
            #expect(field.live == "v" && field.desired == "changed")
        }
    }

    @Test("Where only signed commits are delivered, the plan of another one says so")
    func unsigned() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": Self.map("a")]) { fixture in
            let first = try await fixture.repository.head()
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: first)
            var access = RepositoryAccess()
            access.signers = CommitSigners(allowedSigners: "kari@example.com ssh-ed25519 AAAA\n")
            await fixture.watcher.setAccess([fixture.repository.url: access])
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": Self.map("a", "x")], to: "feature")
            let preview = try await preview(fixture, "feature")
            #expect(preview.outcome == .changes)
            let notes = preview.applications.flatMap(\.notes)
            #expect(notes.contains { $0.contains("is not signed") }, "\(notes)")
        }
    }

    @Test("The plan of a commit and what its sync then does are the same")
    func same() async throws {
        var files: [String: String] = [:]
        for number in 0..<6 { files["env/dev/kart-web/m\(number).yaml"] = Self.map("m\(number)") }
        try await DeliveryFixture.run(files) { fixture in
            let id = DeliveryFixture.id("kart-web")
            try await fixture.synced(id, to: try await fixture.repository.head())
            let changes = [
                "env/dev/kart-web/m0.yaml": Self.map("m0", "2"), "env/dev/kart-web/m1.yaml": nil,
                "env/dev/kart-web/new.yaml": Self.map("new"),
                "env/dev/kart-web/secret.yaml":
                    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: hidden}\n",
            ]
            let commit = try await fixture.repository.push(changes, to: "feature")
            let planned = try #require(try await preview(fixture, "feature").applications.first)
            try await fixture.repository.merge(commit)
            try await fixture.synced(id, to: commit)
            let record = try #require(fixture.board.history(of: id).first { $0.revision?.commit == commit })
            let done = Dictionary(
                uniqueKeysWithValues: record.steps.filter { $0.action != .none }.map {
                    ($0.object, $0.action)
                }
            )
            #expect(
                done == Dictionary(uniqueKeysWithValues: planned.objects.map { ($0.object, $0.action) })
            )
            #expect(!String(describing: planned).contains("hidden"))
        }
    }

    @Test("A directory that goes is planned as removed; one outside the tenant's prefix as refused")
    func removed() async throws {
        try await DeliveryFixture.run([
            "env/dev/kart-web/a.yaml": Self.map("a"), "env/dev/kart-old/x.yaml": Self.map("x"),
            "env/lost/kart-web/a.yaml": Self.map("a"),
        ]) { fixture in
            let first = try await fixture.repository.head()
            try await fixture.synced(DeliveryFixture.id("kart-old"), to: first)
            try await fixture.repository.push(
                [
                    "env/dev/kart-old": nil, "env/lost": nil, "env/dev/other/x.yaml": Self.map("x"),
                    "env/nowhere/kart-x/x.yaml": Self.map("y"),
                ],
                to: "feature"
            )
            let preview = try await preview(fixture, "feature")
            #expect(preview.outcome == .refused)
            let byName = Dictionary(uniqueKeysWithValues: preview.applications.map { ($0.id.namespace, $0) })
            #expect(byName["kart-old"]?.presence == .removed)
            #expect(byName["kart-old"]?.objects.map(\.action) == [.delete])
            #expect(byName["other"]?.findings.first?.code == .outsidePrefix)
            #expect(byName["kart-x"]?.findings.first?.code == .unknownCluster)
            // What was misplaced can be taken away.
            #expect(byName["kart-web"]?.findings.isEmpty == true)
            #expect(byName["kart-web"]?.notes.first?.contains("there is no cluster lost") == true)
        }
    }

    @Test("Directories that never came to anything do not count for the budget, in the plan as in the sync")
    func neverDelivered() async throws {
        var files = ["env/dev/kart-keep/a.yaml": Self.map("a")]
        var gone: [String: String?] = [:]
        let (good, bad) = (["kart-one", "kart-two"], ["kart-bad", "kart-worse"])
        for name in good { files["env/dev/\(name)/a.yaml"] = Self.map("a") }
        for name in bad { files["env/dev/\(name)/a.yaml"] = "kind: [" }
        for name in good + bad { gone["env/dev/\(name)"] = .some(nil) }
        try await DeliveryFixture.run(files) { [gone] fixture in
            let first = try await fixture.repository.head()
            for name in good { try await fixture.synced(DeliveryFixture.id(name), to: first) }
            for name in bad { try await fixture.wait(DeliveryFixture.id(name)) { $0.sync == .refused } }
            let commit = try await fixture.repository.push(gone, to: "feature")
            let plan = try await preview(fixture, "feature")
            #expect(plan.applications.count == 4 && plan.applications.allSatisfy { $0.findings.isEmpty })
            for application in plan.applications {
                let isGood = good.contains(application.id.namespace)
                #expect(application.objects.map(\.action) == (isGood ? [.delete] : []))
                let note = isGood ? "after the tenant's delay" : "Nothing of it was ever delivered"
                #expect(application.notes.count == 1 && application.notes[0].contains(note))
            }
            try await fixture.repository.merge(commit)
            for name in good + bad {
                try await fixture.eventually("\(name) is gone") {
                    fixture.board.application(DeliveryFixture.id(name)) == nil
                }
            }
        }
    }

    @Test("Directories over the budget are planned as held, and as nothing else")
    func overBudget() async throws {
        var files = ["env/dev/kart-keep/a.yaml": Self.map("a")]
        var gone: [String: String?] = [:]
        let names = (0..<4).map { "kart-n\($0)" }
        for name in names {
            files["env/dev/\(name)/a.yaml"] = Self.map("a")
            gone["env/dev/\(name)"] = .some(nil)
        }
        try await DeliveryFixture.run(files) { [gone] fixture in
            let first = try await fixture.repository.head()
            for name in names { try await fixture.synced(DeliveryFixture.id(name), to: first) }
            try await fixture.repository.push(gone, to: "feature")
            let plan = try await preview(fixture, "feature")
            #expect(plan.applications.count == 4)
            for application in plan.applications {
                #expect(application.objects.map(\.action) == [.hold] && application.notes.isEmpty)
                #expect(application.findings.first?.message.contains("4 directories") == true)
            }
        }
    }

    @Test("A directory that moves to another cluster is planned as moved, with nothing deleted")
    func moved() async throws {
        let file = "kart-web/a.yaml"
        try await DeliveryFixture.run(["env/dev/\(file)": Self.map("a")]) { fixture in
            _ = try await fixture.addCluster("prod")
            let first = try await fixture.repository.head()
            let old = DeliveryFixture.id("kart-web")
            let new = DeliveryFixture.id("kart-web", cluster: "prod")
            try await fixture.synced(old, to: first)
            let commit = try await fixture.repository.push(
                ["env/dev/kart-web": nil, "env/prod/\(file)": Self.map("a")],
                to: "feature"
            )
            let whole = try await preview(fixture, "feature")
            #expect(whole.outcome == .changes)
            let byID = Dictionary(uniqueKeysWithValues: whole.applications.map { ($0.id, $0) })
            #expect(byID[old]?.presence == .moved && byID[old]?.movedTo == new)
            #expect(byID[old]?.objects.isEmpty == true)
            #expect(byID[old]?.notes.first?.contains("Moved to \(new)") == true)
            #expect(byID[new]?.presence == .new && byID[new]?.movedFrom == old)
            #expect(byID[new]?.objects.map(\.action) == [.create])
            // The other place counts, though only this cluster is asked for.
            let part = try await preview(fixture, "feature") { $0.cluster = "dev" }
            #expect(part.applications.map(\.presence) == [.moved])

            try await fixture.repository.merge(commit)
            try await fixture.synced(new, to: commit)
            try await fixture.eventually("the old place goes once the new one is well") {
                fixture.board.application(old) == nil
            }
        }
    }

    @Test("When the branch has moved on, the plan is of the merge; a conflict names the files")
    func merging() async throws {
        try await DeliveryFixture.run([
            "env/dev/kart-web/a.yaml": Self.map("a"), "env/dev/kart-two/x.yaml": Self.map("x"),
        ]) { fixture in
            let first = try await fixture.repository.head()
            try await fixture.repository.push(
                ["env/dev/kart-web/a.yaml": Self.map("a", "mine")],
                to: "feature"
            )
            try await fixture.repository.reset(to: first)
            let second = try await fixture.repository.push([
                "env/dev/kart-two/x.yaml": Self.map("x", "theirs")
            ])
            try await fixture.synced(DeliveryFixture.id("kart-two"), to: second)
            let preview = try await preview(fixture, "feature")
            #expect(preview.isMerged)
            // What the other side changed is not taken back.
            #expect(preview.applications.map(\.id.namespace) == ["kart-web"])
            try await fixture.repository.push(["env/dev/kart-web/a.yaml": Self.map("a", "theirs")])
            let error = await #expect(throws: PreviewError.self) {
                try await self.preview(fixture, "feature")
            }
            #expect(error?.code == .conflict && error?.message.contains("env/dev/kart-web/a.yaml") ?? false)
        }
    }

    @Test("What the cluster would refuse, and what does not render, is told before it is merged")
    func refused() async throws {
        try await DeliveryFixture.run([
            "env/dev/kart-web/a.yaml": Self.map("a"), "env/dev/kart-bad/a.yaml": Self.map("a"),
        ]) { fixture in
            let first = try await fixture.repository.head()
            for name in ["kart-web", "kart-bad"] {
                try await fixture.synced(DeliveryFixture.id(name), to: first)
            }
            try await fixture.repository.push(
                [
                    "env/dev/kart-web/s.yaml":
                        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n",
                    "env/dev/kart-bad/a.yaml": "a: [",
                ],
                to: "feature"
            )
            let preview = try await preview(fixture, "feature")
            #expect(preview.outcome == .refused)
            let bad = try #require(preview.applications.first { $0.id.namespace == "kart-bad" })
            #expect(
                bad.isRefused && bad.findings.first?.origin?.hasPrefix("env/dev/kart-bad/a.yaml") ?? false
            )
            let web = try #require(preview.applications.first { $0.id.namespace == "kart-web" })
            #expect(web.objects.first?.failure?.contains("spec.ports[0].port") ?? false, "\(web.objects)")
            #expect(
                try await fixture.dev.find(.services, ObjectName(namespace: "kart-web", name: "s")) == nil
            )
        }
    }

    @Test("What has failed is asked about anew, and what people decided against new commits is told")
    func decided() async throws {
        let id = DeliveryFixture.id("kart-web")
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": Self.map("a")]) { fixture in
            try await fixture.synced(id, to: try await fixture.repository.head())
            let service =
                "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n"
            try await fixture.repository.push(["env/dev/kart-web/s.yaml": service])
            try await fixture.wait(id) { $0.sync == .failed }
            try await fixture.repository.push(["env/dev/kart-web/b.yaml": Self.map("b")], to: "feature")
            func planned() async throws -> ApplicationPreview {
                let plan = try await preview(fixture, "feature")
                return try #require(plan.applications.first)
            }
            let failing = try await planned().objects.first { $0.object.contains("Service") }
            #expect(
                failing?.failure?.contains("spec.ports[0].port") ?? false,
                "\(String(describing: failing))"
            )
            #expect(try await planned().notes.isEmpty)

            try await fixture.delivery.pause(id, reason: "a look", by: "kari")
            #expect(try await planned().notes.first?.hasPrefix("Paused by kari") ?? false)
            try await fixture.delivery.resume(id, by: "kari")
            let applied = try #require(fixture.board.application(id)?.applied)
            try await fixture.delivery.rollback(
                id,
                to: applied.commit,
                reason: "no",
                lifetime: nil,
                by: "kari"
            )
            #expect(
                try await planned().notes.first?.hasPrefix("Pinned to \(applied.commit.prefix(7)) by kari")
                    ?? false
            )
        }
    }

    @Test("An unknown repository, revision, tenant or cluster is an error that says what there is")
    func unknown() async throws {
        try await DeliveryFixture.run(["env/dev/kart-web/a.yaml": Self.map("a")]) { fixture in
            try await fixture.synced(DeliveryFixture.id("kart-web"), to: try await fixture.repository.head())
            let elsewhere = await #expect(throws: PreviewError.self) {
                try await self.preview(fixture, "main") { $0.repositories = ["https://other.example/x.git"] }
            }
            #expect(elsewhere?.code == .unknownRepository)
            let nowhere = await #expect(throws: PreviewError.self) { try await self.preview(fixture, "gone") }
            #expect(nowhere?.code == .unknownRevision && nowhere?.message.contains("it has main") ?? false)
            let nobody = await #expect(throws: PreviewError.self) {
                try await self.preview(fixture, "main") { $0.tenant = "krat" }
            }
            #expect(nobody?.code == .unknownTenant && nobody?.message.contains("kart does") ?? false)
            let noCluster = await #expect(throws: PreviewError.self) {
                try await self.preview(fixture, "main") { $0.cluster = "dve" }
            }
            #expect(
                noCluster?.code == .unknownCluster && noCluster?.message.contains("dev") ?? false
            )
        }
    }

    @Test("Plans are kept under their id, the oldest ones go, and a restart keeps links")
    func store() async throws {
        let folder = NSTemporaryDirectory() + "varde-plans-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func plan(_ number: Int) -> Preview {
            Preview(
                id: "abc\(number)",
                repository: "r",
                reference: "x",
                revision: .init(commit: "c\(number)", author: "", subject: "", time: 0),
                bases: [:],
                isMerged: false,
                madeAt: Double(number),
                applications: [],
                unchanged: 0
            )
        }
        let store = PreviewStore(directory: folder, mostPlans: 3)
        for number in 0..<5 { store.keep(plan(number)) }
        #expect(store.list().compactMap { $0["id"]?.string } == ["abc4", "abc3", "abc2"])
        #expect(store["abc0"] == nil && store["abc4"]?["outcome"] == "nothing")
        let again = PreviewStore(directory: folder, mostPlans: 3)
        #expect(again.list(repository: "r", commit: "c3").compactMap { $0["id"]?.string } == ["abc3"])
    }
}
