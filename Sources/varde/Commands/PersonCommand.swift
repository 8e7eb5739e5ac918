import ArgumentParser
import ControlPlane
import KubeModel

/// People with tokens of their own, in the data directory of a `varde up` on this machine.
struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract:
            "Let people sign in to the console with a token of their own, and only with the rights of their groups.",
        discussion: """
            A tenant says in `groups` which groups may view, deploy (sync, pin, pause, act on objects) and admin (approve deletions).

              varde person add kari --group maps-developers    prints the link that signs Kari in
              varde person list
              varde person remove kari                         ends her sessions as well
            """,
        subcommands: [Add.self, List.self, Remove.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Add somebody, or give them other groups and another token; prints the link to sign in once."
        )

        @Argument(help: "What the person is called in records.") var name: String
        @Option(
            name: .customLong("group"),
            help: ArgumentHelp("A group that tenants know; may be repeated.", valueName: "group")
        )
        var groups: [String] = []
        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let token = try PersonCommand.list(server).add(name, groups: groups)
            // Without a running server there is no address, but there is a token.
            let console = (try? ClientFile.read(in: server.directory))?.console
            let link = console.map { "\($0)/?token=\(token)" }
            output.output.write(
                [
                    "name": .string(name), "groups": .array(groups.map { .string($0) }),
                    "token": .string(token),
                    "link": link.map { .string($0) } ?? .null,
                ]
            ) { [link ?? token] }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who may sign in, with their groups.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let people = try PersonCommand.list(server).entries()
            let items = people.map {
                ["name": .string($0.name), "groups": .array($0.groups.map { .string($0) })] as JSON
            }
            output.output.write(["items": .array(items)]) {
                people.isEmpty
                    ? [
                        "Nobody but the owner of the token: add people with `varde person add NAME --group GROUP`."
                    ]
                    : people.map { "\($0.name)  \($0.groups.joined(separator: ", "))" }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take somebody off the list; their sessions end."
        )

        @Argument(help: "As `varde person list` has it.") var name: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            guard try PersonCommand.list(server).remove(name) else {
                throw CommandFailure(
                    .notFound,
                    "Nobody is called \(name) here.",
                    advice: ["`varde person list` has the names."]
                )
            }
        }
    }

    private static func list(_ server: ServerOptions) throws -> PeopleList {
        do { return try PeopleList(directory: server.directory) } catch let error as UpError {
            throw CommandFailure(.local, error.message)
        }
    }
}
