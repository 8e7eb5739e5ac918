import GitSource
import KubeModel

/// Runs `helm template` on a chart in the repository, hooks and custom resource definitions included.
///
/// The release has the namespace's name, if the settings give it no other. Dependencies are in the chart's `charts`
/// directory, elsewhere in the repository, or fetched from hosts that the tenant allows; `lookup` finds nothing.
struct HelmTool {
    let job: RenderJob
    let limits: RenderLimits
    let sandbox: Sandbox
    let fetched: FetchedOutputs
    let closure: ChartClosure

    private var request: RenderRequest { job.request }

    func render() async throws -> ManifestCollector {
        var collector = ManifestCollector(namespace: request.namespace)
        let origin = ManifestOrigin(file: RepositoryPath.join(request.path, "Chart.yaml"))
        guard let program = sandbox.program("helm") else {
            collector.add(.missing("helm", hint: "put the helm program on the PATH of varde", origin: origin))
            return collector
        }
        collector.add(job.sources.problems + absent(job.sources, request.path))
        collector.add(closure.problems)
        guard collector.problems.isEmpty else { return collector }
        let name = job.key.network == nil ? nil : FetchedOutputs.name(of: job)
        if request.fetching == .once, let name, let kept = fetched[name] {
            add(kept, origin, to: &collector)
            for note in notes { collector.note(note) }
            return collector
        }
        let (output, problems): ([UInt8], [RenderProblem]) = try await sandbox.withWorkplace(
            for: request,
            network: job.key.network
        ) { workplace in
            let problems = try await layOut(in: workplace)
            guard problems.isEmpty else { return ([], problems) }
            if let problem = try await fetchCharts(program, workplace, origin) { return ([], [problem]) }
            let run = try await sandbox.run(program, try words(workplace), in: workplace)
            if let problem = RenderProblem.ofTool("helm", run, workplace, origin: origin) {
                return ([], [problem])
            }
            return (run.output, [])
        }
        collector.add(problems)
        add(output, origin, to: &collector)
        if let name, collector.problems.isEmpty { fetched.keep(output, as: name) }
        for note in notes { collector.note(note) }
        return collector
    }

    private func add(_ output: [UInt8], _ origin: ManifestOrigin, to collector: inout ManifestCollector) {
        do {
            let sources = templates(in: output)
            for document in try YAML.documents(output) {
                let source = sources.last { $0.line <= document.line }?.file
                collector.add(document.value, ManifestOrigin(file: source ?? origin.file))
            }
        } catch {
            collector.add(RenderProblem(code: .syntax, message: "helm's output: \(error)", origin: origin))
        }
    }

    /// Fetches what charts depend on; the template itself is made without a network.
    private func fetchCharts(
        _ program: String,
        _ workplace: Workplace,
        _ origin: ManifestOrigin
    ) async throws -> RenderProblem? {
        guard let network = job.key.network else { return nil }
        for chart in closure.remote {
            let folder = RepositoryPath.join(chart.place, "charts")
            try workplace.makeFolder(folder)
            let visit = Sandbox.Visit(network: network, tool: "helm")
            let words = ["pull"] + chart.words + ["--destination", "./" + folder]
            let run = try await sandbox.run(program, words, in: workplace, visit: visit)
            if let problem = RenderProblem.ofTool("helm", run, workplace, origin: origin, visit) {
                return problem
            }
        }
        return nil
    }

    private var notes: [RenderProblem] { [lookupNote, chanceNote].compactMap(\.self) }

    private var chanceNote: RenderProblem? {
        let chances = closure.findings.chances
        guard let first = chances.first else { return nil }
        let others = chances.count > 1 ? " (and \(chances.count - 1) more templates)" : ""
        return RenderProblem(
            code: .unreadable,
            message:
                "\(first.place.words) uses `\(first.function)`\(others), which gives another value at each rendering. After a "
                + "restart, or when a file of the chart changes, the new value is delivered over the old one, with no "
                + "commit that says so. Give it as a fixed value, or in a Secret that is made elsewhere.",
            origin: ManifestOrigin(file: first.place.file)
        )
    }

    private var lookupNote: RenderProblem? {
        let lookups = closure.findings.lookups
        guard let first = lookups.first else { return nil }
        let others = lookups.count > 1 ? " (and \(lookups.count - 1) more templates)" : ""
        return RenderProblem(
            code: .unreadable,
            message:
                "\(first.words) asks the cluster with `lookup`\(others). While rendering there is no cluster to ask, so "
                + "it finds nothing: what the chart does then is what is delivered.",
            origin: ManifestOrigin(file: first.file)
        )
    }

    private func layOut(in workplace: Workplace) async throws -> [RenderProblem] {
        var problems = try await request.repository.read(job.sources.files, limits: limits) {
            try workplace.write($1, to: $0.path)
        }
        for (from, to) in closure.charts {
            var files = CommitFiles(repository: request.repository, tree: request.commit.tree)
            let listing = try await files.listing(of: from, links: .followed)
            problems += listing.problems + absent(listing, from)
            problems += try await request.repository.read(listing.files, limits: limits) { file, bytes in
                try workplace.write(bytes, to: to + file.path.dropFirst(from.count))
            }
        }
        return problems
    }

    /// What a chart lacks here, though its directory names it: without it helm would make less, and not know.
    private func absent(_ listing: SourceListing, _ chart: String) -> [RenderProblem] {
        listing.leftOut.compactMap { left in
            let folder = RepositoryPath.relative(left.path, to: chart).prefix { $0 != "/" }
            guard ["templates", "charts", "crds"].contains(folder) else { return nil }
            return RenderProblem(
                // Submodules are often pushed after what names them.
                code: left.kind == .submodule ? .unreachable : .unreadable,
                message: "This is \(left.reason).",
                origin: ManifestOrigin(file: left.path)
            )
        }
    }

    private func words(_ workplace: Workplace) throws -> [String] {
        let options = job.source.helm
        let release =
            options.releaseName
            ?? (request.namespace.isEmpty ? RepositoryPath.name(of: request.path) : request.namespace)
        var words = ["template", release, RepositoryPath.join(".", request.path)]
        words.append(options.skipsCustomResourceDefinitions ? "--skip-crds" : "--include-crds")
        if !request.namespace.isEmpty { words += ["--namespace", request.namespace] }
        for file in closure.valueFiles { words += ["--values", "./" + file] }
        if let values = options.values {
            let file = workplace.home + "/values.json"
            try workplace.write(values.encoded(), toHome: "values.json")
            words += ["--values", file]
        }
        guard closure.findings.asksForCapabilities, let target = request.capabilities else { return words }
        if !target.kubeVersion.isEmpty { words += ["--kube-version", target.kubeVersion] }
        if !target.apiVersions.isEmpty {
            words += ["--api-versions", target.apiVersions.joined(separator: ",")]
        }
        return words
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
