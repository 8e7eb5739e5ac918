@testable import Delivery
import Foundation
import GitSource
import KubeClient
import KubeModel
import KubeServer
import KubeTesting
import Logging
import Rendering
import Synchronization
import Testing

/// Delivery as it runs: a repository that is pushed to, an admin cluster and a cluster of workloads in this process.
struct DeliveryFixture: Sendable {
    static let tenant = "kart"

    let repository: TestRepository
    let admin: KubeClient
    let dev: KubeClient
    let host: ClusterHost
    let clusters: TestClusters
    let policy: TestPolicy
    let watcher: RepositoryWatcher
    let delivery: DeliveryService
    /// What goes wrong between Delivery and the cluster `dev`.
    let faults: Faults
    /// What goes wrong between Delivery and the admin cluster.
    let adminFaults: Faults
    var board: Board { delivery.board }

    var source: TenantSource { TenantSource(tenant: Self.tenant, repository: repository.url, branch: "main") }

    static func id(_ namespace: String, cluster: String = "dev") -> ApplicationID {
        ApplicationID(tenant: tenant, cluster: cluster, namespace: namespace)
    }

    /// The histories on disk of what runs, or ran, beside a cluster; each time as a process that has just begun sees them.
    static func history(beside cluster: EmbeddedTestCluster) -> HistoryStore {
        HistoryStore(directory: cluster.directory + "/history", logger: Logger(label: "test"))
    }

    /// Runs the body while Delivery runs on what the repository has at first.
    static func run(
        _ files: [String: String],
        contents: EmbeddedTestCluster.Contents = .api,
        platform: [String] = [],
        faults: Faults = Faults(),
        replicaKey: [UInt8]? = nil,
        tools: [String] = [],
        recordDeadline: Duration = .seconds(30),
        clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        body: @Sendable (DeliveryFixture) async throws -> Void
    ) async throws {
        try await EmbeddedTestCluster.run(contents) { cluster in
            let repository = try await TestRepository(in: cluster.directory, files)
            try await run(
                cluster,
                repository,
                contents: contents,
                platform: platform,
                faults: faults,
                replicaKey: replicaKey,
                tools: tools,
                recordDeadline: recordDeadline,
                clock: clock,
                body: body
            )
        }
    }

    /// The same on what an earlier run left.
    static func run(
        _ cluster: EmbeddedTestCluster,
        _ repository: TestRepository,
        contents: EmbeddedTestCluster.Contents = .api,
        platform: [String] = [],
        faults: Faults = Faults(),
        replicaKey: [UInt8]? = nil,
        tools: [String] = [],
        access: RepositoryAccess = RepositoryAccess(),
        recordDeadline: Duration = .seconds(30),
        clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        body: @Sendable (DeliveryFixture) async throws -> Void
    ) async throws {
        let pools: [EmbeddedClusterConfiguration.NodePool] =
            if case .workloads(let nodes) = contents { [.init(name: "pool", nodes: nodes)] } else { [] }
        let dev = try await cluster.host.open(
            EmbeddedClusterConfiguration(name: "dev", nodePools: pools, runsWorkloads: !pools.isEmpty)
        )
        try await installApplications(in: cluster.client)
        var logger = Logger(label: "delivery-test")
        logger.logLevel = .critical
        let clusters = TestClusters([
            "admin": KubeClient(transport: cluster.cluster.transport),
            "dev": KubeClient(transport: faults.before(dev.transport)),
        ])
        let policy = TestPolicy()
        let watcher = RepositoryWatcher(directory: cluster.directory + "/mirrors")
        await watcher.setAccess([repository.url: access])
        let adminFaults = Faults()
        let delivery = DeliveryService(
            admin: KubeClient(transport: adminFaults.before(cluster.cluster.transport)),
            watcher: watcher,
            renderer: Renderer(scratch: cluster.directory + "/scratch", tools: tools),
            clusters: clusters,
            policy: policy,
            history: cluster.directory + "/history",
            replicaKey: replicaKey,
            recordDeadline: recordDeadline,
            logger: logger,
            clock: clock
        )
        let fixture = DeliveryFixture(
            repository: repository,
            admin: cluster.client,
            dev: KubeClient(transport: dev.transport, fieldManager: "somebody"),
            host: cluster.host,
            clusters: clusters,
            policy: policy,
            watcher: watcher,
            delivery: delivery,
            faults: faults,
            adminFaults: adminFaults
        )
        if !platform.isEmpty {
            await delivery.addPlatformSource(
                PlatformSource(
                    id: ApplicationID(tenant: "platform", cluster: "admin", namespace: "varde"),
                    repository: repository.url,
                    branch: "main",
                    directories: platform
                )
            )
        } else {
            await delivery.setSources([fixture.source])
        }
        try await whileRunning([watcher.run, delivery.run]) { try await body(fixture) }
    }

