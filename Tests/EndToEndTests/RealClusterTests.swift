import Foundation
import KubeModel
import Testing

extension EndToEnd {
    /// With a real kube-apiserver and etcd; skipped where these were not built.
    @Suite(
        "Real clusters",
        .enabled(if: RealKubernetes.programs != nil, "scripts/real-kubernetes was not run")
    )
    struct RealClusterTests {
        private static let web = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers: [{name: web, image: "registry.example/web:1.0.0"}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80, protocol: TCP}]}

            """

        private static func cluster(_ name: String, _ connection: String) -> String {
            """
            apiVersion: varde.dev/v1alpha1
            kind: Cluster
            metadata: {name: \(name)}
            spec:
              environment: dev
              connection: {\(connection)}

            """
        }

        @Test(
            "varde up --add-kubeconfig delivers to a real cluster: pods run, deletions are repaired, directories go"
        )
        func added() async throws {
            try await withTemporaryDirectory { directory in
                try await RealKubernetes.run(.workloads, in: "\(directory)/real") { real in
                    let apps = try await Repository.make(
                        "apps",
                        in: directory,
                        files: ["env/real/demo-web/app.yaml": Self.web]
                    )
                    let platform = try await Repository.make(
                        "platform",
                        in: directory,
                        files: SmallFleet.platform(clusters: [])
                    )
                    try await Installation.run(
                        data: "\(directory)/data",
                        options: ["--platform", platform.bare, "--add-kubeconfig", real.kubeconfig]
                    ) { installation in
                        let wait = try await installation.varde("wait", "real.demo-web", "--timeout", "90s")
                        #expect(wait.code == 0, "\(wait.errors)\(wait.output)")
                        let pods = try await real.object("pods", "-n", "demo-web")?["items"]?.array ?? []
                        #expect(pods.count == 2)
                        #expect(pods.allSatisfy { $0.at("status", "phase")?.string == "Running" })

                        let before = try await real.object("deploy", "web", "-n", "demo-web")
                        #expect(try await real.kubectl("delete", "deploy", "web", "-n", "demo-web").code == 0)
                        try await eventually("the deployment is back") {
                            let now = try await real.object("deploy", "web", "-n", "demo-web")
                            return now != nil && now?.at("metadata", "uid") != before?.at("metadata", "uid")
                        }

                        try await apps.push(
                            "Remove",
                            files: ["README.md": "x"],
                            removing: ["env/real/demo-web"]
                        )
                        try await eventually("the namespace has gone", within: .seconds(60)) {
                            try await real.object("namespace", "demo-web") == nil
                        }
                    }
                }
            }
        }

        @Test(
            "varde server puts its objects into a real admin cluster, and reaches a cluster by a kubeconfig Secret"
        )
        func server() async throws {
            try await withTemporaryDirectory { directory in
                try await RealKubernetes.run(.serverOnly, in: "\(directory)/real") { real in
                    _ = try await Repository.make(
                        "apps",
                        in: directory,
                        files: ["env/far/demo-maps/app.yaml": SmallFleet.configMaps(3)]
                    )
                    let platform = try await Repository.make(
                        "platform",
                        in: directory,
                        files: SmallFleet.platform(
                            clusters: [],
                            more: ["clusters/far.yaml": Self.cluster("far", "kubeconfigSecret: {name: far}")]
                        )
                    )
                    #expect(try await real.kubectl("create", "namespace", "varde-system").code == 0)
                    // Certificates in other files are not part of a Secret.
                    let flat = try await real.kubectl("config", "view", "--raw", "--flatten").output
                    try Data(flat.utf8).write(to: URL(filePath: "\(directory)/flat"))
                    let secret = try await real.kubectl(
                        "create",
                        "secret",
                        "generic",
                        "far",
                        "-n",
                        "varde-system",
                        "--from-file=kubeconfig=\(directory)/flat"
                    )
                    #expect(secret.code == 0, "\(secret.errors)")
                    try await Installation.run(
                        command: "server",
                        data: "\(directory)/data",
                        options: ["--kubeconfig", real.kubeconfig, "--platform", platform.bare]
                    ) { installation in
                        let wait = try await installation.varde("wait", "far.demo-maps", "--timeout", "60s")
                        #expect(wait.code == 0, "\(wait.errors)\(wait.output)")
                        try await eventually("its record says so") {
                            try await real.object(
                                "applications.varde.dev",
                                "far.demo-maps",
                                "-n",
                                "tenant-demo"
                            )?.at("status", "sync")?.string == "Synced"
                        }
                        let maps = try await real.object(
                            "configmaps",
                            "-n",
                            "demo-maps",
                            "-l",
                            "varde.dev/application"
                        )
                        #expect(maps?["items"]?.array?.count == 3)
                        // What a file leaves out may not stay behind as `null`.
                        for more in [", quota: {namespaces: 1}, network: {hosts: [a.example]}", ""] {
                            let tenant =
                                "{apiVersion: varde.dev/v1alpha1, kind: Tenant, metadata: {name: other}, "
                                + "spec: {prefixes: [other]\(more)}}"
                            try Data(tenant.utf8).write(to: URL(filePath: "\(directory)/other.yaml"))
                            let applied = try await real.kubectl(
                                "apply",
                                "--server-side",
                                "-f",
                                "\(directory)/other.yaml"
                            )
                            #expect(applied.code == 0, "\(applied.errors)")
                        }
                    }
                }
            }
        }

        @Test(
            "A cluster that falls silent is shown within ten seconds and harms no other; it converges when it is back"
        )
        func silent() async throws {
            try await withTemporaryDirectory { directory in
                try await RealKubernetes.run(.serverOnly, in: "\(directory)/real") { real in
                    let apps = try await Repository.make(
                        "apps",
                        in: directory,
                        files: [
                            "env/real/demo-far/app.yaml": SmallFleet.configMaps(1),
                            "env/dev/demo-near/app.yaml": SmallFleet.configMaps(1),
                        ]
                    )
                    let platform = try await Repository.make(
                        "platform",
                        in: directory,
                        files: SmallFleet.platform()
                    )
                    try await Installation.run(
                        data: "\(directory)/data",
                        options: ["--platform", platform.bare, "--add-kubeconfig", real.kubeconfig]
                    ) { installation in
                        for name in ["demo-far", "demo-near"] {
                            let wait = try await installation.varde("wait", name, "--timeout", "60s")
                            #expect(wait.code == 0, "\(wait.errors)")
                        }
                        try real.freeze(true)
                        try await apps.push(
                            "Change both",
                            files: [
                                "env/real/demo-far/app.yaml": SmallFleet.configMaps(1, value: "2"),
                                "env/dev/demo-near/app.yaml": SmallFleet.configMaps(1, value: "2"),
                            ]
                        )
                        let near = try await installation.varde("wait", "demo-near", "--timeout", "30s")
                        #expect(near.code == 0, "\(near.errors)")
                        try await eventually("the cluster is shown as unreachable", within: .seconds(15)) {
                            let clusters = try await installation.json("clusters")["items"]?.array ?? []
                            return clusters.first { $0["name"]?.string == "real" }?["reachable"]?.bool
                                == false
                        }
                        try real.freeze(false)
                        try await eventually(
                            "the change is on the cluster that is back",
                            within: .seconds(30)
                        ) {
                            let map = try await real.object("configmap", "config-0", "-n", "demo-far")
                            return map?.at("data", "value")?.string == "2"
                        }
                    }
                }
            }
        }

        @Test("Two replicas share the clusters; when one is killed the other takes over and goes on")
        func replicas() async throws {
            try await withTemporaryDirectory { directory in
                try await RealKubernetes.run(.serverOnly, in: "\(directory)/real") { real in
                    let names = (0..<6).map { "c\($0)" }
                    let apps = try await Repository.make(
                        "apps",
                        in: directory,
                        files: Self.maps(on: names, value: "1")
                    )
                    let connection = "kubeconfigFile: {path: \(real.kubeconfig)}"
                    let clusters = names.map { ("clusters/\($0).yaml", Self.cluster($0, connection)) }
                    let platform = try await Repository.make(
                        "platform",
                        in: directory,
                        files: SmallFleet.platform(
                            clusters: [],
                            more: Dictionary(uniqueKeysWithValues: clusters)
                        )
                    )
                    let options = ["--kubeconfig", real.kubeconfig, "--platform", platform.bare]
                    try await Installation.run(
                        command: "server",
                        data: "\(directory)/first",
                        options: options
                    ) { first in
                        try await Installation.run(
                            command: "server",
                            data: "\(directory)/second",
                            options: options
                        ) { second in
                            try await eventually(
                                "each replica holds something, and all is delivered",
                                within: .seconds(60)
                            ) {
                                let holders = try await Self.holders(real)
                                let arrived = try await Self.values(real, names)
                                return Set(holders.values).count == 2 && holders.count == names.count + 1
                                    && arrived == Array(repeating: "1", count: names.count)
                            }
                            try await eventually("who does not deliver says who is to be asked for a log") {
                                let app = "\(names[0]).demo-\(names[0])"
                                let words = [
                                    try await first.varde("app", "logs", app).errors,
                                    try await second.varde("app", "logs", app).errors,
                                ]
                                return words.count { $0.contains("Another replica") } == 1
                                    && words.count { $0.contains("has no pod") } == 1
                            }
                            try await Self.pauseAndResume(names, asking: first, and: second)
                            try await eventually("no pause is recorded any more") {
                                let all = try await real.object("applications.varde.dev", "-A")?["items"]?
                                    .array
                                return all?.allSatisfy {
                                    $0.at("metadata", "annotations", "varde.dev/pause") == nil
                                } ?? false
                            }
                            first.send(SIGKILL)
                            try await apps.push("Change all", files: Self.maps(on: names, value: "2"))
                            try await eventually("the other replica has all clusters", within: .seconds(30)) {
                                Set(try await Self.holders(real).values).count == 1
                            }
                            try await eventually("and delivers to all of them", within: .seconds(30)) {
                                try await Self.values(real, names)
                                    == Array(repeating: "2", count: names.count)
                            }
                            let shown = try await second.json("apps")["items"]?.array ?? []
                            #expect(shown.count >= names.count)
                        }
                    }
                }
            }
        }

        private static func maps(on clusters: [String], value: String) -> [String: String] {
            Dictionary(
                uniqueKeysWithValues: clusters.map {
                    ("env/\($0)/demo-\($0)/app.yaml", SmallFleet.configMaps(1, value: value))
                }
            )
        }

        /// Some of them are the other one's, whichever is asked.
        private static func pauseAndResume(
            _ names: [String],
            asking first: Installation,
            and second: Installation
        ) async throws {
            for name in names {
                let paused = try await first.varde(
                    "app",
                    "pause",
                    "\(name).demo-\(name)",
                    "--reason",
                    "a look"
                )
                #expect(paused.code == 0, "\(name): \(paused.errors)")
                let again = try await second.varde("app", "resume", "\(name).demo-\(name)")
                #expect(again.code == 0, "\(name): \(again.errors)")
                let refused = try await first.varde("app", "resume", "\(name).demo-\(name)")
                #expect(refused.code != 0 && refused.errors.contains("is not paused"), "\(refused.errors)")
            }
        }

        /// Who holds each claim.
        private static func holders(_ real: RealKubernetes) async throws -> [String: String] {
            let leases = try await real.object("leases", "-n", "varde-system", "-l", "varde.dev/lease=claim")
            var result: [String: String] = [:]
            for lease in leases?["items"]?.array ?? [] {
                guard let holder = lease.at("spec", "holderIdentity")?.string, !holder.isEmpty else {
                    continue
                }
                result[lease.at("metadata", "name")?.string ?? ""] = holder
            }
            return result
        }

        private static func values(_ real: RealKubernetes, _ clusters: [String]) async throws -> [String?] {
            var values: [String?] = []
            for cluster in clusters {
                let map = try await real.object("configmap", "config-0", "-n", "demo-\(cluster)")
                values.append(map?.at("data", "value")?.string)
            }
            return values
        }
    }
}
