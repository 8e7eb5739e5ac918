import GitSource
import KubeModel

/// Runs `helm template` on a chart in the repository, hooks and custom resource definitions included.
///
/// The release has the namespace's name. Dependencies must be in the chart's `charts` directory; nothing is fetched, and
/// `lookup` finds nothing.
struct HelmTool {
    let job: RenderJob
    let limits: RenderLimits
    let sandbox: Sandbox

    private var request: RenderRequest { job.request }

    func render() async throws -> ManifestCollector {
        var collector = ManifestCollector(namespace: request.namespace)
        let origin = ManifestOrigin(file: RepositoryPath.join(request.path, "Chart.yaml"))
        guard let program = sandbox.program("helm") else {
            collector.add(.missing("helm", hint: "put the helm program on the PATH of varde", origin: origin))
            return collector
        }
        collector.add(job.sources.problems)
        let (output, problems): ([UInt8], [RenderProblem]) = try await sandbox.withWorkplace { workplace in
            let problems = try await request.repository.read(job.sources.files, limits: limits) {
                try workplace.write($1, to: $0.path)
            }
            guard problems.isEmpty else { return ([], problems) }
            let run = try await sandbox.run(program, words, in: workplace)
            if let problem = RenderProblem.ofTool("helm", run, workplace, origin: origin) {
                return ([], [problem])
            }
            return (run.output, [])
        }
        collector.add(problems)
        do {
            let sources = templates(in: output)
            for document in try YAML.documents(output) {
                let source = sources.last { $0.line <= document.line }?.file
                collector.add(document.value, ManifestOrigin(file: source ?? origin.file))
            }
        } catch {
            collector.add(RenderProblem(code: .syntax, message: "helm's output: \(error)", origin: origin))
        }
        return collector
    }

    private var words: [String] {
        let release = request.namespace.isEmpty ? RepositoryPath.name(of: request.path) : request.namespace
        let words = ["template", release, RepositoryPath.join(".", request.path), "--include-crds"]
        return request.namespace.isEmpty ? words : words + ["--namespace", request.namespace]
    }

    /// Helm names each document's template in a comment: `# Source: chart/templates/app.yaml`.
    private func templates(in output: [UInt8]) -> [(line: Int, file: String)] {
        var result: [(line: Int, file: String)] = []
        let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.starts(with: "# Source: ".utf8) {
            let path = String(decoding: line.dropFirst(10), as: UTF8.self)
            let inChart = path.drop { $0 != "/" }.dropFirst()
            result.append((index + 1, RepositoryPath.join(request.path, String(inChart))))
        }
        return result
    }
}
