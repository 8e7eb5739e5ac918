/// What the names of Kubernetes must look like, with the texts that say so.
package enum NameFormat: Sendable {
    /// `my-name`: namespaces, and the parts of domain names.
    case label
    /// `my-name` that begins with a letter.
    case label1035
    /// `example.com`: most objects.
    case subdomain
    /// `example.com/name`: keys of labels and annotations, names of finalizers.
    case qualifiedName
    case labelValue

    /// What is wrong; nothing if the text is right.
    package func problems(of text: String) -> [String] {
        switch self {
        case .label:
            Self.problems(text, limit: 63, isRight: Self.isLabel(text[...]), Self.labelText)
        case .label1035:
            Self.problems(
                text,
                limit: 63,
                isRight: Self.isLabel(text[...]) && !(text.utf8.first.map(Self.isDigit) ?? true),
                Self.label1035Text
            )
        case .subdomain:
            Self.problems(text, limit: 253, isRight: Self.isSubdomain(text[...]), Self.subdomainText)
        case .labelValue:
            Self.problems(
                text,
                limit: 63,
                isRight: text.isEmpty || Self.isName(text[...]),
                Self.labelValueText
            )
        case .qualifiedName: Self.qualifiedProblems(text)
        }
    }

    package func allows(_ text: String) -> Bool { problems(of: text).isEmpty }

    private static func problems(_ text: String, limit: Int, isRight: Bool, _ message: String) -> [String] {
        (text.utf8.count > limit ? ["must be no more than \(limit) bytes"] : []) + (isRight ? [] : [message])
    }

    private static func qualifiedProblems(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            return [
                "a qualified name " + qualifiedRule
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        var problems: [String] = []
        if parts.count == 2 {
            if parts[0].isEmpty {
                problems.append("prefix part must be non-empty")
            } else {
                problems += NameFormat.subdomain.problems(of: String(parts[0])).map { "prefix part \($0)" }
            }
        }
        let name = parts[parts.count - 1]
        if name.isEmpty {
            problems.append("name part must be non-empty")
        } else if name.utf8.count > 63 {
            problems.append("name part must be no more than 63 bytes")
        }
        if !isName(name) { problems.append("name part " + qualifiedRule) }
        return problems
    }

    // MARK: Characters

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isLower(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLower(byte | 0x20) }

    private static func isLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        let isPlain = { (byte: UInt8) in isDigit(byte) || isLower(byte) }
        return isPlain(first) && isPlain(last)
            && text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isSubdomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else {
            return false
        }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: ".")
        }
    }

    // MARK: Texts

    private static let labelText =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    private static let label1035Text =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
        + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    private static let subdomainText =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    private static let labelValueText =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    private static let qualifiedRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
}
