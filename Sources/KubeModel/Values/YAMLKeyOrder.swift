/// The order in which YAML writers of the Kubernetes tools sort keys: other characters before letters, runs of
/// digits by their value.
enum YAMLKeyOrder {
    static func isBefore(_ left: String, _ right: String) -> Bool {
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        guard let place = zip(a, b).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return a.count < b.count
        }
        let isLetter = (a[place].properties.isAlphabetic, b[place].properties.isAlphabetic)
        switch isLetter {
        case (true, true): return a[place] < b[place]
        case (true, false): return false
        case (false, true): return true
        case (false, false): break
        }
        // Inside of a number whose leading digits are equal, a zero is a digit like any other.
        let startsInNumber =
            (a[place] == "0" || b[place] == "0")
            && a[..<place].reversed().prefix(while: isDigit).contains { $0 != "0" }
        let first = number(a, from: place, prefix: startsInNumber ? 1 : 0)
        let second = number(b, from: place, prefix: startsInNumber ? 1 : 0)
        if first.value != second.value { return first.value < second.value }
        if first.end != second.end { return first.end < second.end }
        return a[place] < b[place]
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

    private static func number(
        _ text: [Unicode.Scalar],
        from start: Int,
        prefix: Int64
    ) -> (value: Int64, end: Int) {
        var value = prefix
        var end = start
        while end < text.count, isDigit(text[end]) {
            value = value &* 10 &+ Int64(text[end].value - 0x30)
            end += 1
        }
        return (value, end)
    }
}
