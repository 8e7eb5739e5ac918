import KubeModel

/// What a name must look like, with the texts that say so.
enum NameRule: Sendable {
    /// A DNS label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 characters.
    case label
    /// A DNS label that begins with a letter.
    case label1035
    /// DNS labels separated by dots, at most 253 characters.
    case subdomain
    /// Anything that can be a segment of a path: RBAC's names.
    case pathSegment

    static let labelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    static let label1035Message =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
        + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    static let subdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    static let configKeyMessage =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
        + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    static let qualifiedNameMessage =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    static let labelValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

    /// What is wrong with a name; nothing if it is right.
    ///
    /// - Parameter isPrefix: Whether it is a `generateName`, whose end is still to come.
    func problems(of name: String, isPrefix: Bool = false) -> [String] {
        let text = isPrefix && name.hasSuffix("-") ? name.dropLast() + "a" : name[...]
        switch self {
        case .label: return Self.labelProblems(text)
        case .label1035:
            var problems: [String] = []
            if text.utf8.count > 63 { problems.append("must be no more than 63 characters") }
            let startsWithLetter = text.utf8.first.map { Self.isLower($0) } ?? false
            if !startsWithLetter || !Self.isLabel(text) { problems.append(Self.label1035Message) }
            return problems
        case .subdomain:
            var problems: [String] = []
            if text.utf8.count > 253 { problems.append("must be no more than 253 characters") }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            if !parts.allSatisfy(Self.isLabel) { problems.append(Self.subdomainMessage) }
            return problems
        case .pathSegment:
            if name == "." || name == ".." { return ["may not be '\(name)'"] }
            var problems: [String] = []
            for character in ["/", "%"] where name.contains(character) {
                problems.append("may not contain '\(character)'")
            }
            return problems
        }
    }

    /// As for names of Services and Namespaces, where a dot has a message of its own.
    static func labelProblems(_ text: Substring) -> [String] {
        var problems: [String] = []
        if text.utf8.contains(UInt8(ascii: ".")) {
            return ["must not contain dots"]
        }
        if text.utf8.count > 63 { problems.append("must be no more than 63 characters") }
        if !isLabel(text) { problems.append(labelMessage) }
        return problems
    }

    static func isLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != 45, last != 45 else {
            return false
        }
        return text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == 45 }
    }

    static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || (65...90).contains(byte)
    }

    /// Whether a text is a key of a ConfigMap or Secret.
    static func configKeyProblems(_ key: String) -> [String] {
        var problems: [String] = []
        if key.utf8.count > 253 { problems.append("must be no more than 253 characters") }
        let isValid =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                isAlphanumeric(byte) || byte == 45 || byte == 46 || byte == 95
            }
        if !isValid { problems.append(configKeyMessage) }
        if key == "." { problems.append("must not be '.'") }
        if key == ".." {
            problems.append("must not be '..'")
        } else if key.hasPrefix("..") {
            problems.append("must not start with '..'")
        }
        return problems
    }

    /// Whether a text is `name` or `prefix/name`: keys of labels and annotations, finalizers, resource names.
    static func qualifiedNameProblems(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var problems: [String] = []
        var name = parts[parts.count - 1]
        switch parts.count {
        case 1: break
        case 2:
            if parts[0].isEmpty {
                problems.append("prefix part must be non-empty")
            } else {
                problems += NameRule.subdomain.problems(of: String(parts[0])).map { "prefix part \($0)" }
            }
        default:
            return [
                "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                    + "with an alphanumeric character with an optional DNS subdomain prefix and '/' (e.g. "
                    + "'example.com/MyName')"
            ]
        }
        if name.isEmpty {
            problems.append("name part must be non-empty")
        } else if name.utf8.count > 63 {
            problems.append("name part must be no more than 63 bytes")
            name = name.prefix(63)
        }
        if !isQualified(name) { problems.append(qualifiedNameMessage) }
        return problems
    }

    static func labelValueProblems(_ text: String) -> [String] {
        if text.isEmpty { return [] }
        var problems: [String] = []
        if text.utf8.count > 63 { problems.append("must be no more than 63 bytes") }
        if !isQualified(text[...]) { problems.append(labelValueMessage) }
        return problems
    }

    private static func isQualified(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 45 || $0 == 46 || $0 == 95 }
    }
}
