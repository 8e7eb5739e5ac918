import Foundation
import KubeModel

/// The kubeconfig by which people reach the embedded clusters: one context per cluster, named as the cluster.
struct KubeconfigFile: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var name: String
        var server: String
        var token: String
    }

    /// As PEM.
    var certificateAuthority: String
    var entries: [Entry]

    var text: String {
        let authority = Data(certificateAuthority.utf8).base64EncodedString()
        let entries = entries.sorted {
            ($0.name != "admin" ? 1 : 0, $0.name) < ($1.name != "admin" ? 1 : 0, $1.name)
        }
        let config: JSON = [
            "apiVersion": "v1", "kind": "Config", "current-context": "admin", "preferences": [:],
            "clusters": .array(
                entries.map {
                    [
                        "name": .string($0.name),
                        "cluster": [
                            "server": .string($0.server), "certificate-authority-data": .string(authority),
                        ],
                    ]
                }
            ),
            "users": .array(
                entries.map { ["name": .string($0.name), "user": ["token": .string($0.token)]] }
            ),
            "contexts": .array(
                entries.map {
                    [
                        "name": .string($0.name),
                        "context": ["cluster": .string($0.name), "user": .string($0.name)],
                    ]
                }
            ),
        ]
        return YAML.text(of: config)
    }
}
