import Foundation
import KubeModel

/// The kubeconfig by which people reach the embedded clusters: one context per cluster, named as the cluster.
struct KubeconfigFile: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var name: String
        var server: String
        /// As PEM, like the other certificates and keys.
        var certificateAuthority: String
        var token: String
        var certificate: String
        var key: String
    }

    var entries: [Entry]

    var text: String {
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
                            "server": .string($0.server),
                            "certificate-authority-data": Self.data($0.certificateAuthority),
                        ],
                    ]
                }
            ),
            "users": .array(
                entries.map {
                    [
                        "name": .string($0.name),
                        "user": [
                            "token": .string($0.token), "client-certificate-data": Self.data($0.certificate),
                            "client-key-data": Self.data($0.key),
                        ],
                    ]
                }
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

    private static func data(_ text: String) -> JSON { .string(Data(text.utf8).base64EncodedString()) }
}
