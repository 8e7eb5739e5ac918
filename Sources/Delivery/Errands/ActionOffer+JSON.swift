import KubeModel

/// Offers in the form in which replicas tell them to each other.
extension ActionOffer {
    var json: JSON {
        ["action": .string(action.rawValue), "effects": .array(effects.map(\.json))]
    }

    init?(_ json: JSON) {
        guard let action = json["action"]?.string.flatMap(ObjectAction.Name.init) else { return nil }
        self.init(action: action, effects: (json["effects"]?.array ?? []).compactMap(Effect.init))
    }
}

extension ActionOffer.Effect {
    fileprivate var json: JSON {
        func json(_ code: String, _ count: Int? = nil, _ text: String? = nil, _ field: String? = nil) -> JSON
        {
            var json: JSON = ["code": .string(code)]
            json["count"] = count.map { .integer(Int64($0)) }
            json["text"] = text.map { .string($0) }
            json["field"] = field.map { .string($0) }
            return json
        }
        return switch self {
        case .replacesPods(let count, let strategy): json("replacesPods", count, strategy)
        case .hasReplicas(let count): json("hasReplicas", count)
        case .putBack(let field, let value): json("putBack", nil, value, field)
        case .removesBelow(let count): json("removesBelow", count)
        case .madeAgainByVarde: json("madeAgainByVarde")
        case .madeAgainByOwner(let owner): json("madeAgainByOwner", nil, owner)
        case .goesForGood: json("goesForGood")
        case .noNewRuns: json("noNewRuns")
        case .runsAgain(let schedule): json("runsAgain", nil, schedule)
        case .startsJob(let name): json("startsJob", nil, name)
        }
    }

    fileprivate init?(_ json: JSON) {
        let count = json["count"]?.int ?? 0
        let text = json["text"]?.string ?? ""
        switch json["code"]?.string {
        case "replacesPods": self = .replacesPods(count, strategy: text)
        case "hasReplicas": self = .hasReplicas(count)
        case "putBack": self = .putBack(field: json["field"]?.string ?? "", value: text)
        case "removesBelow": self = .removesBelow(count)
        case "madeAgainByVarde": self = .madeAgainByVarde
        case "madeAgainByOwner": self = .madeAgainByOwner(text)
        case "goesForGood": self = .goesForGood
        case "noNewRuns": self = .noNewRuns
        case "runsAgain": self = .runsAgain(schedule: text)
        case "startsJob": self = .startsJob(text)
        default: return nil
        }
    }
}
