import KubeModel
import Testing

extension EndToEnd {
    @Suite("Mistakes")
    struct MistakeTests {
        struct Mistake: Sendable, CustomTestStringConvertible {
            var name: String
            var application: String
            var file: String
            var content: String
            /// What the person must be told.
            var says: [String]
            var testDescription: String { name }
        }

        /// What is said instead of what should be.
        struct Said: Error { var text: String }

        static let good = "env/dev/demo-good/app.yaml"

        static let mistakes: [Mistake] = [
            Mistake(
                name: "a YAML error",
                application: "demo/dev.demo-bad",
                file: "env/dev/demo-bad/app.yaml",
                content: SmallFleet.configMaps(1) + "---\nkind: ConfigMap\n  metadata: [\n",
                says: ["env/dev/demo-bad/app.yaml"]
            ),
            Mistake(
                name: "a Namespace object",
                application: "demo/dev.demo-bad",
                file: "env/dev/demo-bad/app.yaml",
                content: "apiVersion: v1\nkind: Namespace\nmetadata: {name: demo-other}\n",
                says: ["Namespace"]
            ),
            Mistake(
                name: "an object for another namespace",
                application: "demo/dev.demo-bad",
                file: "env/dev/demo-bad/app.yaml",
                content: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: kube-system}\n",
                says: ["kube-system"]
            ),
            Mistake(
                name: "an unknown kind",
                application: "demo/dev.demo-bad",
                file: "env/dev/demo-bad/app.yaml",
                content: "apiVersion: example.org/v1\nkind: Wombat\nmetadata: {name: a}\n",
                says: ["Wombat"]
            ),
            Mistake(
                name: "an object that the API refuses",
                application: "demo/dev.demo-bad",
                file: "env/dev/demo-bad/app.yaml",
                content:
                    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 99999}]}\n",
                says: ["spec.ports[0].port"]
            ),
            Mistake(
                name: "a directory outside the prefix",
                application: "demo/dev.other-bad",
                file: "env/dev/other-bad/app.yaml",
                content: SmallFleet.configMaps(1),
                says: ["other-bad", "demo"]
            ),
            Mistake(
                name: "an unknown cluster",
                application: "demo/nowhere.demo-bad",
                file: "env/nowhere/demo-bad/app.yaml",
                content: SmallFleet.configMaps(1),
                says: ["nowhere"]
            ),
        ]

        @Test(
            "Each mistake is told where it was made, disturbs nothing else, and is forgotten with the commit that fixes it"
        )
        func mistakes() async throws {
            try await SmallFleet.prepare(apps: [Self.good: SmallFleet.web()]) { setting in
                try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-good").code == 0)
                    for (number, mistake) in Self.mistakes.enumerated() {
                        try await check(mistake, number: number, setting, installation)
                    }
                }
            }
        }

        private func check(
            _ mistake: Mistake,
            number: Int,
            _ setting: SmallFleet.Setting,
            _ installation: Installation
        ) async throws {
            try await setting.apps.push("Err: \(mistake.name)", files: [mistake.file: mistake.content])
            try await eventually("\(mistake.name) is reported") {
                let shown = try await installation.varde("app", "show", mistake.application)
                let verdict = shown.output.split(separator: "\n").first ?? ""
                guard mistake.says.allSatisfy(verdict.contains) else {
                    throw Said(text: shown.output + shown.errors)
                }
                let state = try await installation.application(mistake.application)?["sync"]?.string
                return ["Refused", "Failed", "Syncing"].contains(state)
            }

            // The neighbour still follows its commits.
            let neighbour = try await setting.apps.push(
                "Change the neighbour",
                files: [Self.good: SmallFleet.web(image: "registry.example/web:1.\(number).1")]
            )
            let wait = try await installation.varde("wait", "demo/dev.demo-good", "--revision", neighbour)
            #expect(wait.code == 0, "\(mistake.name): \(wait.errors)")

            if mistake.application == "demo/dev.demo-bad" {
                let fix = try await setting.apps.push(
                    "Fix it",
                    files: [mistake.file: SmallFleet.configMaps(2, value: mistake.name)]
                )
                let fixed = try await installation.varde("wait", mistake.application, "--revision", fix)
                #expect(fixed.code == 0, "\(mistake.name): \(fixed.errors)")
            } else {
                try await setting.apps.push("Take it back", removing: [mistake.file])
                try await eventually("\(mistake.application) is gone") {
                    try await installation.application(mistake.application) == nil
                }
            }
        }

        @Test("A mistake in one file of the platform repository harms only that file")
        func platformMistake() async throws {
            try await SmallFleet.prepare(apps: [Self.good: SmallFleet.web()]) { setting in
                try await setting.run { installation in
                    #expect(try await installation.varde("wait", "demo-good").code == 0)
                    let second = try await Repository.make(
                        "second",
                        in: setting.directory,
                        files: ["env/dev/second-web/app.yaml": SmallFleet.web()]
                    )
                    _ = second
                    try await setting.platform.push(
                        "Onboard second; slip in demo",
                        files: [
                            "tenants/demo.yaml":
                                "apiVersion: varde.dev/v1alpha1\nkind: Tenant\nmetadata: {name: demo\n",
                            "tenants/second.yaml": SmallFleet.tenant(
                                "second",
                                prefix: "second",
                                repository: "./second.git"
                            ),
                        ]
                    )
                    #expect(try await installation.varde("wait", "second/dev.second-web").code == 0)
                    #expect(
                        try await installation.application("demo/dev.demo-good")?["sync"]?.string == "Synced"
                    )
                    let status = try await installation.varde("status")
                    #expect(status.output.contains("tenants/demo.yaml"), "\(status.output)")
                }
            }
        }
    }
}
