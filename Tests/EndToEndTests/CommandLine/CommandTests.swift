import Foundation
import KubeModel
import Testing

extension EndToEnd {
    @Suite("The command line against a server")
    struct CommandTests {
        @Test(
            "Lists and details are tables, JSON and YAML; names are found, ambiguous or unknown, with the right exit codes"
        )
        func listsAndNames() async throws {
            let apps = [
                "env/dev/demo-web/app.yaml": SmallFleet.web(), "env/test/demo-web/app.yaml": SmallFleet.web(),
                "env/dev/demo-api/app.yaml": SmallFleet.web("api"),
            ]
            try await SmallFleet.prepare(clusters: ["dev", "test"], apps: apps) { setting in
                try await setting.run { installation in
                    let wait = try await installation.varde(
                        "wait",
                        "dev.demo-web",
                        "test.demo-web",
                        "demo-api"
                    )
                    #expect(wait.code == 0, "\(wait.errors)")
                    try await lists(installation)
                    try await names(installation)
                    try await details(installation)
                    try await syncAndWait(installation)
                }
            }
        }

        private func lists(_ installation: Installation) async throws {
            for list in ["status", "apps", "tenants", "clusters", "version"] {
                for format in ["table", "json", "yaml"] {
                    let outcome = try await installation.varde(list, "-o", format)
                    #expect(outcome.code == 0, "\(list) -o \(format): \(outcome.errors)")
                    #expect(!outcome.output.contains("\u{1B}"), "colours in a pipe")
                    if format == "json" { _ = try JSON.parse(outcome.output) }
                    if format == "yaml" {
                        #expect(try YAML.documents([UInt8](outcome.output.utf8)).count == 1)
                    }
                }
            }
            let table = try await installation.varde("apps", "--cluster", "dev", "--tenant", "demo").output
            #expect(
                table.contains("APPLICATION") && table.contains("demo/dev.demo-api")
                    && !table.contains("demo/test.")
            )
        }

        private func names(_ installation: Installation) async throws {
            #expect(try await installation.varde("app", "show", "demo-api").code == 0)
            #expect(try await installation.varde("app", "show", "test.demo-web").code == 0)
            let ambiguous = try await installation.varde("app", "show", "demo-web")
            #expect(ambiguous.code == 2)
            #expect(
                ambiguous.errors.contains("demo/dev.demo-web")
                    && ambiguous.errors.contains("demo/test.demo-web")
            )
            let unknown = try await installation.varde("app", "show", "demo-ape")
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("demo/dev.demo-api"), "\(unknown.errors)")
        }

        private func details(_ installation: Installation) async throws {
            let shown = try await installation.varde("app", "show", "demo-api")
            #expect(shown.output.hasPrefix("demo/dev.demo-api: All is as the commit says, and healthy."))
            #expect(shown.output.contains("└─ Pod/") || shown.output.contains("├─ Pod/"), "\(shown.output)")
            let json = try await installation.json("app", "show", "demo-api")
            #expect(json.at("application", "sync")?.string == "Synced")
            #expect((json["objects"]?.array?.count ?? 0) >= 5)
            #expect(try await installation.varde("app", "diff", "demo-api").output.contains("no differences"))
            #expect(
                try await installation.json("app", "history", "demo-api")["items"]?.array?.isEmpty == false
            )
            #expect(
                try await installation.json("app", "events", "demo-api")["items"]?.array?.isEmpty == false
            )
            let logs = try await installation.varde("app", "logs", "demo-api", "--tail", "5")
            #expect(logs.code == 0 && !logs.output.isEmpty, "\(logs.errors)")
        }

        private func syncAndWait(_ installation: Installation) async throws {
            let sync = try await installation.varde("app", "sync", "demo-api", "--timeout", "30s")
            #expect(sync.code == 0, "\(sync.output)\(sync.errors)")
            let late = try await installation.varde(
                "wait",
                "demo-api",
                "--revision",
                "0123456789",
                "--timeout",
                "500ms"
            )
            #expect(late.code == 3)
            #expect(late.errors.contains("demo/dev.demo-api"))
            let absent = try await installation.varde("wait", "demo-nothing", "--timeout", "500ms")
            #expect(absent.code == 3)
            let link = try await installation.varde("console").output
            #expect(link.hasPrefix("http://127.0.0.1:") && link.contains("token="))
            let path = try await installation.varde("kubeconfig").output
            #expect(path.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("/"))
        }
    }
}

/// Without a server.
@Suite("The command line alone")
struct CommandLineAloneTests {
    private func varde(
        _ arguments: String...,
        data: String = "/nonexistent/varde"
    ) async throws -> Shell.Outcome {
        try await Shell.run(Shell.varde, arguments, environment: ["VARDE_DATA": data])
    }

    @Test(
        "Help teaches and succeeds",
        arguments: [["--help"], [], ["up", "--help"], ["app", "--help"], ["wait", "--help"]]
    )
    func help(arguments: [String]) async throws {
        let outcome = try await Shell.run(Shell.varde, arguments)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("varde ") && outcome.output.contains("USAGE"))
    }

    @Test(
        "Wrong usage is exit code 2 and an explanation",
        arguments: [
            ["frobnicate"], ["apps", "--nonsense"], ["apps", "-o", "xml"], ["app", "show"], ["wait"],
            ["wait", "a", "--timeout", "soon"], ["wait", "a", "--revision", "xyz"],
            ["up", "--empty", "--platform", "x"],
            ["up", "--console", "nowhere"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let outcome = try await Shell.run(Shell.varde, arguments)
        #expect(outcome.code == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains("Error: "))
        #expect(outcome.output.isEmpty)
    }

    @Test("Without a server every command says what to do next, with exit code 1")
    func noServer() async throws {
        for command in [["status"], ["apps"], ["app", "show", "x"], ["console"], ["kubeconfig"]] {
            let outcome = try await Shell.run(
                Shell.varde,
                command,
                environment: ["VARDE_DATA": "/nonexistent/varde"]
            )
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("varde up"), "\(outcome.errors)")
        }
        #expect(try await varde("version").code == 0)
    }

    @Test("A server that is gone is told from one that was never there")
    func serverGone() async throws {
        try await withTemporaryDirectory { directory in
            let file = #"{"console": "http://127.0.0.1:9", "token": "t", "kubeconfig": "/k", "pid": 1}"#
            try Data(file.utf8).write(to: URL(filePath: directory + "/client.json"))
            let outcome = try await varde("apps", data: directory)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("does not answer at http://127.0.0.1:9"), "\(outcome.errors)")
            #expect(try await varde("wait", "--ready", "--timeout", "300ms", data: directory).code == 3)
        }
    }
}
