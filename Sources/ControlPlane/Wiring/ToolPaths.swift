import Foundation

/// Where the tools that `make deps` puts into the project are looked for, besides `PATH`.
enum ToolPaths {
    static func found() -> [String] {
        var candidates: [String] = []
        if let named = ProcessInfo.processInfo.environment["VARDE_TOOLS"] { candidates.append(named) }
        // The binary may stand in .build/release or bin of a checkout: the checkout's tools are above it.
        var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folder = URL(filePath: own)
        }
        for _ in 0..<5 {
            folder.deleteLastPathComponent()
            candidates.append(folder.appending(path: ".tools/bin").path(percentEncoded: false))
        }
        return candidates.filter { FileManager.default.fileExists(atPath: $0) }
    }
}
