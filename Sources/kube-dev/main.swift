import Foundation
import KubeServer
import Logging

/// `kube-dev DIRECTORY [PORT]`: serves an embedded cluster for conformance runs. Temporary.
let arguments = CommandLine.arguments
let directory = arguments.count > 1 ? arguments[1] : ".kube-dev"
let port = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
var logger = Logger(label: "kube-dev")
logger.logLevel = .notice
let host = try await ClusterHost(directory: directory, host: "127.0.0.1", port: port, logger: logger)
let cluster = try await host.open(
    EmbeddedClusterConfiguration(
        name: "admin",
        nodePools: arguments.contains("--nodes")
            ? [EmbeddedClusterConfiguration.NodePool(name: "default", nodes: 3)] : [],
        runsWorkloads: arguments.contains("--workloads")
    )
)
FileHandle.standardOutput.write(Data(("SERVER=\(cluster.serverURL) TOKEN=\(cluster.adminToken)" + "\n").utf8))
try await host.run()
