import GitSource

extension RenderProblem {
    /// Why a tool gave no manifests; `nil` when it succeeded.
    static func ofTool(
        _ name: String,
        _ outcome: Command.Outcome,
        _ workplace: Workplace,
        origin: ManifestOrigin,
        _ visit: Sandbox.Visit? = nil
    ) -> Self? {
        guard var problem = ofTool(name, outcome, workplace, origin) else { return nil }
        guard let visit else { return problem }
        // What was refused is why; the tool's own words about it come last.
        problem.message = (visit.journal.sentences + [problem.message]).joined(separator: " ")
        if problem.code == .toolFailed { problem.code = .unreachable }
        return problem
    }

    private static func ofTool(
        _ name: String,
        _ outcome: Command.Outcome,
        _ workplace: Workplace,
        _ origin: ManifestOrigin
    ) -> Self? {
        switch outcome.end {
        case .exited(0): nil
        case .exited(let code):
            Self(
                code: .toolFailed,
                message: sentence(from: workplace.inRepositoryTerms(outcome.errors))
                    ?? "\(name) failed with code \(code) and said nothing.",
                origin: origin
            )
        case .killed(let signal):
            Self(
                code: .toolFailed,
                message: "\(name) was ended by signal \(signal); it may have needed too much memory.",
                origin: origin
            )
        case .timedOut:
            Self(
                code: .timedOut,
                message:
                    "\(name) did not finish within \(words(outcome.deadline)), the most that it may take.",
                origin: origin
            )
        case .tooManyProcesses:
            Self(code: .toolFailed, message: "\(name) started too many processes.", origin: origin)
        case .printedTooMuch:
            Self(code: .tooLarge, message: "\(name) printed more than 64 MiB.", origin: origin)
        }
    }

    private static func words(_ duration: Duration) -> String {
        let (seconds, rest) = duration.components
        return rest == 0 ? "\(seconds) s" : "\(seconds * 1_000 + rest / 1_000_000_000_000_000) ms"
    }

    static func missing(_ tool: String, hint: String, origin: ManifestOrigin) -> Self {
        Self(
            code: .toolMissing,
            message: "This needs \(tool), which is not installed: \(hint).",
            origin: origin
        )
    }

    /// Without the text that kustomize took for a literal of a Secret, perhaps, whose key was forgotten.
    private static func withoutLiteral(_ text: String) -> String {
        guard let start = text.firstRange(of: "invalid literal source "),
            let end = text[start.upperBound...].firstRange(of: ", expected key=value")
        else { return text }
        return text[..<start.upperBound] + "(not shown here)" + text[end.lowerBound...]
    }

    /// What a tool wrote to standard error, on one line and to the point; `nil` if it wrote nothing.
    private static func sentence(from errors: String) -> String? {
        let lines = unlogged(errors).split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.hasPrefix("# Warning: ") }
        let start = lines.firstIndex { line in starts.contains { line.hasPrefix($0) } } ?? 0
        // What follows the message in jsonnet is the stack, in helm advice.
        let told = lines.dropFirst(start).prefix { !$0.hasPrefix("\t") && !$0.hasPrefix("Use --debug") }
        var text = told.joined(separator: " ")
        for start in starts where text.hasPrefix(start) { text.removeFirst(start.count) }
        text = withoutLiteral(untangled(text))
        guard !text.isEmpty else { return nil }
        return String(text.prefix(1_000)) + (place(in: lines).map { " (\($0))" } ?? "")
    }

    /// Where a jsonnet program failed: the first line of the stack, `<tab>file:line:column…`.
    private static func place(in lines: [String]) -> String? {
        guard let first = lines.first(where: { $0.hasPrefix("\t") }),
            let found = first.firstMatch(of: /^\t([^\t:]+):\(?(\d+):\d+/)
        else { return nil }
        // jsonnet goes on from where it was: `lib/../env/…`.
        let file = RepositoryPath.resolve(String(found.1), from: "") ?? String(found.1)
        return "\(file), line \(found.2)"
    }

    private static let starts = ["error: ", "Error: ", "RUNTIME ERROR: ", "STATIC ERROR: "]

    /// kubectl writes some errors as an entry of its log: `E1122 … "command failed" err="what"`, or, when it has several
    /// lines, indented between `err=<` and `>`.
    private static func unlogged(_ errors: String) -> String {
        guard let start = errors.firstRange(of: #""command failed" err="#) else { return errors }
        let logged = errors[start.upperBound...]
        if logged.hasPrefix("<") {
            let lines = logged.split(whereSeparator: \.isNewline).dropFirst().prefix { $0 != " >" }
            return lines.map { String($0.hasPrefix("\t") ? $0.dropFirst() : $0) }.joined(separator: "\n")
        }
        let end = logged.lastIndex(of: "\"") ?? logged.endIndex
        return String(logged[..<end].dropFirst())
            .replacing(#"\""#, with: "\"").replacing(#"\n"#, with: "\n").replacing(#"\\"#, with: #"\"#)
    }

    /// kustomize reports every way it tried to read a resource, inside one another, base by base; the innermost cause is what matters.
    private static func untangled(_ text: String) -> String {
        var text = text
        while let cause = text.firstRange(of: "must resolve to a file': ") {
            text = String(text[cause.upperBound...])
        }
        if let alternative = text.firstRange(of: "': must build at directory: ") {
            text = String(text[..<alternative.lowerBound])
        }
        for wrapping in ["accumulating resources: ", "accumulation err='"] where text.hasPrefix(wrapping) {
            text.removeFirst(wrapping.count)
        }
        guard let failure = text.firstRange(of: "evalsymlink failure on '"),
            let detail = text[failure.upperBound...].firstRange(of: "' : lstat ")
        else { return text }
        return String(text[..<failure.lowerBound]) + String(text[detail.upperBound...])
    }
}
