import Delivery
import Fleet
import Foundation
import Tenancy

extension FakeFleet {
    static func wallClock() -> Double { Date().timeIntervalSince1970 }
}

/// One application of the fake fleet before anything happens.
struct FakeStory: Sendable {
    enum Plot: Sendable { case well, badImage, refused, held, unreadable, slow }

    let id: ApplicationID
    let plot: Plot
    var workload: FakeWorkload
    let number: Int

    static let tenants = [
        TenantSummary(
            name: "kart",
            displayName: "Kart og terreng",
            prefixes: ["kart-"],
            repositories: [
                .init(url: "file:///var/lib/varde/git/kart-apps.git", branch: "main", root: "env")
            ],
            clusters: [],
            groups: ["admin": ["kart-leads"], "deploy": ["kart-developers"], "view": ["everyone"]],
            isAccepted: true,
            message: ""
        ),
        TenantSummary(
            name: "skog",
            displayName: "Skog og natur",
            prefixes: ["skog-", "natur-"],
            repositories: [.init(url: "https://git.varde.test/skog/apps.git", branch: "main", root: "env")],
            clusters: ["dev", "test", "prod"],
            groups: ["deploy": ["skog-team"]],
            isAccepted: true,
            message: ""
        ),
        TenantSummary(
            name: "vei",
            displayName: "Vei og trafikk",
            prefixes: ["vei-"],
            repositories: [
                .init(url: "ssh://git@git.varde.test/vei/deployments.git", branch: "main", root: "env")
            ],
            clusters: [],
            groups: ["deploy": ["vei-platform"], "view": ["vei-all"]],
            isAccepted: true,
            message: ""
        ),
    ]

    static func clusters(now: Double) -> [ClusterSummary] {
        [
            ("sandbox", "sandbox", 1), ("dev", "development", 3), ("test", "test", 3),
            ("prod", "production", 6), ("cloud", "production", 4),
        ]
        .map { name, environment, nodes in
            ClusterSummary(
                name: name,
                environment: environment,
                location: name == "cloud" ? "cloud" : "on-premises",
                provider: .embedded,
                isSimulated: true,
                version: "v1.36.0",
                nodes: nodes,
                readyNodes: nodes,
                isReachable: true,
                message: "",
                since: now - 86_400
            )
        }
    }

    /// The demonstration's forty, and as many more as asked for.
    static func applications(extra: Int) -> [FakeStory] {
        let places: [(String, [String], [String])] = [
            (
                "kart", ["kart-web", "kart-api", "kart-tiles", "kart-geocoder"],
                ["dev", "test", "prod", "cloud"]
            ),
            (
                "skog", ["skog-web", "skog-inventory", "natur-species-registry-import"],
                ["dev", "test", "prod"]
            ),
            ("vei", ["vei-web", "vei-traffic", "vei-weather"], ["dev", "test", "prod", "cloud"]),
        ]
        var stories: [FakeStory] = []
        func add(_ tenant: String, _ cluster: String, _ namespace: String) {
            let id = ApplicationID(tenant: tenant, cluster: cluster, namespace: namespace)
            let number = stories.count
            var workload = FakeWorkload(
                namespace: namespace,
                image: "registry.varde.test/\(tenant)/\(namespace)",
                tag: "2026.47.1",
                replicas: cluster == "prod" || cluster == "cloud" ? 4 : 2,
                condition: .healthy
            )
            workload.hasDatabase = namespace.hasSuffix("api") || namespace.hasSuffix("inventory")
            workload.hasCronJob = namespace.hasSuffix("import") || namespace.hasSuffix("traffic")
            let plot: Plot =
                switch id.description {
                case "kart/dev.kart-web": .badImage
                case "skog/test.skog-inventory": .refused
                case "vei/prod.vei-traffic": .held
                case "skog/dev.natur-species-registry-import": .unreadable
                case "kart/test.kart-tiles": .slow
                default: .well
                }
            if plot == .badImage {
                (workload.condition, workload.generation, workload.tag) = (
                    .imagePullBackOff, 2, "2026.47.2-rc1"
                )
            }
            if plot == .slow { workload.condition = .notReady }
            stories.append(FakeStory(id: id, plot: plot, workload: workload, number: number))
        }
        for (tenant, namespaces, clusters) in places {
            for namespace in namespaces { for cluster in clusters { add(tenant, cluster, namespace) } }
        }
        for (tenant, namespace) in [
            ("kart", "kart-preview-winter-layer"), ("vei", "vei-lab"), ("kart", "kart-lab"),
        ] {
            add(tenant, "sandbox", namespace)
        }
        for number in 0..<extra {
            let tenant = ["kart", "skog", "vei"][number % 3]
            add(
                tenant,
                ["sandbox", "dev", "test", "prod", "cloud"][number / 3 % 5],
                "\(tenant)-extra-\(number)"
            )
        }
        return stories
    }

