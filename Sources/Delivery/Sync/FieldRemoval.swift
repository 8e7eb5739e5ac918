package import KubeModel

/// Takes single fields out of a manifest, by the paths that server-side apply names them with in conflicts.
package enum FieldRemoval {
    /// Removes a field: `spec.replicas`, `spec.template.spec.containers[name="web"].image`.
    ///
    /// Keys may have dots in them: the longest key that is there is meant.
    ///
    /// - Returns: Whether the field was there.
    package static func remove(_ path: String, from manifest: inout KubeObject) -> Bool {
        remove(path[...], from: &manifest.json)
    }

    private static func remove(_ path: Substring, from value: inout JSON) -> Bool {
        if path.hasPrefix("[") { return removeElement(path, from: &value) }
        let path = path.hasPrefix(".") ? path.dropFirst() : path
        guard let object = value.object else { return false }
        let key = object.keys
            .filter { path == $0 || path.hasPrefix($0 + ".") || path.hasPrefix($0 + "[") }
            .max { $0.utf8.count < $1.utf8.count }
        guard let key, var child = object[key] else { return false }
        let rest = path.dropFirst(key.count)
        guard !rest.isEmpty else {
            value[key] = nil
            return true
        }
        guard remove(rest, from: &child) else { return false }
        value[key] = child
        return true
    }

    private static func removeElement(_ path: Substring, from value: inout JSON) -> Bool {
        guard var elements = value.array, let (selector, rest) = selector(of: path),
            let index = elements.firstIndex(where: { matches($0, selector) })
        else { return false }
        if rest.isEmpty {
            elements.remove(at: index)
        } else if !remove(rest, from: &elements[index]) {
            return false
        }
        value = .array(elements)
        return true
    }

    /// `[name="web",port=80].image` → what stands in the brackets, and what follows.
    private static func selector(of path: Substring) -> (keys: [(key: String, value: JSON)], rest: Substring)?
    {
        var isQuoted = false
        var isEscaped = false
        guard
            let end = path.firstIndex(where: { character in
                defer { isEscaped = character == "\\" && !isEscaped }
                if character == "\"", !isEscaped { isQuoted.toggle() }
                return character == "]" && !isQuoted
            })
        else { return nil }
        var keys: [(key: String, value: JSON)] = []
        for part in path[path.index(after: path.startIndex)..<end].split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = try? JSON.parse(String(sides[1])) else { return nil }
            keys.append((String(sides[0]), value))
        }
        return (keys, path[path.index(after: end)...])
    }

    private static func matches(_ element: JSON, _ selector: [(key: String, value: JSON)]) -> Bool {
        selector.allSatisfy { $0.key.isEmpty ? element == $0.value : element[$0.key] == $0.value }
    }
}
