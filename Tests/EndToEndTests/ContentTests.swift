import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("Content as others write it")
    struct ContentTests {
        @Test("The examples sync unchanged and become healthy")
        func examples() async throws {
            try await SmallFleet.prepare(
                clusters: ["dev", "test"],
                platform: [
                    "tenants/plain.yaml": SmallFleet.tenant(
                        "plain",
                        prefix: "example-shop",
                        repository: "./plain-yaml.git"
                    ),
                    "tenants/kustomize.yaml": SmallFleet.tenant(
                        "kustomize",
                        prefix: "example-orders",
                        repository: "./kustomize.git"
                    ),
                ]
            ) { setting in
                for name in ["plain-yaml", "kustomize"] {
                    _ = try await Repository.make(
                        name,
                        in: setting.directory,
                        files: try Self.files(of: name)
                    )
                }
                try await setting.run { installation in
                    let ids = [
                        "plain/dev.example-shop", "kustomize/dev.example-orders",
                        "kustomize/test.example-orders",
                    ]
                    let wait = try await installation.varde(["wait", "--timeout", "90s"] + ids)
                    #expect(wait.code == 0, "\(wait.errors)")

                    let config = try await installation.object(
                        "dev",
                        "-n",
                        "example-shop",
                        "configmap",
                        "shop"
                    )
                    #expect(config?.at("data", "enabled")?.string == "yes")
                    #expect(config?.at("data", "started")?.string == "2026-11-01")
                    #expect(config?.at("data", "folded")?.string == "one line made of two\n")
                    #expect(config?.at("metadata", "labels", "app.kubernetes.io/version")?.string == "1.20")

                    let api = try await installation.object(
                        "dev",
                        "-n",
                        "example-orders",
                        "deploy",
                        "orders-api"
                    )
                    let containers = api?.at("spec", "template", "spec", "containers")
                    #expect(containers?[0]?["image"]?.string == "registry.example/orders/api:7.0.3")
                    #expect(containers?[1]?["name"]?.string == "exporter")
                }
            }
        }

        private static func files(of example: String) throws -> [String: String] {
            let root = "\(Shell.root)/Examples/\(example)"
            var files: [String: String] = [:]
            for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory)
                if !isDirectory.boolValue {
                    files[path] = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
                }
            }
            return files
        }

        @Test(
            "The demonstration comes up as it should: all synced, one workload that fails and says why, previews in the sandbox"
        )
        func demonstration() async throws {
            try await withTemporaryDirectory { directory in
                try await Installation.run(data: directory + "/data", options: []) { installation in
                    try await eventually("all applications are there and synced", within: .seconds(120)) {
                        let items = try await installation.json("apps")["items"]?.array ?? []
                        return items.count >= 40 && items.allSatisfy { $0["sync"]?.string == "Synced" }
                    }
                    try await eventually("all but one are healthy", within: .seconds(60)) {
                        let items = try await installation.json("apps")["items"]?.array ?? []
                        return items.filter { $0["health"]?.string != "Healthy" }.compactMap {
                            $0["id"]?.string
                        }
                            == ["eiendom/test.matrikkel-search"]
                    }
                    let failing = try await installation.application("eiendom/test.matrikkel-search")
                    #expect(failing?["health"]?.string == "Degraded")
                    #expect(
                        failing?["message"]?.string?.contains("image") == true,
                        "\(failing?["message"]?.string ?? "")"
                    )
                    #expect(
                        try await installation.application("kart-previews/sandbox.preview-kart-142") != nil
                    )
                    let clusters = try await installation.json("clusters")["items"]?.array ?? []
                    let names = clusters.compactMap { $0["name"]?.string }.sorted()
                    #expect(names == ["cloud", "dev", "prod", "sandbox", "test"])
                    #expect(clusters.allSatisfy { $0["reachable"]?.bool == true })

                    // A team takes a clone and repairs what is broken.
                    let repository = try await Repository.clone(
                        installation.data + "/git/eiendom-apps.git",
                        to: directory + "/eiendom-apps"
                    )
                    let path = "env/test/matrikkel-search/main.jsonnet"
                    let text = try String(contentsOfFile: "\(repository.clone)/\(path)", encoding: .utf8)
                        .replacing("3.8.O", with: "3.8.0")
                        .replacing("    annotations={ 'sim.varde.dev/fail': 'image-pull' },\n", with: "")
                    let commit = try await repository.push("Write the tag with a zero", files: [path: text])
                    let wait = try await installation.varde(
                        "wait",
                        "test.matrikkel-search",
                        "--revision",
                        commit
                    )
                    #expect(wait.code == 0, "\(wait.errors)")
                }
            }
        }

        @Test("Many applications over several clusters are all synced")
        func scale() async throws {
            // The full size of the requirement is for release builds: VARDE_SCALE=200 VARDE_BINARY=.tools/bin/varde.
            let count = ProcessInfo.processInfo.environment["VARDE_SCALE"].flatMap(Int.init) ?? 40
            let clusters = ["a", "b", "c", "d", "e"]
            var apps: [String: String] = [:]
            for index in 0..<count {
                apps["env/\(clusters[index % 5])/demo-\(index)/app.yaml"] =
                    SmallFleet.web() + "---\n" + SmallFleet.configMaps(18, value: "\(index)")
            }
            try await SmallFleet.prepare(clusters: clusters, apps: apps) { setting in
                try await setting.run { installation in
                    let start = ContinuousClock.now
                    try await eventually("all \(count) are synced", within: .seconds(180)) {
                        let items =
                            try await installation.json("apps", "--tenant", "demo")["items"]?.array ?? []
                        return items.count == count && items.allSatisfy { $0["sync"]?.string == "Synced" }
                    }
                    print(
                        "\(count) applications with 20 objects each: synced after \(ContinuousClock.now - start)"
                    )
                }
            }
        }
    }
}
