import ArgumentParser
import KubeModel

/// How a list is written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json, yaml

    /// Writes a value for programs; a table is what `lines` says.
    func write(_ value: JSON, table lines: () -> [String]) {
        switch self {
        case .table: for line in lines() { Terminal.printLine(line) }
        case .json: Terminal.printJSON(String(decoding: value.encoded(indent: 2), as: UTF8.self))
        case .yaml:
            let text = YAML.text(of: value)
            Terminal.write(text.hasSuffix("\n") ? text : text + "\n")
        }
    }
}

struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("o"), .long], help: "How to write it.")
    var output = OutputFormat.table
}
