import Foundation
package import KubeClient
import KubeModel
package import KubeServer
import Logging

/// An embedded cluster in this process, with an empty directory of its own, for tests.
///
/// ```swift
/// try await EmbeddedTestCluster.run { cluster in
///     let made = try await cluster.client.create(.configMaps, object)
/// }
/// ```
package struct EmbeddedTestCluster: Sendable {
    package enum Contents: Sendable {
        /// Only what a server makes of itself: no controllers, so nothing happens that the test does not do.
        case api
        /// Workload controllers and as many simulated nodes.
        case workloads(nodes: Int)
    }

    package let host: ClusterHost
    package let cluster: EmbeddedCluster
    /// In-process, as an administrator.
    package let client: KubeClient
    /// Where the host keeps its state.
    package let directory: String

    /// Makes a cluster, runs the body, and removes everything again, however the body ends.
    ///
    /// - Parameter name: With `admin` the cluster is at the root of its server.
    package static func run<Result: Sendable>(
        _ contents: Contents = .api,
        name: String = "admin",
        body: @Sendable (EmbeddedTestCluster) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "varde-test-\(UUID().uuidString)"
        ).path
        // What cannot be removed is the temporary directory's business.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await run(contents, name: name, directory: directory, body: body)
    }

    /// The same in a directory that is kept, to start again on what a first run left.
    package static func run<Result: Sendable>(
        _ contents: Contents = .api,
        name: String = "admin",
        directory: String,
        body: @Sendable (EmbeddedTestCluster) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let host = try await ClusterHost(directory: directory, host: "127.0.0.1", port: 0, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            switch contents {
            case .api: group.addTask { try await host.serveWithoutWorkloads() }
            case .workloads: group.addTask { try await host.run() }
            }
            let configuration: EmbeddedClusterConfiguration
            switch contents {
            case .api: configuration = EmbeddedClusterConfiguration(name: name, runsWorkloads: false)
            case .workloads(let nodes):
                configuration = EmbeddedClusterConfiguration(
                    name: name,
                    nodePools: [EmbeddedClusterConfiguration.NodePool(name: "pool", nodes: nodes)]
                )
            }
            let cluster = try await host.open(configuration)
            await host.waitUntilServing()
            let fixture = EmbeddedTestCluster(
                host: host,
                cluster: cluster,
                client: KubeClient(transport: cluster.transport, fieldManager: "test"),
                directory: directory
            )
            let result: Result
            do {
                result = try await body(fixture)
            } catch {
                group.cancelAll()
                // The body's failure is what the test is about.
                try? await group.waitForAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    /// Waits until a condition holds, looking again whenever a little time has passed.
    ///
    /// - Returns: Whether it came to hold before the deadline.
    package func eventually(
        within limit: Duration = .seconds(60),
        _ condition: @Sendable () async throws -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await condition()
    }
}
