import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("A plan that asks clusters, not a running Varde")
    struct DirectPlanTests {
        private static let priority =
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: demo}\nvalue: 5\n"
        private static let hostile =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"x\\e[31my\\u202e\"}\n"
        private static let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"

        @Test("It plans as the tenant whose namespaces are there, and knows what a removed directory leaves")
        func delivered() async throws {
            let apps = ["env/dev/demo-a/a.yaml": Self.map, "env/dev/demo-b/a.yaml": Self.map]
            try await SmallFleet.prepare(apps: apps) { setting in
                try await setting.run { installation in
                    let wait = try await installation.varde("wait", "demo-a", "demo-b")
                    #expect(wait.code == 0, "\(wait.errors)")
                    func plan(_ more: String...) async throws -> Shell.Outcome {
                        try await installation.varde(
                            [
                                "plan", "--repo", setting.apps.clone, "--kubeconfig",
                                setting.data + "/kubeconfig",
                            ]
                                + more
                        )
                    }
                    // The branch itself is compared with the cluster, application by application.
                    let same = try await plan()
                    #expect(
                        same.code == 0 && same.output.contains("demo/dev.demo-a"),
                        "\(same.output)\(same.errors)"
                    )

                    // Whether a tenant may have a kind beyond namespaces is not known here.
                    let directory = setting.apps.clone + "/env/dev/demo-a"
                    try Self.priority.write(toFile: directory + "/p.yaml", atomically: true, encoding: .utf8)
                    try Self.hostile.write(toFile: directory + "/a.yaml", atomically: true, encoding: .utf8)
                    for format in ["table", "markdown"] {
                        let wide = try await plan("-o", format)
                        #expect(wide.code == 3, "\(wide.output)\(wide.errors)")
                        #expect(wide.output.contains("PriorityClass:demo is not in a namespace"))
                        #expect(wide.output.contains("x\\u{1b}[31my\\u{202e}"), "\(wide.output)")
                        #expect(!wide.output.contains("\u{1B}") && !wide.output.contains("\u{202E}"))
                    }
                    try FileManager.default.removeItem(atPath: directory + "/p.yaml")
                    try Self.map.write(toFile: directory + "/a.yaml", atomically: true, encoding: .utf8)

                    try FileManager.default.removeItem(atPath: setting.apps.clone + "/env/dev/demo-b")
                    for _ in 0..<3 {
                        let removed = try await plan("-o", "json")
                        #expect(removed.code == 3, "\(removed.output)\(removed.errors)")
                        let json = try JSON.parse(removed.output)
                        #expect(
                            json.at("counts", "delete")?.int == 1 && json["link"]?.isNull == true,
                            "\(json)"
                        )
                    }

                    let misspelt = try await plan("--cluster", "dve")
                    #expect(misspelt.code == 4 && misspelt.errors.contains("dve"), "\(misspelt.output)")
                }
            }
        }

        @Test("Where nothing was delivered yet, the plan of a branch has everything")
        func first() async throws {
            try await SmallFleet.prepare(apps: ["env/test/demo-a/a.yaml": Self.map]) { setting in
                try await setting.run { installation in
                    try await eventually("the cluster has a context") {
                        try String(contentsOfFile: setting.data + "/kubeconfig", encoding: .utf8).contains(
                            "dev"
                        )
                    }
                    let plan = try await installation.varde(
                        "plan",
                        "--repo",
                        setting.apps.clone,
                        "--kubeconfig",
                        setting.data + "/kubeconfig",
                        "--context",
                        "dev",
                        "--cluster",
                        "test"
                    )
                    #expect(
                        plan.code == 3 && plan.output.contains("1 to create in 1 application"),
                        "\(plan.output)\(plan.errors)"
                    )
                }
            }
        }
    }
}