    func tell(on board: Board, now: Double) {
        let nodes = workload.nodes(now: now).map { node in
            var node = node
            if plot == .held, node.kind == "ConfigMap" { node.sync = .held }
            if plot == .refused, node.kind == "Ingress" || node.kind == "Deployment" {
                node.sync = .outOfSync
            }
            return node
        }
        let age = Double(number * number % 97) * 1_900 + 240
        var snapshot = ApplicationSnapshot(
            id: id,
            repository: FakeStory.tenants.first { $0.name == id.tenant }?.repositories.first?.url ?? "",
            branch: "main",
            path: "env/\(id.cluster)/\(id.namespace)",
            now: now - age
        )
        snapshot.tool = ["directory", "kustomize", "jsonnet"][number % 3]
        snapshot.sync = .synced
        snapshot.health = workload.health
        snapshot.message = workload.sentence
        snapshot.desired = FakePeople.revision(number / 3, at: now - age - 4)
        snapshot.applied = snapshot.desired
        snapshot.appliedAt = now - age
        snapshot.healthyAt = workload.condition == .healthy ? now - age + 6 : nil
        snapshot.counts.total = nodes.count { $0.parent == nil }
        snapshot.counts.synced = snapshot.counts.total
        snapshot.counts.healthy = snapshot.counts.total
        tellPlot(&snapshot, now: now)
        board.publish(.application(snapshot))
        board.publish(objects: nodes, of: id)
        for record in history(of: snapshot, nodes: nodes, now: now) { board.publish(.sync(id, record)) }
    }

    private func tellPlot(_ snapshot: inout ApplicationSnapshot, now: Double) {
        switch plot {
        case .well: break
        case .badImage:
            snapshot.since = now - 190
            snapshot.appliedAt = now - 200
            snapshot.desired = FakePeople.revision(2, at: now - 204)
            snapshot.applied = snapshot.desired
            snapshot.counts.degraded = 1
            snapshot.counts.healthy -= 1
            snapshot.findings = [
                Finding(
                    code: .unhealthy,
                    message:
                        "Back-off pulling image \"\(workload.image):\(workload.tag)\": not found. Push the image, or set a tag that exists.",
                    origin: "env/dev/kart-web/app.yaml, document 1, line 22",
                    object: "apps/Deployment:kart-web/web",
                    field: "spec.template.spec.containers[0].image",
                    since: now - 190
                )
            ]
        case .slow:
            snapshot.since = now - 45
            snapshot.counts.progressing = 1
            snapshot.counts.healthy -= 1
        case .refused:
            snapshot.sync = .refused
            snapshot.since = now - 2_400
            snapshot.desired = FakePeople.revision(11, at: now - 2_404)
            snapshot.message =
                "Namespace objects are made by the platform: remove Namespace skog-shared from overlays/test/namespace.yaml"
            snapshot.findings = [
                Finding(
                    code: .refused,
                    message:
                        "Namespace objects are made by the platform; a tenant's repository may not hold them. Remove the object.",
                    origin: "env/test/skog-inventory/overlays/test/namespace.yaml, document 1, line 2",
                    object: "Namespace:skog-shared",
                    since: now - 2_400
                ),
                Finding(
                    severity: .warning,
                    code: .outsidePrefix,
                    message:
                        "ConfigMap shared-settings is in namespace shared-tools, which is outside the prefixes skog-, natur-.",
                    origin: "env/test/skog-inventory/base/settings.yaml, document 3, line 41",
                    object: "ConfigMap:shared-tools/shared-settings",
                    field: "metadata.namespace",
                    since: now - 2_400
                ),
            ]
        case .held:
            snapshot.sync = .held
            snapshot.since = now - 5_300
            snapshot.desired = FakePeople.revision(19, at: now - 5_304)
            snapshot.message =
                "2 deletions wait for approval: PersistentVolumeClaim traffic-history and ConfigMap traffic-config"
            snapshot.findings = [
                Finding(
                    severity: .warning,
                    code: .heldDeletion,
                    message:
                        "PersistentVolumeClaim traffic-history would be deleted with its data. Volume claims are always held for approval.",
                    object: "PersistentVolumeClaim:vei-traffic/traffic-history",
                    since: now - 5_300
                ),
                Finding(
                    severity: .warning,
                    code: .heldDeletion,
                    message: "ConfigMap traffic-config would be deleted: the commit no longer has it.",
                    object: "ConfigMap:vei-traffic/traffic-config",
                    since: now - 5_300
                ),
            ]
        case .unreadable:
            snapshot.sync = .failed
            snapshot.since = now - 620
            snapshot.desired = FakePeople.revision(27, at: now - 624)
            snapshot.message =
                "importer.yaml cannot be read: line 14, column 9: mapping values are not allowed in this context"
            snapshot.findings = [
                Finding(
                    code: .sourceUnreadable,
                    message:
                        "The file is no YAML: line 14, column 9: mapping values are not allowed in this context. Everything stays as it was until a commit fixes it.",
                    origin: "env/dev/natur-species-registry-import/importer.yaml, document 2, line 14",
                    since: now - 620
                )
            ]
        }
    }

