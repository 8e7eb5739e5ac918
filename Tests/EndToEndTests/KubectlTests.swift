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
                    for line in Self.commands.split(separator: "\n") {
                        try await check(String(line).replacing("FILE", with: file), installation)
                    }
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

        private func check(_ line: String, _ installation: Installation) async throws {
            let parts = line.split(separator: " => ")
            let words = parts[0].split(separator: " ").map(String.init)
            let outcome = try await installation.kubectl("dev", words)
            let said = parts.count > 1 ? String(parts[1]) : ""
            #expect(
                outcome.code == 0 && (said.isEmpty || outcome.output.contains(said)),
                "kubectl \(line): \(outcome.errors)\(outcome.output)"
            )
        }

        /// What is run, in this order, and what must be in the answer.
        private static let commands = """
            create namespace mine => namespace/mine created
            -n mine apply -f FILE => deployment.apps/web created
            -n mine apply -f FILE => deployment.apps/web unchanged
            -n mine rollout status deploy/web --timeout=60s => successfully rolled out
            -n mine get deploy web -o yaml => availableReplicas: 2
            -n mine get deploy web -o jsonpath={.spec.replicas} => 2
            -n mine get all => replicaset.apps/web-
            -n mine describe deploy web => ScalingReplicaSet
            -n mine describe pods => Scheduled
            -n mine set image deploy/web web=registry.example/web:2.0.0
            -n mine rollout status deploy/web --timeout=60s => successfully rolled out
            -n mine rollout history deploy/web => 2
            -n mine rollout undo deploy/web => rolled back
            -n mine rollout restart deploy/web => restarted
            -n mine scale deploy web --replicas=3 => scaled
            -n mine get deploy -o wide => registry.example/web:1.0.0
            -n mine label deploy web tier=front => labeled
            -n mine get deploy -l tier=front --no-headers => web
            -n mine annotate service web note=here => annotated
            -n mine patch deploy web --type=merge -p {"spec":{"paused":false}}
            -n mine patch deploy web --type=json -p [{"op":"replace","path":"/spec/replicas","value":1}]
            -n mine apply --server-side --force-conflicts -f FILE => serverside-applied
            -n mine rollout status deploy/web --timeout=60s => successfully rolled out
            -n mine wait --for=jsonpath={.status.terminatingReplicas}=0 deploy/web --timeout=60s => condition met
            -n mine diff --server-side --force-conflicts -f FILE
            -n mine create configmap settings --from-literal=a=b => created
            -n mine create secret generic secret --from-literal=a=b => created
            -n mine create job once --image=registry.example/once:1 => created
            -n mine wait --for=condition=complete job/once --timeout=60s => condition met
            -n mine logs deploy/web --tail=-1 => listening on
            -n mine events => Scheduled
            -n mine wait --for=condition=Available deploy/web --timeout=60s => condition met
            explain deployment.spec.strategy => DeploymentStrategy
            api-resources => deployments
            api-versions => apps/v1
            get nodes -o wide => Ready
            auth can-i delete nodes => yes
            version => v1.36
            -n mine delete deploy web --timeout=60s => deleted
            delete namespace mine --timeout=60s => deleted
            """
    }
}
