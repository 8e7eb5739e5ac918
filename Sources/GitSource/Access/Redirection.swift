import FoundationEssentials

/// Where a web server sends those who ask for a repository.
enum Redirection {
    /// The address to ask instead, from a trace of the conversation; `nil` if the trace has none.
    static func target(in trace: String, of url: String) -> String? {
        for line in trace.split(whereSeparator: \.isNewline).reversed() {
            guard let field = line.firstRange(of: "Recv header: ") else { continue }
            let header = line[field.upperBound...]
            guard header.lowercased().hasPrefix("location:") else { continue }
            var place = header.dropFirst("location:".count).drop { $0 == " " }
            if let query = place.firstIndex(of: "?") { place = place[..<query] }
            if place.hasSuffix("/info/refs") { place = place.dropLast("/info/refs".count) }
            guard let base = URL(string: url) else { return nil }
            return URL(string: String(place), relativeTo: base)?.absoluteString
        }
        return nil
    }

    /// Whether credentials and trust of one address are good for another: the same host and port, and not less safe.
    static func isSameServer(_ left: String, _ right: String) -> Bool {
        guard let left = URL(string: left), let right = URL(string: right), let host = left.host() else {
            return false
        }
        let isSafer =
            left.scheme == "http" && right.scheme == "https" && left.port == nil && right.port == nil
        return host.lowercased() == right.host()?.lowercased()
            && (left.scheme == right.scheme && left.port == right.port || isSafer)
    }
}
