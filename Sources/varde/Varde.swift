import ControlPlane
import ArgumentParser

/// The program: `up` is the server, everything else talks to it.
@main
struct Varde: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varde",
        abstract: "Delivers what is in Git to every Kubernetes cluster, and shows it while it happens.",
        discussion: """
            A first look, with nothing prepared:

              varde up                         start everything, with a demonstration
              varde status                     elsewhere: how it is, what needs a person
              varde apps                       what runs where
              varde app show test.kart-web      one of them: what is wrong, and its objects

            A push, and what becomes of it:

              git clone .varde/git/kart-apps.git && cd kart-apps
              mkdir env/dev/kart-hello         a directory is a namespace: put YAML
                                               into it, commit, push
              varde apps --watch               see it arrive
              varde wait kart-hello            return when it is synced and healthy

            The clusters are there for kubectl, too:

              export KUBECONFIG=$(varde kubeconfig)
              kubectl --context dev get pods -A

            APP is <tenant>/<cluster>.<namespace> or any unambiguous part of it, such
            as dev.kart-web. Lists have -o table|json|yaml. Exit codes: 0 done,
            1 failed, 2 wrong usage, 3 timed out.
            """,
        version: "varde \(Version.current)",
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    UpCommand.self, ServerCommand.self, ConsoleCommand.self, PersonCommand.self,
                    KubeconfigCommand.self,
                ]
            ),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, ApplicationsCommand.self, ApplicationCommand.self,
                    TenantsCommand.self,
                    ClustersCommand.self, ClusterCommand.self,
                ]
            ),
            CommandGroup(
                name: "Script",
                subcommands: [
                    PlanCommand.self, WaitCommand.self, VersionCommand.self, ToolNetworkCommand.self,
                ]
            ),
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            failure.print()
            exit(withCode: failure.exit.rawValue)
        } catch is CancellationError {
            exit(withCode: CommandFailure.Exit.failed.rawValue)
        } catch {
            // The parser's errors, help and version among them, know their own text.
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .success {
                if !text.isEmpty { print(text) }
                exit(withCode: 0)
            }
            if !text.isEmpty { Terminal.printError(text) }
            exit(withCode: code == .validationFailure ? CommandFailure.Exit.usage.rawValue : code.rawValue)
        }
    }

    private static func exit(withCode code: Int32) -> Never { Terminal.exit(code) }
}
