/// Which files of a jsonnet program import which, and by which names, to tell a circle of imports.
///
/// A circle alone is no mistake, as jsonnet evaluates an import only where its value is asked for.
struct JsonnetCircle {
    /// Paths of files with those of the files that they import as programs.
    private var imports: [String: [String]] = [:]
    /// Paths of files by the names with links that jsonnet knows them by.
    private var paths: [String: String] = [:]

    mutating func note(_ path: String, as name: String) { paths[name] = path }

    mutating func note(importOf target: String, in importer: String) {
        if imports[importer, default: []].contains(target) { return }
        imports[importer, default: []].append(target)
    }

    /// Why jsonnet ran out of its stack: the circle of imports that it went round in; `nil` if there is none.
    func sentence(for errors: String, of program: String) -> String? {
        let frames = Self.frames(in: errors)
        guard errors.contains("max stack frames exceeded") || Self.isTooLong(frames.first, errors)
        else { return nil }
        let files = frames.compactMap { paths[$0] ?? (imports[$0] == nil ? nil : $0) }
        guard let circle = circle(of: files, reachedFrom: program) else { return nil }
        guard circle.count > 1 else { return "\(circle[0]) imports itself (max stack frames exceeded)" }
        let start = circle.firstIndex(of: program) ?? circle.indices.min { circle[$0] < circle[$1] } ?? 0
        let turned = circle[start...] + circle[..<start]
        let rest = circle.count > 20 ? ["… (\(circle.count - 20) more)"] : []
        let shown = turned.prefix(20) + rest + [circle[start]]
        return "these files import one another in a circle: \(shown.joined(separator: " → ")) "
            + "(max stack frames exceeded)"
    }

    /// Whether a name grew with each round until no file may have it: the jsonnet in C++ does not shorten `a/../a`.
    private static func isTooLong(_ name: String?, _ errors: String) -> Bool {
        guard let line = errors.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("\t") }),
            name != nil
        else { return false }
        return errors.contains("couldn't open import") && line.utf8.count > 2_000
    }

    /// The files of the stack that jsonnet shows, the innermost one first: `<tab>file:line:column…`.
    private static func frames(in errors: String) -> [String] {
        errors.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix("\t"), let end = line.firstIndex(of: ":") else { return nil }
            return RepositoryPath.resolve(String(line[line.index(after: line.startIndex)..<end]), from: "")
        }
    }

    /// - Parameter files: Those of the stack. All of a circle are in it, unless it is longer than what is shown.
    private func circle(of files: [String], reachedFrom program: String) -> [String]? {
        let shown = Set(files)
        for file in files.prefix(1) {
            if let circle = shortest(through: file, among: shown) { return circle }
        }
        guard shown.isEmpty || shown.count >= 10 else { return nil }
        let known = imports.keys.sorted()
        for file in files.prefix(1) + [program] + known {
            if let circle = shortest(through: file, among: nil) { return circle }
        }
        return nil
    }

    /// The shortest circle that a file is in: from it to the file that imports it.
    private func shortest(through start: String, among allowed: Set<String>?) -> [String]? {
        var before: [String: String] = [:]
        var queue = [start][...]
        while let file = queue.popFirst() {
            for target in imports[file] ?? [] where allowed?.contains(target) ?? true {
                if target == start {
                    var circle = [file]
                    while circle[0] != start, let previous = before[circle[0]] {
                        circle.insert(previous, at: 0)
                    }
                    return circle
                }
                guard before[target] == nil else { continue }
                before[target] = file
                queue.append(target)
            }
        }
        return nil
    }
}
