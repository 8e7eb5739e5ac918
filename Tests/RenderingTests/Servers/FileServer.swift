import Foundation
import GitSource
import Testing

/// A web server on the loopback, which has a directory's files and remembers what it was asked for.
struct FileServer: Sendable {
    let directory: String
    let port: Int
    /// The file with its certificate; empty for plain HTTP.
    let certificate: String

    /// `host/path` of every request so far.
    var requests: [String] {
        let text = try? String(contentsOfFile: directory + ".log", encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }

    func write(_ files: [String: String]) throws {
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
        }
    }

    /// - Parameter name: What its certificate is for; `nil` for plain HTTP.
    static func run(
        in root: String,
        certified name: String? = nil,
        _ files: [String: String],
        _ body: (FileServer) async throws -> Void
    ) async throws {
        let directory = root + "/web-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let certificate = name == nil ? "" : directory + ".pem"
        if let name {
            try await tool(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days",
                    "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout",
                    certificate,
                    "-out", directory + ".crt",
                ]
            )
            let both = try String(contentsOfFile: directory + ".crt", encoding: .utf8)
            let key = try String(contentsOfFile: certificate, encoding: .utf8)
            try Data((key + both).utf8).write(to: URL(filePath: certificate))
        }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "file_server.py")
        let words = [
            script.path(percentEncoded: false), directory, directory + ".port", directory + ".log",
            certificate,
        ]
        let command = Command(
            try #require(ProgramSearch.path(of: "python3")),
            words,
            environment: ["PATH": ProgramSearch.variable("PATH") ?? ""],
            deadline: .seconds(120)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await command.run() }
            let result: Result<Void, any Error>
            do {
                let deadline = ContinuousClock.now + .seconds(20)
                while !FileManager.default.fileExists(atPath: directory + ".port") {
                    try #require(ContinuousClock.now < deadline, "the server did not start")
                    try await Task.sleep(for: .milliseconds(10))
                }
                let port = try #require(Int(String(contentsOfFile: directory + ".port", encoding: .utf8)))
                let server = FileServer(
                    directory: directory,
                    port: port,
                    certificate: name == nil ? "" : directory + ".crt"
                )
                try server.write(files)
                result = .success(try await body(server))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            // The server ends by cancellation, which is no failure.
            while let ended = await group.nextResult() { _ = ended }
            try result.get()
        }
    }

    static func tool(_ name: String, _ words: [String], in folder: String? = nil) async throws {
        let outcome = try await Command(
            try #require(ProgramSearch.path(of: name, in: AppsRepository.tools)),
            words,
            environment: ["PATH": ProgramSearch.variable("PATH") ?? "", "HOME": NSTemporaryDirectory()],
            directory: folder,
            deadline: .seconds(60)
        ).run()
        try #require(outcome.succeeded, "\(name): \(outcome.errors)")
    }
}
