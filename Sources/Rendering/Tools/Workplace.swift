import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The files of one run of a tool.
struct Workplace: Sendable {
    /// Absolute, without links in it.
    let root: String
    /// The repository's root.
    var tree: String { root + "/tree" }
    var home: String { root + "/home" }
    let turn: ToolSlots.Turn

    init(root: String, _ turn: ToolSlots.Turn) throws {
        self.turn = turn
        do {
            for folder in ["/tree", "/home"] {
                try FileManager.default.createDirectory(
                    atPath: root + folder,
                    withIntermediateDirectories: true
                )
            }
            self.root =
                URL(fileURLWithPath: root).resolvingSymlinksInPath().path(percentEncoded: false).trimmedSlash
        } catch {
            throw Self.problem(root, error)
        }
    }

    /// Writes a file at its path in the repository.
    func write(_ bytes: [UInt8], to path: String) throws {
        let file = "\(tree)/\(path)"
        do {
            let folder = "\(tree)/\(RepositoryPath.parent(of: path))"
            if !FileManager.default.fileExists(atPath: folder) {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch {
            throw Self.problem(file, error)
        }
    }

    /// Makes a link at its path in the repository.
    ///
    /// It is not written as the repository has it: it goes up to the repository's root and down again, so that links that it
    /// leads through cannot take it anywhere else.
    func link(_ path: String, to target: String) throws {
        let parent = RepositoryPath.parent(of: path)
        try makeFolder(parent)
        let up = String(repeating: "../", count: parent.split(separator: "/").count)
        do {
            try FileManager.default.createSymbolicLink(
                atPath: "\(tree)/\(path)",
                withDestinationPath: up + target
            )
        } catch {
            throw Self.problem(path, error)
        }
    }

    /// Makes a directory at its path in the repository, if it is not there.
    func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(tree)/\(path)",
                withIntermediateDirectories: true
            )
        } catch {
            throw Self.problem(path, error)
        }
    }

    /// Writes a file beside the repository's.
    func write(_ bytes: [UInt8], toHome name: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(home)/\(name)"))
        } catch {
            throw Self.problem(name, error)
        }
    }

    /// Where a proxy listens for the tool, by a path that is short enough for a socket while `folder` is open.
    func socket() throws -> (path: String, folder: Int32) {
        let folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.problem(root, IOFailure(code: errno)) }
        return ("\(UnixSockets.shortPath(of: folder))/\(ToolForwarder.socketName)", folder)
    }

    private struct IOFailure: Error, CustomStringConvertible {
        let code: Int32
        var description: String { String(cString: strerror(code)) }
    }

    /// A tool's text with paths as they are in the repository.
    func inRepositoryTerms(_ text: String) -> String {
        text.replacing(tree + "/", with: "").replacing(tree, with: ".").replacing(root, with: "")
    }

    private static func problem(_ path: String, _ error: any Error) -> RenderProblem {
        RenderProblem(
            code: .unreadable,
            message: "Files for the tool cannot be laid out at \(path): \(error)"
        )
    }
}

extension String {
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
