import ArgumentParser
import KubeModel

/// Which of the held objects of an application a decision is about.
struct HeldObjects: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this object, as `app show -o json` has its id; may be repeated.",
            valueName: "id"
        )
    )
    var object: [String] = []

    /// What the server is told; `nil` when it is about all.
    var body: JSON? { object.isEmpty ? nil : ["objects": .array(object.map { .string($0) })] }

    func words(all: String) -> String { object.isEmpty ? all : object.joined(separator: ", ") }
}
