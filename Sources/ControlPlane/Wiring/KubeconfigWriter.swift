import KubeServer
import Synchronization

/// Keeps `DIR/kubeconfig` as the hosted clusters are.
final class KubeconfigWriter: Sendable {
    private let directory: DataDirectory
    private let host: ClusterHost
    private let written = Mutex<KubeconfigFile?>(nil)

    init(directory: DataDirectory, host: ClusterHost) {
        self.directory = directory
        self.host = host
    }

    /// Writes the file if it would change.
    func write() throws {
        let file = KubeconfigFile(
            entries: host.openClusters.map {
                KubeconfigFile.Entry(
                    name: $0.name,
                    server: $0.serverURL,
                    certificateAuthority: $0.certificateAuthority,
                    token: $0.adminToken,
                    certificate: $0.adminCertificate,
                    key: $0.adminKey
                )
            }
        )
        try written.withLock { written in
            guard written != file else { return }
            try directory.write(file.text, to: directory.kubeconfig)
            written = file
        }
    }
}
