import GitSource
import KubeModel

/// Evaluates every `.jsonnet` file of a directory with the `jsonnet` program.
///
/// A file gives a manifest, a list of them, or objects nested to any shape with manifests in them. `std.extVar` has
/// `cluster` and `namespace`.
struct JsonnetTool {
    let job: RenderJob
    let limits: RenderLimits
    let sandbox: Sandbox
    let closure: JsonnetClosure

    private var request: RenderRequest { job.request }

    func render() async throws -> ManifestCollector {
        var collector = ManifestCollector(namespace: request.namespace)
        let directory = ManifestOrigin(file: request.path)
        guard !closure.programs.isEmpty else {
            collector.add(
                RenderProblem(
                    code: .unreadable,
                    message: "There is no .jsonnet file here.",
                    origin: directory
                )
            )
            return collector
        }
        guard let program = sandbox.program("jsonnet") else {
            let hint = "apt-get install jsonnet"
            collector.add(
                .missing("jsonnet", hint: hint, origin: ManifestOrigin(file: closure.programs[0].path))
            )
            return collector
        }
        collector.add(job.sources.problems)
        collector.add(closure.problems.map(withAbsent))
        guard closure.problems.isEmpty else { return collector }
        let (outputs, problems): Evaluation = try await sandbox.withWorkplace(for: request) { workplace in
            let problems = try await request.repository.read(job.sources.files, limits: limits) {
                try workplace.write($1, to: $0.path)
            }
            guard problems.isEmpty else { return ([], problems) }
            for link in closure.links {
                try workplace.makeFolder(link.target)
                try workplace.link(link.path, to: link.target)
            }
            return try await evaluate(program, workplace)
        }
        collector.add(problems)
        for (file, output) in outputs {
            let origin = ManifestOrigin(file: file)
            do {
                add(try JSON.parse(output), at: "", origin, depth: 0, to: &collector)
            } catch {
                let message = "jsonnet's output is not JSON: \(error)"
                collector.add(RenderProblem(code: .syntax, message: message, origin: origin))
            }
        }
        return collector
    }

    private typealias Evaluation = (outputs: [(file: String, output: [UInt8])], problems: [RenderProblem])

    private func evaluate(
        _ program: String,
        _ workplace: Workplace
    ) async throws -> Evaluation {
        // jsonnet searches the last library first.
        var words = closure.libraries.reversed().flatMap { ["-J", RepositoryPath.join(".", $0)] }
        words += variables(workplace)
        var outputs: [(file: String, output: [UInt8])] = []
        var problems: [RenderProblem] = []
        for file in closure.programs {
            let run = try await sandbox.run(program, words + ["--", file.path], in: workplace)
            let origin = ManifestOrigin(file: file.path)
            if var problem = RenderProblem.ofTool("jsonnet", run, workplace, origin: origin) {
                let circle = closure.circle.sentence(
                    for: workplace.inRepositoryTerms(run.errors),
                    of: file.path
                )
                if let circle { problem.message = circle } else { problem = withAbsent(problem) }
                problems.append(problem)
                // The others would hold the tools for as long.
                if problem.code == .timedOut { break }
            } else {
                outputs.append((file.path, run.output))
            }
        }
        return (outputs, problems)
    }

    /// Says of an import that failed what is known not to be there.
    private func withAbsent(_ problem: RenderProblem) -> RenderProblem {
        let dead = closure.deadLinks
        let left = job.sources.leftOut.filter { left in
            left.kind != .directory && !dead.contains { $0.path == left.path }
        }
        let absent = (closure.absent + dead + left.map { ($0.path, $0.reason) })
            .map { "\($0.path) is \($0.reason)" }.joined(separator: "; ")
        guard !absent.isEmpty, problem.message.contains("import") else { return problem }
        var problem = problem
        problem.message += " (\(absent))"
        // Submodules are often pushed after what names them.
        if !closure.absent.isEmpty { problem.code = .unreachable }
        return problem
    }

    /// Variables and arguments; those of the settings win over Varde's own.
    private func variables(_ workplace: Workplace) -> [String] {
        let options = job.source.jsonnet
        var variables: [String: JSON] = [:]
        if !request.clusterName.isEmpty { variables["cluster"] = .string(request.clusterName) }
        if !request.namespace.isEmpty { variables["namespace"] = .string(request.namespace) }
        variables.merge(options.variables) { _, own in own }
        func words(_ values: [String: JSON], _ kind: String) -> [String] {
            values.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
                guard let text = value.string else {
                    return ["--\(kind)-code", "\(key)=" + String(decoding: value.encoded(), as: UTF8.self)]
                }
                return ["--\(kind)-str", "\(key)=\(text)"]
            }
        }
        return words(variables, "ext") + words(options.arguments, "tla")
    }

    /// Takes the manifests in a value, wherever they are.
    private func add(
        _ value: JSON,
        at path: String,
        _ origin: ManifestOrigin,
        depth: Int,
        to collector: inout ManifestCollector
    ) {
        switch value {
        case .null: break
        case .array(let elements) where depth < 16:
            for (index, element) in elements.enumerated() {
                add(element, at: "\(path)[\(index)]", origin, depth: depth + 1, to: &collector)
            }
        case .object(let object) where object["apiVersion"] == nil && object["kind"] == nil && depth < 16:
            for (key, value) in object {
                add(value, at: "\(path).\(key)", origin, depth: depth + 1, to: &collector)
            }
        case .object: collector.add(value, origin)
        default:
            let place = path.isEmpty ? "The result" : "The value at \(path)"
            let message = "\(place) is \(value.kindInWords), not a Kubernetes object."
            collector.add(RenderProblem(code: .notAnObject, message: message, origin: origin))
        }
    }
}
