import ArgumentParser
import ControlPlane
import KubeModel

/// What a change would do, before it is merged.
struct PlanCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, markdown }

    /// The exit codes of a plan.
    enum Exit { static let changes: Int32 = 3, refused: Int32 = 4 }

    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a change would do to each application, before it is merged.",
        discussion: """
            Asks the running Varde what a commit, or the files of a clone as they are now,
            would create, change and delete in every cluster; nothing is written anywhere.
            It is the plan that the sync of that commit then follows.

              varde plan                              the clone around this directory,
                                                      uncommitted files included
              varde plan --revision my-branch         a branch of this clone, pushed or not
              varde plan --repo https://git.example/apps.git --revision refs/pull/7/head
              varde plan -o markdown                  fit for a pull request's comment

            In a CI job, VARDE_SERVER (https://varde.example) and VARDE_TOKEN say whom to
            ask. Exit codes: 0 nothing to do, 3 changes, 4 refusals or errors.
            """
    )

    @Option(help: ArgumentHelp("A clone on this machine, or a repository's URL.", valueName: "path|url"))
    var repo = "."

    @Option(
        help: ArgumentHelp(
            "What to plan: a branch, tag or commit. (default: a clone's files as they are; of a URL its HEAD)",
            valueName: "revision"
        )
    )
    var revision: String?

    @Option(
        help: ArgumentHelp(
            "The branch it is to be merged into. (default: the branch each tenant delivers)",
            valueName: "branch"
        )
    )
    var against: String?

    @Option(help: ArgumentHelp("Applications of this tenant only.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("Applications in this cluster only.", valueName: "name"))
    var cluster: String?

    @Flag(help: "Also applications whose files the change leaves as they are.")
    var all = false

    @Option(name: [.customShort("o"), .long], help: "How to write it.")
    var output = Format.table

    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "Look at the clusters of this file, a context each, instead of asking a running Varde.",
            valueName: "file"
        )
    )
    var kubeconfig: String?

    @Option(
        help: ArgumentHelp("Only this context of the file, as the cluster of --cluster.", valueName: "name")
    )
    var context: String?

    func validate() throws {
        if context != nil, kubeconfig == nil { throw ValidationError("--context needs --kubeconfig.") }
        if repo.isEmpty { throw ValidationError("--repo needs a path or a URL.") }
        for value in [revision, against, tenant, cluster].compactMap(\.self) where value.hasPrefix("-") {
            throw ValidationError("\"\(value)\" is not a name.")
        }
    }

    func run() async throws {
        let code: Int32
        do {
            let (plan, link) = try await plan()
            write(plan, link)
            code =
                switch plan["outcome"]?.string {
                case "nothing": 0
                case "changes": Exit.changes
                default: Exit.refused
                }
        } catch let failure as CommandFailure {
            failure.print()
            code = Exit.refused
        }
        Terminal.exit(code)
    }

    private func plan() async throws -> (JSON, link: String) {
        if let kubeconfig { return (try await PlanQuestion.direct(self, kubeconfig), "") }
        return try await server.withServer { server in
            let plan = try await PlanQuestion(self, server).plan()
            return (plan, server.file.console + (plan["link"]?.string ?? ""))
        }
    }

    private func write(_ plan: JSON, _ link: String) {
        switch output {
        case .json: Terminal.printJSON(String(decoding: plan.encoded(indent: 2), as: UTF8.self))
        case .markdown: Terminal.write(Shown.text(PlanMarkdown(plan, link: link).text))
        case .table: for line in PlanText(plan, link: link).lines { Terminal.printLine(line) }
        }
    }
}
