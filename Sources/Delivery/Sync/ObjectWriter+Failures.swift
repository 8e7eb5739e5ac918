import KubeClient
import KubeModel

extension ObjectWriter {
    func failure(_ step: Plan.Step, _ error: any Error) -> Failure {
        switch error {
        case let error as StatusError:
            let conflicts = error.isConflict ? FieldConflict.all(in: error) : []
            if let first = conflicts.first {
                let words = first.sentence(besides: conflicts.count - 1)
                var failure = failure(step, words)
                failure.finding.code = .conflict
                failure.finding.field = first.field
                return failure
            }
            let problems = TypedPatchProblem.all(in: error.message)
            if !problems.isEmpty { return failure(step, problems) }
            var failure = failure(step, Self.gist(of: error))
            failure.finding.field = error.details?["causes"]?.array?.first?["field"]?.string
            failure.isForbidden = error.isForbidden
            failure.isOfUnknownKind = error.isOfUnknownPath
            return failure
        case let error as ClientError:
            var failure = failure(step, "the cluster does not answer: \(error.message)")
            failure.isUnreachable = true
            return failure
        default: return failure(step, "\(error)")
        }
    }

    private func failure(_ step: Plan.Step, _ problems: [TypedPatchProblem]) -> Failure {
        let findings = problems.map { problem in
            var finding = failure(step, problem.sentence).finding
            finding.field = problem.field
            return finding
        }
        return Failure(finding: findings[0], more: Array(findings.dropFirst()))
    }

    /// A refusal without the values it refuses where these are long: the field and the rule are what people need.
    private static func gist(of error: StatusError) -> String {
        let causes = error.details?["causes"]?.array ?? []
        guard error.isInvalid, error.message.count > 250, !causes.isEmpty else { return error.message }
        let rules = causes.prefix(3).map { cause in
            let rule =
                (cause["message"]?.string ?? "").split(separator: ": ").last.map(String.init) ?? "is invalid"
            return "\(cause["field"]?.string ?? ""): \(rule)"
        }
        return "is invalid: " + rules.joined(separator: "; ")
    }

    func failure(_ step: Plan.Step, _ message: String) -> Failure {
        let name = "\(step.reference.kind) \(step.reference.name)"
        let message = step.desired.map { Secrecy.masked(message, about: $0.object) } ?? message
        return Failure(
            finding: Finding(
                code: .applyFailed,
                message: message.contains(step.reference.name) ? message : "\(name): \(message)",
                origin: step.desired.map { "\($0.origin)" },
                object: step.reference.description,
                since: now()
            )
        )
    }
}

extension DesiredObject {
    /// The same without fields; `nil` when one of them is not there.
    func without(_ fields: [String]) -> DesiredObject? {
        var less = object
        for field in fields where !FieldRemoval.remove(field, from: &less) { return nil }
        return replaced(by: less)
    }
}