    private func history(of snapshot: ApplicationSnapshot, nodes: [ObjectNode], now: Double) -> [SyncRecord] {
        (1...4).map { number in
            let start = number == 4 ? (snapshot.appliedAt ?? now) - 2 : now - Double(5 - number) * 90_000
            var record = SyncRecord(
                number: number,
                cause: number == 1 ? .start : number == 3 ? .drift : .commit,
                revision: number == 4
                    ? snapshot.applied : FakePeople.revision(self.number + number * 13, at: start - 3),
                startedAt: start
            )
            record.result = number == 2 ? .superseded : .succeeded
            record.appliedAt = start + 1.4
            record.finishedAt = start + (number == 2 ? 2 : 8.2)
            record.created = number == 1 ? nodes.count { $0.parent == nil } : 0
            record.updated = number == 1 ? 0 : 1 + number % 2
            record.message = number == 2 ? "A newer commit arrived" : ""
            let changed = number == 1 ? "create" : "update"
            record.steps = nodes.filter { $0.parent == nil }.enumerated().map { index, node in
                let isChanged = number == 1 || node.kind == "Deployment"
                return SyncStep(
                    object: node.id,
                    action: isChanged ? SyncStep.Action(rawValue: changed) ?? .none : .none,
                    state: isChanged
                        ? (node.health == .degraded
                            ? .failed : node.health == .progressing ? .waiting : .healthy) : .skipped,
                    message: node.message,
                    since: start + Double(index) * 0.11
                )
            }
            if number == 4, snapshot.health != .healthy, snapshot.sync == .synced {
                record.result = .running
                record.finishedAt = nil
            }
            return record
        }
    }

    static func logLine(_ number: Int, pod: String) -> String {
        let texts = [
            "INFO  request GET /tiles/8/134/72.pbf 200 4.1ms", "INFO  request GET /healthz 200 0.2ms",
            "WARN  cache miss for layer winter-roads, falling back to origin",
            "INFO  request GET /search?q=Galdhøpiggen 200 18ms",
            "ERROR upstream elevation-service answered 503, retry 1 of 3 <script>alert('x')</script>",
        ]
        let line = texts[(number * 7 + number / 5) % texts.count]
        return
            "2026-11-22T18:\(10 + number / 60 % 50):\(10 + number % 50).\(100 + number * 37 % 900)Z \(line)\n"
    }
}
