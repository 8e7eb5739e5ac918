import Foundation
import GitSource
import KubeModel
import KubeRuntime
import Logging
import ServiceLifecycle
import UnixSignals

/// `varde up` and `varde server`: the whole of Varde in one process.
package enum Up {
    /// Runs until SIGTERM or SIGINT, then stops in order and returns.
    ///
    /// - Throws: ``UpError`` when it cannot start.
    package static func run(_ configuration: UpConfiguration) async throws {
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .warning
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "varde")
        let directory = try DataDirectory(configuration.dataDirectory)
        let lock = try DataDirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }

        let plane = try await ControlPlane(configuration, directory: directory, logger: logger)
        try writeClientFile(plane)
        let announcement = RunningService(name: "announcement", logger: logger) {
            announce(plane)
            try await Task.sleep(for: .seconds(86_400 * 365 * 100))
        }
        var group = ServiceGroupConfiguration(
            services: (plane.services + [announcement]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .milliseconds(1_200)
        // Usually nothing takes that long; a hundred databases on a busy disk may, and are to be closed in order.
        group.maximumCancellationDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
        } catch {
            await plane.replica?.leave()
            throw error
        }
        // Only now that nothing here writes any more.
        await plane.replica?.leave()
    }

    /// What the other commands read, to find this process.
    private static func writeClientFile(_ plane: ControlPlane) throws {
        let client: JSON = [
            "console": .string(plane.consoleURL), "token": .string(plane.consoleToken),
            "kubeconfig": .string(plane.kubeconfig), "kubernetes": .string(plane.kubeURL),
            "pid": .integer(Int64(getpid())),
        ]
        let text = String(decoding: client.encoded(indent: 2), as: UTF8.self) + "\n"
        try plane.directory.write(text, to: plane.directory.clientFile)
    }

    private static func announce(_ plane: ControlPlane) {
        let text = """
            ready
              console     \(plane.consoleURL)/?token=\(plane.consoleToken)
              kubernetes  \(plane.kubeURL)   (\(plane.hostsClusters ? "simulated nodes and pods" : "the admin cluster"))
              kubeconfig  \(plane.kubeconfig)

            \(warning(plane))Try next, in another terminal:
            \(suggestions(plane).map { "  \($0)" }.joined(separator: "\n"))

            """
        // Not `print`, which keeps lines back when the output is a file.
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// A platform repository on this machine that is not there, which a misspelt path is.
    private static func warning(_ plane: ControlPlane) -> String {
        guard case .url(let url) = plane.platform, let path = RepositoryLocation(url).localPath,
            !FileManager.default.fileExists(atPath: path)
        else { return "" }
        return
            "There is no repository at \(path) (--platform): nothing is delivered until there is one; it is looked for again.\n\n"
    }

    /// Three commands that show something, whatever the content is.
    private static func suggestions(_ plane: ControlPlane) -> [String] {
        let directory = plane.directory.path
        let kubectl = "kubectl --kubeconfig \(plane.kubeconfig)"
        switch plane.platform {
        case .demonstration:
            return [
                "varde apps --data \(directory) --watch", "\(kubectl) --context dev get deployments -A",
                "git clone \(directory)/git/kart-apps.git",
            ]
        case .url:
            return [
                "varde status --data \(directory)", "varde apps --data \(directory) --watch",
                "\(kubectl) get clusters,tenants,applications -A",
            ]
        case .empty:
            return [
                "varde status --data \(directory)", "\(kubectl) get namespaces",
                "\(kubectl) explain cluster.spec",
            ]
        }
    }
}
