/// The order of API versions: stable before beta before alpha, newer first, anything else last by name.
enum VersionPriority {
    static func precedes(_ left: String, _ right: String) -> Bool {
        switch (rank(left), rank(right)) {
        case (let left?, let right?): left > right
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): left < right
        }
    }

    /// (stability, major, minor) of `v1`, `v2beta3`; `nil` for other names.
    private static func rank(_ version: String) -> (Int, Int, Int)? {
        guard version.first == "v" else { return nil }
        let digits = version.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard let major = Int(digits) else { return nil }
        let rest = version.dropFirst(1 + digits.count)
        if rest.isEmpty { return (3, major, 0) }
        for (word, stability) in [("beta", 2), ("alpha", 1)] where rest.hasPrefix(word) {
            return Int(rest.dropFirst(word.count)).map { (stability, major, $0) }
        }
        return nil
    }
}
