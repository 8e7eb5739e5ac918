import ArgumentParser
import ControlPlane
import FoundationEssentials

/// Commands about one embedded cluster.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Back up one embedded cluster, or put a backup back.",
        discussion: """
            Both work while `varde up` runs, and while it does not. They read and write
            the data directory itself, so they run on its machine.

              varde cluster backup dev dev-monday.backup
              varde cluster restore dev dev-monday.backup

            The admin cluster, with Varde's own objects, is called admin.
            """,
        subcommands: [ClusterBackupCommand.self, ClusterRestoreCommand.self]
    )
}

/// Which cluster, where, and which file.
struct ClusterFileArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The cluster, as `varde clusters` lists it, or admin.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    @Option(
        name: .long,
        help: ArgumentHelp("The data directory. (default: $VARDE_DATA, else .varde)", valueName: "dir")
    )
    var data: String?

    func withBackups<Result>(_ body: (ClusterBackups) async throws -> Result) async throws -> Result {
        do {
            let directory = ServerOptions.directory(data)
            guard FileManager.default.fileExists(atPath: directory) else {
                throw CommandFailure(
                    .local,
                    "There is no directory \(directory).",
                    advice: ["Say where `varde up` keeps its data with --data DIR or VARDE_DATA=DIR."]
                )
            }
            return try await body(try ClusterBackups(directory: directory))
        } catch let error as UpError {
            throw CommandFailure(.local, error.message)
        }
    }

    static func shown(_ summary: ClusterBackups.Summary) -> String {
        "\(summary.objects) objects, \((summary.bytes + 1023) / 1024) KB"
    }
}

struct ClusterBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a cluster to a file, as of this moment.",
        discussion: """
            The cluster goes on meanwhile. The file has everything: objects, Secrets, the
            cluster's certificate authority and its tokens. It is readable by you only;
            keep it so.

              varde cluster backup dev dev-monday.backup
            """
    )

    @OptionGroup var arguments: ClusterFileArguments

    func run() async throws {
        let summary = try await arguments.withBackups { try $0.write(arguments.name, to: arguments.file) }
        Terminal.print("\(arguments.name): \(ClusterFileArguments.shown(summary)) in \(arguments.file).")
    }
}

struct ClusterRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in a cluster's place.",
        discussion: """
            The backup is read to its end first; one that is damaged changes nothing. What
            the cluster had is kept beside it, as NAME.sqlite.replaced-1 in
            kubernetes/clusters of the data directory.

            Clients notice: resource versions go up, watches end and begin with a new
            list. What Git has delivered since the backup is delivered again.

              varde cluster restore dev dev-monday.backup

            A cluster that does not exist yet takes the backup up when it is made.
            """
    )

    @OptionGroup var arguments: ClusterFileArguments

    func run() async throws {
        let (summary, outcome) = try await arguments.withBackups {
            try await $0.restore(arguments.name, from: arguments.file)
        }
        let what = "\(arguments.name): restored, \(ClusterFileArguments.shown(summary))"
        switch outcome {
        case .running: Terminal.print("\(what).")
        case .stopped: Terminal.print("\(what). Varde does not run; it goes on with this when it is started.")
        }
    }
}
