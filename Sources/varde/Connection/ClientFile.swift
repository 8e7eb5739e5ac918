import FoundationEssentials
import KubeModel

/// `DIR/client.json`: what `varde up` writes for the commands in other terminals.
struct ClientFile: Sendable, Hashable {
    var directory: String
    /// Where the console and the API are, as `http://127.0.0.1:8080`.
    var console: String
    var token: String
    /// An absolute path.
    var kubeconfig: String
    var processID: Int?

    /// - Throws: ``CommandFailure`` that says what to do when there is none.
    static func read(in directory: String) throws -> ClientFile {
        let path = directory + "/client.json"
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                .notRunning,
                "Varde does not run here: there is no \(path).",
                advice: [
                    "Start it with `varde up\(start(directory))` (or `make up` in its source tree) in another terminal,",
                    "or say where its data is, with --data DIR or VARDE_DATA=DIR.",
                ]
            )
        }
        do {
            let json = try JSON.parse([UInt8](try Data(contentsOf: URL(filePath: path))))
            return ClientFile(
                directory: directory,
                console: json["console"]?.string ?? "",
                token: json["token"]?.string ?? "",
                kubeconfig: json["kubeconfig"]?.string ?? "",
                processID: json["pid"]?.int
            )
        } catch let error {
            throw CommandFailure(
                .local,
                "\(path) cannot be read: \(error)",
                advice: ["Stop `varde up` and start it again: it writes the file anew."]
            )
        }
    }

    var link: String { "\(console)/?token=\(token)" }

    /// What there is to say when nothing answers at the address.
    func notAnswering(_ reason: String) -> CommandFailure {
        CommandFailure(
            .notRunning,
            "Varde does not answer at \(console) (\(reason)).",
            advice: [
                "It was started with the data directory \(directory)\(processID.map { ", as process \($0)" } ?? "");"
                    + " start it again with `varde up\(Self.start(directory))`.",
                "`varde wait --ready` waits until it serves.",
            ]
        )
    }

    private static func start(_ directory: String) -> String {
        directory == ".varde" ? "" : " --data \(directory)"
    }
}
