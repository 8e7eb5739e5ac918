package import KubeModel

/// Which objects an object waits for, as `config.kubernetes.io/depends-on` says.
package enum Dependency {
    package static let annotation = "config.kubernetes.io/depends-on"

    /// `apps/namespaces/kart/Deployment/db,/Namespace/kart`: group, namespace, kind and name; those that have another form
    /// are nobody.
    package static func all(in text: String?) -> [ObjectReference] { entries(of: text).compactMap(reference) }

    /// The first that has another form.
    static func malformed(in text: String?) -> String? { entries(of: text).first { reference($0) == nil } }

    private static func entries(of text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    }

    private static func reference(_ entry: String) -> ObjectReference? {
        let parts = entry.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // The core group has no name.
        guard parts.dropFirst().allSatisfy({ !$0.isEmpty }) else { return nil }
        switch parts.count {
        case 3: return ObjectReference(group: parts[0], kind: parts[1], namespace: "", name: parts[2])
        case 5 where parts[1] == "namespaces":
            return ObjectReference(group: parts[0], kind: parts[3], namespace: parts[2], name: parts[4])
        default: return nil
        }
    }

    /// Why objects can never be applied in the order that they ask for: others that are named wrongly, that nobody has, that
    /// come later or never, or a circle.
    package static func problems(
        in objects: [DesiredObject],
        _ order: WaveOrder
    ) -> [ObjectReference: String] {
        let dependents = objects.filter {
            !$0.rules.dependencies.isEmpty || $0.rules.malformedDependency != nil
        }
        guard !dependents.isEmpty else { return [:] }
        let known = Dictionary(objects.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        let edges = Dictionary(
            dependents.map { ($0.reference, $0.rules.dependencies) },
            uniquingKeysWith: { first, _ in first }
        )
        var problems: [ObjectReference: String] = [:]
        for (reference, dependencies) in edges {
            if let entry = known[reference]?.rules.malformedDependency {
                problems[reference] =
                    "depends on \"\(entry)\", which is not of the form group/namespaces/NAMESPACE/Kind/name, or "
                    + "group/Kind/name for what is in no namespace; the core group is empty, as in "
                    + "/namespaces/\(reference.namespace.isEmpty ? "web" : reference.namespace)/ConfigMap/settings"
            } else if let missing = dependencies.first(where: { known[$0] == nil }) {
                problems[reference] = "depends on \(missing), which the commit does not have"
            } else if let late = known[reference].flatMap({
                lateDependency(of: $0, dependencies, known, order)
            }) {
                problems[reference] = late
            } else if let circle = circle(from: reference, edges) {
                problems[reference] =
                    "depends on itself: " + circle.map { "\($0.kind) \($0.name)" }.joined(separator: " → ")
            }
        }
        spread(&problems, along: edges)
        return problems
    }

    /// What must not go yet because something that goes, too, depends on it; those of a circle do not wait for each other.
    static func needed(by doomed: [Plan.Step]) -> Set<ObjectReference> {
        let dependents = doomed.filter { !$0.dependencies.isEmpty }
        let edges = Dictionary(
            dependents.map { ($0.reference, $0.dependencies) },
            uniquingKeysWith: { first, _ in first }
        )
        var needed: Set<ObjectReference> = []
        for (dependent, dependencies) in edges {
            for reference in dependencies where !needed.contains(reference) {
                let behind = everything(behind: reference, edges)
                if !behind.contains(dependent) { needed.formUnion(behind) }
            }
        }
        return needed
    }

    /// An object, and what it depends on in the end.
    private static func everything(
        behind start: ObjectReference,
        _ edges: [ObjectReference: [ObjectReference]]
    ) -> Set<ObjectReference> {
        var found: Set = [start]
        var open = [start]
        while let reference = open.popLast() {
            for next in edges[reference] ?? [] where found.insert(next).inserted { open.append(next) }
        }
        return found
    }

    /// What depends on an object that is never applied is not applied, either.
    private static func spread(
        _ problems: inout [ObjectReference: String],
        along edges: [ObjectReference: [ObjectReference]]
    ) {
        var isNews = true
        while isNews {
            isNews = false
            for (reference, dependencies) in edges where problems[reference] == nil {
                guard let refused = dependencies.first(where: { problems[$0] != nil }) else { continue }
                problems[reference] = "depends on \(refused.kind) \(refused.name), which is refused"
                isNews = true
            }
        }
    }

    /// That a dependency is to be applied only after what needs it, if so.
    private static func lateDependency(
        of object: DesiredObject,
        _ dependencies: [ObjectReference],
        _ known: [ObjectReference: DesiredObject],
        _ order: WaveOrder
    ) -> String? {
        let own = order.place(of: object)
        for reference in dependencies {
            guard let other = known[reference] else { continue }
            let place = order.place(of: other)
            guard own < place else { continue }
            let when = place.phase == own.phase ? "in wave \(place.wave)" : "in phase \(place.phase.word)"
            return "depends on \(other.reference.kind) \(other.reference.name), which comes later, \(when)"
        }
        return nil
    }

    private static func circle(
        from start: ObjectReference,
        _ edges: [ObjectReference: [ObjectReference]]
    ) -> [ObjectReference]? {
        var seen: Set<ObjectReference> = []
        func walk(_ place: ObjectReference, _ path: [ObjectReference]) -> [ObjectReference]? {
            for next in edges[place] ?? [] {
                if next == start { return path + [start] }
                guard seen.insert(next).inserted else { continue }
                if let found = walk(next, path + [next]) { return found }
            }
            return nil
        }
        return walk(start, [start])
    }
}
