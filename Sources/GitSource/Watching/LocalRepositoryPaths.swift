import FoundationEssentials

/// The directories of a local repository in which something happens when a branch moves.
struct LocalRepositoryPaths {
    /// What is of interest in each directory: these names, or all when `nil`.
    private(set) var directories: [String: Set<String>?] = [:]

    /// Looks at what is there now.
    ///
    /// For a repository that is not there, the directory in which it can appear.
    init(of path: String) {
        watchAppearance(of: path)
        guard let gitDirectory = Self.gitDirectory(of: path) else {
            if Self.isDirectory(path) { add(path, [".git", "HEAD", "refs", "objects"]) }
            return
        }
        if gitDirectory != path { watchAppearance(of: gitDirectory) }
        add(gitDirectory, ["HEAD", "packed-refs", "refs", "objects", "reftable"])
        add(gitDirectory + "/refs", nil)
        for folder in ["/refs/heads", "/refs/tags", "/reftable"] { addAll(gitDirectory + folder) }
    }

    /// The nearest directory that exists, for the name that leads on from there.
    private mutating func watchAppearance(of path: String) {
        var child = Substring(path)
        while let slash = child.lastIndex(of: "/") {
            let parent = slash == child.startIndex ? "/" : String(child[..<slash])
            let name = String(child[child.index(after: slash)...])
            if Self.isDirectory(parent) { return add(parent, [name]) }
            child = child[..<slash]
        }
    }

    private mutating func add(_ directory: String, _ names: Set<String>?) {
        guard Self.isDirectory(directory) else { return }
        switch (directories[directory], names) {
        case (.some(.some(let known)), let names?): directories[directory] = known.union(names)
        case (.some(.none), _), (_, nil): directories.updateValue(nil, forKey: directory)
        case (.none, let names?): directories[directory] = names
        }
    }

    private mutating func addAll(_ directory: String) {
        add(directory, nil)
        guard Self.isDirectory(directory) else { return }
        // A directory that vanishes meanwhile is noticed by the watch on its parent.
        for name in (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [] {
            add("\(directory)/\(name)", nil)
        }
    }

    /// The directory with the references: the repository itself if it is bare, `.git` below it, or where a `.git` file points.
    private static func gitDirectory(of path: String) -> String? {
        if isDirectory(path + "/refs"), isDirectory(path + "/objects") { return path }
        let dotGit = path + "/.git"
        if isDirectory(dotGit) { return dotGit }
        guard let text = try? String(contentsOfFile: dotGit, encoding: .utf8), text.hasPrefix("gitdir: ")
        else {
            return nil
        }
        let target = text.dropFirst(8).prefix { !$0.isNewline }
        let directory = target.hasPrefix("/") ? String(target) : "\(path)/\(target)"
        guard let common = try? String(contentsOfFile: directory + "/commondir", encoding: .utf8) else {
            return directory
        }
        let shared = common.prefix { !$0.isNewline }
        return shared.hasPrefix("/") ? String(shared) : "\(directory)/\(shared)"
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }
}
