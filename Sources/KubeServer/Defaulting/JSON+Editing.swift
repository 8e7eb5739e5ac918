import KubeModel

extension JSON {
    /// Sets a member that is missing.
    mutating func setDefault(_ key: String, _ value: @autoclosure () -> JSON) {
        if self[key] == nil { self[key] = value() }
    }

    /// Changes a member in place, if it is there.
    mutating func edit(_ key: String, _ change: (inout JSON) -> Void) {
        guard var member = self[key] else { return }
        // The member is released first, so that it changes in place.
        self[key] = .null
        change(&member)
        self[key] = member
    }

    /// Changes a member in place; it is made first if it is missing.
    mutating func edit(_ key: String, default value: JSON, _ change: (inout JSON) -> Void) {
        setDefault(key, value)
        edit(key, change)
    }

    /// Changes what is at the end of a path, if all of it is there.
    mutating func edit(at path: ArraySlice<String>, _ change: (inout JSON) -> Void) {
        guard let first = path.first else {
            change(&self)
            return
        }
        edit(first) { $0.edit(at: path.dropFirst(), change) }
    }

    /// Changes every element of a member that is a list.
    mutating func editElements(of key: String, _ change: (inout JSON) -> Void) {
        edit(key) { member in
            guard case .array(var elements) = member else { return }
            member = .null
            for index in elements.indices { change(&elements[index]) }
            member = .array(elements)
        }
    }

    /// The elements of a member that is a list.
    func elements(of key: String) -> [JSON] { self[key]?.array ?? [] }

    /// Whether a member is missing or an empty text.
    func lacks(_ key: String) -> Bool {
        guard let member = self[key] else { return true }
        return member == "" || member.isNull
    }
}
