/// The objects of an application, owners before what they own.
enum ObjectTree {
    struct Line: Sendable {
        var object: ObjectView
        /// `├─ ` and the like; empty for what the commit itself says.
        var branch: String
    }

    /// Objects whose owner is not known, or that own each other in a circle, are shown without one.
    static func lines(_ objects: [ObjectView]) -> [Line] {
        let ids = Set(objects.map(\.id))
        var children: [String: [ObjectView]] = [:]
        var roots: [ObjectView] = []
        for object in objects {
            if let parent = object.parent, ids.contains(parent), parent != object.id {
                children[parent, default: []].append(object)
            } else {
                roots.append(object)
            }
        }
        var lines: [Line] = []
        var shown: Set<String> = []
        func add(_ object: ObjectView, branch: String, indent: String) {
            guard shown.insert(object.id).inserted else { return }
            lines.append(Line(object: object, branch: branch))
            let below = (children[object.id] ?? []).sorted { $0.id < $1.id }
            for (index, child) in below.enumerated() {
                let isLast = index == below.count - 1
                add(
                    child,
                    branch: indent + (isLast ? "└─ " : "├─ "),
                    indent: indent + (isLast ? "   " : "│  ")
                )
            }
        }
        for root in roots.sorted(by: { $0.id < $1.id }) { add(root, branch: "", indent: "") }
        for object in objects { add(object, branch: "", indent: "") }
        return lines
    }
}
