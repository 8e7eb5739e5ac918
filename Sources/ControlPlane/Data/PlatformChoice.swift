/// Remembers what a data directory was first started with, so that starting it again needs no options.
extension UpConfiguration.Platform {
    /// What to run with: the option that was given, else what the directory had before, else what newcomers get.
    static func resolve(_ wanted: Self?, otherwise: Self, in directory: DataDirectory) throws -> Self {
        let known = directory.read(directory.platformChoice).flatMap(Self.init(stored:))
        let choice = wanted ?? known ?? otherwise
        if choice != known { try directory.write(choice.stored, to: directory.platformChoice) }
        return choice
    }

    private init?(stored text: String) {
        switch text.split(separator: "\n").first ?? "" {
        case "demonstration": self = .demonstration
        case "empty": self = .empty
        case let line where line.hasPrefix("url "): self = .url(String(line.dropFirst(4)))
        default: return nil
        }
    }

    private var stored: String {
        switch self {
        case .demonstration: "demonstration\n"
        case .empty: "empty\n"
        case .url(let url): "url \(url)\n"
        }
    }
}
