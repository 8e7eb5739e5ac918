import Foundation
import Rendering

/// A tool in a network namespace of its own, with a relay to Varde's proxy beside it.
package struct ForwardedTool {
    private let forwarder: ToolForwarder

    package init(directory: String, doors: [String], ownsNetwork: Bool) {
        forwarder = ToolForwarder(directory: directory, doors: doors, ownsNetwork: ownsNetwork)
    }

    /// Runs it to its end; returns its exit code.
    package func run(_ words: [String]) -> Int32 { forwarder.run(words) }

    /// The program that knows `tool-network`: this one, unless it is linked into something else.
    static var program: String? {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return own.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
    }
}
