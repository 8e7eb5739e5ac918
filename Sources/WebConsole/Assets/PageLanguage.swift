import HTTPTypes
import Hummingbird

/// The languages that the console speaks.
enum PageLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case bokmål = "nb"

    /// The one that was chosen in the console, else the one that the browser would rather have.
    init(of request: Request) {
        if let chosen = request.cookies["varde-language"].flatMap({ Self(rawValue: $0.value) }) {
            self = chosen
        } else {
            self = Self(accepting: request.headers[.acceptLanguage] ?? "")
        }
    }

    /// From `nb-NO,nb;q=0.9,en;q=0.8`; English when none of ours is wanted.
    init(accepting field: String) {
        var best: (language: Self, weight: Double)?
        for part in field.split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = pieces.first, let language = Self(tag: tag) else { continue }
            let weight =
                pieces.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }

    private init?(tag: String) {
        switch tag.split(separator: "-").first {
        case "en": self = .english
        // Who asks for nynorsk reads bokmål.
        case "nb", "no", "nn": self = .bokmål
        default: return nil
        }
    }

    func name(of page: String) -> String { "\(rawValue)/\(page)" }
}