    private static func installApplications(in admin: KubeClient) async throws {
        let definition: JSON = [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "applications.varde.dev"],
            "spec": [
                "group": "varde.dev", "scope": "Namespaced",
                "names": [
                    "plural": "applications", "singular": "application", "kind": "Application",
                    "listKind": "ApplicationList",
                ],
                "versions": [
                    [
                        "name": "v1alpha1", "served": true, "storage": true, "subresources": ["status": [:]],
                        "schema": [
                            "openAPIV3Schema": [
                                "type": "object",
                                "properties": [
                                    "spec": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                                    "status": [
                                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                    ],
                                ],
                            ]
                        ],
                    ]
                ],
            ],
        ]
        _ = try await admin.apply(.customResourceDefinitions, KubeObject(definition), force: true)
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if (try? await admin.list(.applications)) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// One more cluster, without workload controllers.
    func addCluster(_ name: String) async throws -> KubeClient {
        let cluster = try await host.open(EmbeddedClusterConfiguration(name: name))
        clusters.add(name, KubeClient(transport: cluster.transport))
        return KubeClient(transport: cluster.transport, fieldManager: "somebody")
    }

    /// A client that writes as another field manager.
    func acting(as manager: String) -> KubeClient {
        var client = dev
        client.fieldManager = manager
        return client
    }

    // MARK: Waiting

    /// The application once it is as wanted; an issue with what it is instead when that does not happen.
    @discardableResult
    func wait(
        _ id: ApplicationID,
        within limit: Duration = .seconds(40),
        sourceLocation: SourceLocation = #_sourceLocation,
        until condition: @Sendable (ApplicationSnapshot) -> Bool
    ) async throws -> ApplicationSnapshot {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let snapshot = board.application(id), condition(snapshot) { return snapshot }
            try await Task.sleep(for: .milliseconds(5))
        }
        let now = board.application(id)
        Issue.record(
            "\(id) is \(String(describing: now)), objects \(board.objects(of: id))",
            sourceLocation: sourceLocation
        )
        return try #require(now, sourceLocation: sourceLocation)
    }

    /// The application once it is synced to a commit.
    @discardableResult
    func synced(
        _ id: ApplicationID,
        to commit: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws
        -> ApplicationSnapshot
    {
        try await wait(id, sourceLocation: sourceLocation) {
            $0.sync == .synced && $0.applied?.commit == commit
        }
    }

    func eventually(
        within limit: Duration = .seconds(40),
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @Sendable () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
    }
}

/// The clusters of the test.
final class TestClusters: ClusterDirectory {
    private let known: Mutex<[String: KubeClient]>
    /// Why clusters that are in the fleet could not be opened.
    private let problems = Mutex<[String: String]>([:])
    private let (stream, continuation) = AsyncStream<Void>.makeStream()

    init(_ clients: [String: KubeClient]) { known = Mutex(clients) }

