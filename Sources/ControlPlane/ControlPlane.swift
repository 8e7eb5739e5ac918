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
    let host: ClusterHost
    let console: ConsoleServer
    let services: [any Service]
    let platform: UpConfiguration.Platform
    /// For example `http://127.0.0.1:8080`.
    let consoleURL: String
    let consoleToken: String
    /// For example `https://127.0.0.1:6443`.
    let kubeURL: String

    /// Seconds since 1970.
    static let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }

    /// Opens the admin cluster, prepares its content and builds the services; nothing runs before they are run.
    init(_ configuration: UpConfiguration, directory: DataDirectory, logger: Logger) async throws {
        self.directory = directory
        host = try await Self.listening("\(configuration.kubeHost):\(configuration.kubePort)", "--kube") {
            try await ClusterHost(
                directory: directory.kubernetes,
                host: configuration.kubeHost,
                port: configuration.kubePort,
                logger: logger
            )
        }
        let adminCluster = try await host.open(
            EmbeddedClusterConfiguration(name: "admin")
        )
        let admin = KubeClient(transport: adminCluster.transport)
        try await OwnDefinitions.install(in: admin)

        platform = try UpConfiguration.Platform.resolve(configuration.platform, in: directory)
        let platformURL = try await Self.platformURL(platform, in: directory)

        // Parts, from the ones that know least to the ones that know most.
        let kubeconfig = KubeconfigWriter(directory: directory, host: host)
        let watcher = RepositoryWatcher(directory: directory.mirrors)
        let renderer = Renderer(scratch: directory.scratch, tools: ToolPaths.found(beside: directory))
        let tenants = TenantService(admin: admin, platformURL: platformURL, logger: logger) {
            Timestamp(seconds: Int64(Self.now())).text
        }
        let claims = NamespaceClaims(logger: logger) { UUID().uuidString.lowercased() }
        let fleet = FleetService(
            admin: admin,
            provider: EmbeddedClusterProvider(host: host, admin: admin, logger: logger) {
                try kubeconfig.write()
            },
            logger: logger,
            now: Self.now
        )
        let delivery = DeliveryService(
            admin: admin,
            watcher: watcher,
            renderer: renderer,
            clusters: FleetClusterDirectory(fleet: fleet, admin: admin),
            policy: TenancyPolicy(tenants: tenants, claims: claims, now: Self.now),
            logger: logger
        )
        if let platformURL {
            // Whoever brings a repository calls its branch as they like.
            let branch = platform == .demonstration ? "main" : "HEAD"
            await delivery.addPlatformSource(.platform(repository: platformURL, branch: branch))
        }
        let fleetSignal = ChangeSignal()
        consoleToken = try directory.secret(in: directory.consoleToken)
        console = try await Self.listening(
            "\(configuration.consoleHost):\(configuration.consolePort)",
            "--console"
        ) { [consoleToken] in
            try await ConsoleServer(
                backend: Backend(
                    delivery: delivery,
                    tenancy: tenants,
                    fleet: fleet,
                    watcher: watcher,
                    fleetSignal: fleetSignal
                ),
                host: configuration.consoleHost,
                port: configuration.consolePort,
                token: consoleToken,
                version: Version.current,
                logger: logger
            )
        }
        consoleURL = "http://\(configuration.consoleHost):\(console.port)"
        kubeURL = "https://\(configuration.kubeHost):\(host.port)"
        try kubeconfig.write()

        func service(_ name: String, _ body: @escaping @Sendable () async throws -> Void) -> any Service {
            RunningService(name: name, logger: logger, body: body)
        }
        services = [
            service("kubernetes") { [host] in try await host.run() },
            service("fleet") { try await fleet.run() },
            service("tenants") { try await tenants.run() },
            service("claims") { await claims.run() },
            service("repositories") { try await watcher.run() },
            service("sources") { await Self.keepSources(of: delivery, tenants: tenants) },
            service("signals") { await Self.relay(fleet: fleet, tenants: tenants, to: fleetSignal) },
            service("delivery") { try await delivery.run() },
            service("console") { [console] in try await console.run() },
        ]
    }

    /// Starts what listens, and says what to do when the address cannot be had.
    private static func listening<Listener>(
        _ address: String,
        _ option: String,
        _ start: () async throws -> Listener
    ) async throws -> Listener {
        do {
            return try await start()
        } catch {
            let text = String(describing: error)
            let reasons = [
                ("Address already in use", "another program listens there"),
                ("Permission denied", "that is not allowed"),
                ("Cannot assign requested address", "this machine does not have that address"),
            ]
            guard let (_, reason) = reasons.first(where: { text.contains($0.0) }) else { throw error }
            throw UpError(
                code: .cannotListen,
                message: "Cannot listen on \(address): \(reason). "
                    + "Choose another address with \(option) HOST:PORT; port 0 picks a free one."
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

    /// Tells Delivery of every accepted tenant's repositories.
    private static func keepSources(of delivery: DeliveryService, tenants: TenantService) async {
        for await _ in tenants.changes() where tenants.isReady {
            let sources = tenants.directory.tenants.values.flatMap { tenant in
                tenant.repositories.map {
                    TenantSource(tenant: tenant.name, repository: $0.url, branch: $0.branch, root: $0.root)
                }
            }
            await delivery.setSources(sources)
        }
    }

    private static func relay(fleet: FleetService, tenants: TenantService, to signal: ChangeSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in fleet.changes() { signal.signal() } }
            group.addTask { for await _ in tenants.changes() { signal.signal() } }
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
