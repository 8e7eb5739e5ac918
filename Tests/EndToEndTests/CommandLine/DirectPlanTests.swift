import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("A plan that asks clusters, not a running Varde")
    struct DirectPlanTests {
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
