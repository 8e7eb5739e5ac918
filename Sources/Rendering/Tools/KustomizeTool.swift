import GitSource
import KubeModel

/// Runs `kustomize build`, or `kubectl kustomize`.
struct KustomizeTool {
    let job: RenderJob
    let limits: RenderLimits
    let sandbox: Sandbox
    let fetched: FetchedOutputs
    let closure: KustomizationClosure

    private var request: RenderRequest { job.request }

    func render() async throws -> ManifestCollector {
        var collector = ManifestCollector(namespace: request.namespace)
        let file = try await kustomizationName()
        let origin = ManifestOrigin(
            file: RepositoryPath.join(request.path, file ?? KustomizationClosure.fileNames[0])
        )
        guard file != nil else {
            collector.add(
                RenderProblem(code: .unreadable, message: "There is no kustomization here.", origin: origin)
            )
            return collector
        }
        collector.add(closure.problems)
        guard let (program, words) = program else {
            let hint = "put kustomize or kubectl on the PATH of varde"
            collector.add(.missing("kustomize", hint: hint, origin: origin))
            return collector
        }
        collector.add(job.sources.problems)
        // With these, whatever kustomize says would be about something that is not the cause.
        guard collector.problems.isEmpty else { return collector }
        let name = job.key.network == nil ? nil : FetchedOutputs.name(of: job)
        if request.fetching == .once, let name, let kept = fetched[name] {
            add(kept, origin, to: &collector)
            return collector
        }
        let visit = job.key.network.map { Sandbox.Visit(network: $0, tool: "kustomize") }
        let (output, problems): ([UInt8], [RenderProblem]) = try await sandbox.withWorkplace(
            for: request,
            network: job.key.network
        ) { workplace in
            let problems = try await request.repository.read(job.sources.files, limits: limits) {
                try workplace.write($1, to: $0.path)
            }
            guard problems.isEmpty else { return ([], problems) }
            for link in closure.links { try workplace.link(link.path, to: link.target) }
            let run = try await sandbox.run(
                program,
                words + [RepositoryPath.join(".", request.path)],
                in: workplace,
                visit: visit
            )
            if let problem = RenderProblem.ofTool("kustomize", run, workplace, origin: origin, visit) {
                return ([], [problem])
            }
            return (run.output, [])
        }
        collector.add(problems)
        add(output, origin, to: &collector)
        if let name, collector.problems.isEmpty { fetched.keep(output, as: name) }
        return collector
    }

    private func add(_ output: [UInt8], _ origin: ManifestOrigin, to collector: inout ManifestCollector) {
        do {
            for document in try YAML.documents(output) { collector.add(document.value, origin) }
        } catch {
            collector.add(
                RenderProblem(code: .syntax, message: "kustomize's output: \(error)", origin: origin)
            )
        }
    }

    private var program: (String, [String])? {
        if let path = sandbox.program("kustomize") { return (path, ["build"]) }
        return sandbox.program("kubectl").map { ($0, ["kustomize"]) }
    }

    private func kustomizationName() async throws -> String? {
        for name in KustomizationClosure.fileNames {
            let path = RepositoryPath.join(request.path, name)
            if try await request.repository.entry(of: request.commit.tree, at: path) != nil { return name }
        }
        return nil
    }
}
