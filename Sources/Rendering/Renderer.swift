package import GitSource

/// Makes manifests of directories, remembering results by the content of the files that were read.
package actor Renderer {
    /// - Parameters:
    ///   - scratch: Where files are laid out for external tools.
    ///   - tools: Where `kubectl`, `kustomize`, `jsonnet`, `helm` are, besides `PATH`.
    package init(scratch: String, tools: [String] = []) { fatalError("H5 implements") }

    /// Renders a directory. Problems with the files are in the result; what is thrown is a failure to read the repository.
    package func render(_ request: RenderRequest) async throws -> Rendering { fatalError("H5 implements") }

    /// Whether a rendering made at another commit is still right at this one: every input has the same id.
    package func isCurrent(_ rendering: Rendering, at commit: Commit, in repository: GitRepository) async throws -> Bool {
        fatalError("H5 implements")
    }
}
