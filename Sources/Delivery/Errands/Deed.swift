import KubeModel

/// What a person wants done to an application, in a form that another replica can carry out.
enum Deed: Sendable, Hashable {
    case sync
    case approve(objects: [String]?)
    case refuse(objects: [String]?)
    case pin(commit: String?, reason: String, lifetime: Double?)
    case commitPin
    case unpin
    case pause(reason: String)
    case resume
    case perform(ObjectAction, object: String)
    /// Asks what may be done to an object; changes nothing.
    case offers(object: String)
}

extension Deed {
    var json: JSON {
        var json: JSON = ["do": .string(word)]
        switch self {
        case .sync, .commitPin, .unpin, .resume: break
        case .approve(let objects), .refuse(let objects):
            json["objects"] = objects.map { .array($0.map { .string($0) }) }
        case .pin(let commit, let reason, let lifetime):
            json["commit"] = commit.map { .string($0) }
            json["reason"] = .string(reason)
            json["seconds"] = lifetime.map { .string("\($0)") }
        case .pause(let reason): json["reason"] = .string(reason)
        case .perform(let action, let object):
            json["action"] = .string(action.name.rawValue)
            if case .scale(let replicas) = action { json["replicas"] = .integer(Int64(replicas)) }
            json["object"] = .string(object)
        case .offers(let object): json["object"] = .string(object)
        }
        return json
    }

    /// One word, for the record.
    var word: String {
        switch self {
        case .sync: "sync"
        case .approve: "approve"
        case .refuse: "refuse"
        case .pin: "pin"
        case .commitPin: "commitPin"
        case .unpin: "unpin"
        case .pause: "pause"
        case .resume: "resume"
        case .perform: "perform"
        case .offers: "offers"
        }
    }

    init?(_ json: JSON) {
        let objects = json["objects"]?.array?.compactMap(\.string)
        let object = json["object"]?.string
        switch json["do"]?.string {
        case "sync": self = .sync
        case "approve": self = .approve(objects: objects)
        case "refuse": self = .refuse(objects: objects)
        case "pin":
            self = .pin(
                commit: json["commit"]?.string,
                reason: json["reason"]?.string ?? "",
                lifetime: json["seconds"]?.string.flatMap(Double.init)
            )
        case "commitPin": self = .commitPin
        case "unpin": self = .unpin
        case "pause": self = .pause(reason: json["reason"]?.string ?? "")
        case "resume": self = .resume
        case "perform":
            guard let object, let name = json["action"]?.string.flatMap(ObjectAction.Name.init),
                let action = ObjectAction(name, replicas: json["replicas"]?.int)
            else { return nil }
            self = .perform(action, object: object)
        case "offers":
            guard let object else { return nil }
            self = .offers(object: object)
        default: return nil
        }
    }
}