    func client(for cluster: String) async -> KubeClient? { known.withLock { $0[cluster] } }
    func problem(of cluster: String) -> String? { problems.withLock { $0[cluster] } }
    func clusterNames() async -> Set<String> {
        known.withLock { Set($0.keys) }.union(problems.withLock { $0.keys })
    }
    func changes() async -> AsyncStream<Void> { stream }

    func add(_ name: String, _ client: KubeClient) {
        known.withLock { $0[name] = client }
        continuation.yield()
    }

    func remove(_ name: String) {
        known.withLock { $0[name] = nil }
        continuation.yield()
    }

    func fail(_ name: String, _ problem: String) {
        problems.withLock { $0[name] = problem }
        continuation.yield()
    }
}

/// Allows what is in the tenant's prefix and namespaced, and makes plain namespaces.
final class TestPolicy: DeliveryPolicy {
    let delay = Mutex(Duration.zero)
    /// What namespaces hold that Varde did not make.
    let foreignContent = Mutex("")
    let allowsClusterScoped = Mutex(false)
    /// Whether no namespace goes: as if all were claimed by others.
    let keepsNamespaces = Mutex(false)
    /// Namespaces that are nobody's until somebody hands them over.
    let unadopted = Mutex<Set<String>>([])
    /// Why nothing may be delivered at all.
    let refusal = Mutex<String?>(nil)

    func refusal(of destination: ApplicationID, path: String) async -> Finding? {
        if let message = refusal.withLock({ $0 }) {
            return Finding(code: .refused, message: message, since: 0)
        }
        guard !destination.namespace.hasPrefix(destination.tenant) else { return nil }
        return Finding(
            code: .outsidePrefix,
            message: "\(destination.namespace) is outside the prefixes of \(destination.tenant).",
            origin: path,
            since: 0
        )
    }

    func refusals(of objects: [PolicyCandidate], for destination: ApplicationID) async -> [Finding] {
        guard !allowsClusterScoped.withLock({ $0 }) else { return [] }
        return objects.filter { !$0.isNamespaced }.map { candidate in
            Finding(
                code: .refused,
                message: "\(candidate.object.kind) is not for tenants.",
                origin: candidate.origin,
                object: candidate.object.reference.description,
                since: 0
            )
        }
    }

    func prepare(_ destination: ApplicationID, client: KubeClient) async throws -> NamespaceRights {
        if unadopted.withLock({ $0.contains(destination.namespace) }) {
            let live = try await client.find(.namespaces, ObjectName(name: destination.namespace))
            guard live?.annotation("varde.dev/adopt") == destination.tenant else {
                let finding = Finding(code: .refused, message: "The namespace is nobody's.", since: 0)
                throw DeliveryError(finding: finding, isRetryable: false)
            }
        }
        do {
            _ = try await client.create(
                .namespaces,
                KubeObject(apiVersion: "v1", kind: "Namespace", name: destination.namespace)
            )
        } catch let error as StatusError where error.isAlreadyExists {
        }
        return .standing
    }

    func release(_ destination: ApplicationID, foreign: ForeignContent, client: KubeClient) async throws {
        guard !keepsNamespaces.withLock({ $0 }) else { return }
        let content = foreignContent.withLock { $0 }
        if foreign == .hold, !content.isEmpty {
            let message = "Namespace \(destination.namespace) holds \(content)."
            throw DeliveryError(
                finding: Finding(code: .heldDeletion, message: message, since: 0),
                isRetryable: false
            )
        }
        try await client.delete(.namespaces, ObjectName(name: destination.namespace))
    }

    func identity(of tenant: String) async -> Impersonation? { nil }
    func deletionDelay(of tenant: String) async -> Duration { delay.withLock { $0 } }
}

/// Runs services beside a body, and ends them after it.
func whileRunning(
    _ services: [@Sendable () async throws -> Void],
    body: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for service in services { group.addTask { try await service() } }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        group.cancelAll()
        // The services end by cancellation, which is no failure.
        while let ended = await group.nextResult() { _ = ended }
        try result.get()
    }
}
