import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("kubectl against an embedded cluster")
    struct KubectlTests {
        @Test("The everyday commands work on objects that Varde knows nothing of")
        func everyday() async throws {
            try await SmallFleet.prepare { setting in
                try await setting.run { installation in
                    try await eventually("the cluster is there") {
                        try await installation.kubectl("dev", "get", "namespaces").code == 0
                    }
                    let file = setting.directory + "/web.yaml"
                    try Data(SmallFleet.web().utf8).write(to: URL(filePath: file))
                    for arguments in Self.commands(file: file) {
                        let outcome = try await Shell.run(
                            "kubectl",
                            [
                                "--kubeconfig", installation.data + "/kubeconfig", "--context", "dev",
                                "--cache-dir", installation.data + ".cache",
                            ]
                                + arguments
                        )
                        #expect(
                            outcome.code == 0,
                            "kubectl \(arguments.joined(separator: " ")): \(outcome.errors)\(outcome.output)"
                        )
                    }
                    let wide = try await installation.kubectl(
                        "dev",
                        "-n",
                        "mine",
                        "get",
                        "deploy",
                        "-o",
                        "wide"
                    )
                    #expect(
                        wide.output.contains("IMAGES") && wide.output.contains("registry.example/web:2.0.0"),
                        "\(wide.output)"
                    )
                    let who = try await installation.kubectl("dev", "auth", "can-i", "delete", "nodes")
                    #expect(who.output.hasPrefix("yes"))
                    let own = try await installation.kubectl(
                        "admin",
                        "get",
                        "tenants,clusters,applications",
                        "-A"
                    )
                    #expect(own.code == 0 && own.output.contains("demo"), "\(own.errors)")
                }
            }
        }

        private static func commands(file: String) -> [[String]] {
            let lines = """
                create namespace mine
                -n mine apply -f \(file)
                -n mine rollout status deploy/web --timeout=60s
                -n mine get deploy web -o yaml
                -n mine get deploy web -o jsonpath={.spec.replicas}
                -n mine get all
                -n mine describe deploy web
                -n mine describe pods
                -n mine set image deploy/web web=registry.example/web:2.0.0
                -n mine rollout status deploy/web --timeout=60s
                -n mine rollout history deploy/web
                -n mine scale deploy web --replicas=3
                -n mine label deploy web tier=front
                -n mine annotate service web note=here
                -n mine patch deploy web --type=merge -p {"spec":{"paused":false}}
                -n mine patch deploy web --type=json -p [{"op":"replace","path":"/spec/replicas","value":1}]
                -n mine apply --server-side --force-conflicts -f \(file)
                -n mine diff --server-side --force-conflicts -f \(file)
                -n mine create configmap settings --from-literal=a=b
                -n mine logs deploy/web --tail=3
                -n mine events
                -n mine wait --for=condition=Available deploy/web --timeout=60s
                explain deployment.spec.strategy
                api-resources
                api-versions
                get nodes -o wide
                version
                -n mine delete deploy web --timeout=60s
                delete namespace mine --timeout=60s
                """
            return lines.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        }
    }
}
