import Delivery
import Fleet
import Foundation
import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import KubeServer
import Logging
import Rendering
import ServiceLifecycle
import Synchronization
import Tenancy
import WebConsole

/// Everything that `varde up` runs, wired together.
struct ControlPlane: Sendable {
    let directory: DataDirectory
    let console: ConsoleServer
    let services: [any Service]
    let platform: UpConfiguration.Platform
    /// For example `http://127.0.0.1:8080`.
    let consoleURL: String
    let consoleToken: String
    /// Of the admin cluster, for example `https://127.0.0.1:6443`.
    let kubeURL: String
    /// The file with which kubectl reaches the admin cluster.
    let kubeconfig: String
    /// Beside others on the same admin cluster; `nil` for a process that is alone.
    let replica: Replica?
    /// Whether this process hosts clusters, the admin cluster among them.
    let hostsClusters: Bool

    /// Seconds since 1970.
    static let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }

    /// Opens the admin cluster, prepares its content and builds the services; nothing runs before they are run.
    init(_ configuration: UpConfiguration, directory: DataDirectory, logger: Logger) async throws {
        self.directory = directory
        let adminCluster = try await AdminCluster(configuration, directory: directory, logger: logger)
        let admin = adminCluster.client
        try await OwnDefinitions.install(in: admin)
        for added in configuration.addedClusters { try await added.join(admin) }

        platform = try UpConfiguration.Platform.resolve(
            configuration.platform,
            otherwise: adminCluster.host == nil ? .empty : .demonstration,
            in: directory
        )
        let platformURL = try await Self.platformURL(platform, in: directory)

        // Parts, from the ones that know least to the ones that know most.
        let kubeconfig = adminCluster.host.map { KubeconfigWriter(directory: directory, host: $0) }
        let watcher = RepositoryWatcher(directory: directory.mirrors)
        let renderer = Renderer(
            scratch: directory.scratch,
            tools: ToolPaths.found(),
            forwarder: ForwardedTool.program,
            logger: logger
        )
        let replica = adminCluster.host == nil ? Self.replica(on: admin, logger: logger) : nil
        self.replica = replica
        let leads: @Sendable () -> Bool = { replica?.holds(FleetClusterDirectory.adminName) ?? true }
        let tenants = TenantService(
            admin: admin,
            platformURL: platformURL,
            logger: logger,
            writesStatus: leads
        ) {
            Timestamp(seconds: Int64(Self.now())).text
        }
        let claims = NamespaceClaims(logger: logger) { UUID().uuidString.lowercased() }
        let fleet = FleetService(
            admin: admin,
            provider: FleetClusterProvider(host: adminCluster.host, admin: admin, logger: logger) {
                try kubeconfig?.write()
            },
            logger: logger,
            writesStatus: leads,
            now: Self.now
        )
        let clusters = FleetClusterDirectory(
            fleet: fleet,
            admin: admin,
            replica: replica,
            signal: ChangeSignal()
        )
        let delivery = DeliveryService(
            admin: admin,
            watcher: watcher,
            renderer: renderer,
            clusters: clusters,
            policy: TenancyPolicy(tenants: tenants, claims: claims, now: Self.now),
            history: directory.history,
            replicaKey: replica == nil ? nil : try await ReplicaKey.shared(in: admin),
            logger: logger
        )
        if let platformURL {
            // Whoever brings a repository calls its branch as they like.
            let branch = platform == .demonstration ? "main" : "HEAD"
            await delivery.addPlatformSource(.platform(repository: platformURL, branch: branch))
        }
        let sources = SourceKeeper(
            admin: admin,
            tenants: tenants,
            delivery: delivery,
            watcher: watcher,
            logger: logger
        )
        let fleetSignal = ChangeSignal()
        consoleToken = try directory.secret(in: directory.consoleToken)
        console = try await UpError.listening(
            "\(configuration.consoleHost):\(configuration.consolePort)",
            "--console"
        ) { [consoleToken] in
            try await ConsoleServer(
                backend: Backend(
                    delivery: delivery,
                    tenancy: tenants,
                    fleet: fleet,
                    watcher: watcher,
                    fleetSignal: fleetSignal,
                    sources: sources,
                    plans: Plans(delivery: delivery, directory: directory)
                ),
                host: configuration.consoleHost,
                port: configuration.consolePort,
                token: consoleToken,
                version: Version.current,
                audit: AuditLog(path: directory.audit),
                people: PeopleFile(path: directory.people),
                logger: logger
            )
        }
        consoleURL = "http://\(configuration.consoleHost):\(console.port)"
        kubeURL = adminCluster.url
        hostsClusters = adminCluster.host != nil
        self.kubeconfig =
            if case .kubeconfig(let path, _) = configuration.admin { path } else { directory.kubeconfig }
        try kubeconfig?.write()

        func service(_ name: String, _ body: @escaping @Sendable () async throws -> Void) -> any Service {
            RunningService(name: name, logger: logger, body: body)
        }
        let sharing = replica.map { replica in
            service("replica") {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await replica.run() }
                    for await _ in replica.changes() { await tenants.reviewAll() }
                    group.cancelAll()
                }
            }
        }
        let hosting = adminCluster.host.map { host in service("kubernetes") { try await host.run() } }
        // A restored cluster may have other keys.
        let rewriting = adminCluster.host.map { host in
            service("kubeconfig") { for await _ in host.restored { try kubeconfig?.write() } }
        }
        services = [
            hosting, rewriting, sharing,
            service("fleet") { try await fleet.run() },
            service("clusters") { try await clusters.run() },
            service("tenants") { try await tenants.run() },
            service("claims") { await claims.run() },
            service("quotas") {
                for await _ in claims.quotaChanges.stream() { await delivery.reviewRefusals() }
            },
            service("repositories") { try await watcher.run() },
            service("sources") { await sources.run() },
            service("signals") { await Self.relay(fleet, tenants, watcher, to: fleetSignal) },
            service("delivery") { try await delivery.run() },
            service("console") { [console] in try await console.run() },
        ].compactMap(\.self)
    }

    /// This process among those that may run on the same admin cluster.
    private static func replica(on admin: KubeClient, logger: Logger) -> Replica {
        let random = String(UInt32.random(in: .min ... .max), radix: 36)
        let host = UpConfiguration.AddedCluster.label(from: ProcessInfo.processInfo.hostName).prefix(30)
        return Replica(
            name: "\(host)-\(random)",
            client: admin,
            namespace: OwnDefinitions.namespace,
            logger: logger
        ) {
            let now = Self.now()
            return Timestamp(
                seconds: Int64(now),
                nanoseconds: Int32(now.truncatingRemainder(dividingBy: 1) * 1e9)
            )
        }
    }

    private static func platformURL(
        _ platform: UpConfiguration.Platform,
        in directory: DataDirectory
    ) async throws -> String? {
        switch platform {
        case .empty: return nil
        case .url(let url):
            guard !url.contains("://"), !url.contains("@"), !url.hasPrefix("/") else { return url }
            return URL(filePath: url).standardizedFileURL.path(percentEncoded: false)
        case .demonstration:
            try await Demonstration.createRepositories(in: directory.repositories)
            return directory.repositories + "/platform.git"
        }
    }

    private static func relay(
        _ fleet: FleetService,
        _ tenants: TenantService,
        _ watcher: RepositoryWatcher,
        to signal: ChangeSignal
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in fleet.changes() { signal.signal() } }
            group.addTask { for await _ in tenants.changes() { signal.signal() } }
            group.addTask {
                // Tenants say which of their repositories cannot be read.
                var failing: Set<WatchedBranch> = []
                for await observation in await watcher.observations() {
                    let branch = WatchedBranch(
                        repository: observation.repository,
                        branch: observation.branch
                    )
                    if case .failure = observation.result {
                        failing.insert(branch)
                        signal.signal()
                    } else if failing.remove(branch) != nil {
                        signal.signal()
                    }
                }
            }
        }
    }
}

extension PlatformSource {
    /// The platform repository, delivered to the admin cluster.
    static func platform(repository: String, branch: String) -> PlatformSource {
        PlatformSource(
            id: ApplicationID(
                tenant: TenancyPolicy.platform,
                cluster: FleetClusterDirectory.adminName,
                namespace: OwnDefinitions.namespace
            ),
            repository: repository,
            branch: branch,
            directories: ["clusters", "tenants"]
        )
    }
}
