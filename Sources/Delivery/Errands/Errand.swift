import Crypto
import Foundation
import KubeModel

/// A deed that the replica a person asked leaves, as an annotation of the `Application` object, for the one that delivers.
///
/// It goes through three annotations: `varde.dev/errand.ID` while it waits, `varde.dev/taken.ID` once a replica has it
/// (which only one can, by the object's resource version), `varde.dev/answer.ID` with what came of it. Signed with a key that
/// replicas share, because more people may write the annotations of `Application` objects than may do what errands do.
struct Errand: Sendable, Hashable {
    var id: String
    var application: ApplicationID
    var deed: Deed
    var person: String
    /// Seconds since 1970.
    var since: Double

    static let waiting = "varde.dev/errand."
    static let taken = "varde.dev/taken."
    static let answer = "varde.dev/answer."
    /// How old an errand may be when it is begun.
    static let lifetime = 60.0
    /// How long what nobody fetched is kept.
    static let rest = 120.0
    /// How many may wait at one application.
    static let most = 16
    /// Bytes of one.
    static let sizeLimit = 16 << 10

    private var text: String {
        let json: JSON = [
            "id": .string(id), "application": .string(application.description), "deed": deed.json,
            "by": .string(person), "since": .string("\(since)"),
        ]
        return json.text
    }

    /// The annotation's value.
    func signed(with key: SymmetricKey) -> String {
        let text = text
        return Base64.encoded(Self.code(of: text, key)) + " " + text
    }

    /// - Returns: `nil` for what no replica wrote, or not for this place.
    init?(_ value: String, id: String, of application: ApplicationID, key: SymmetricKey) {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard value.utf8.count <= Self.sizeLimit, parts.count == 2,
            let code = Base64.decoded(parts[0].utf8),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(parts[1].utf8), using: key),
            let json = try? JSON.parse(String(parts[1])), json["id"]?.string == id,
            json["application"]?.string == application.description,
            let deed = json["deed"].flatMap(Deed.init), let since = json["since"]?.string.flatMap(Double.init)
        else { return nil }
        self.init(
            id: id,
            application: application,
            deed: deed,
            person: json["by"]?.string ?? "",
            since: since
        )
    }

    init(id: String, application: ApplicationID, deed: Deed, person: String, since: Double) {
        self.id = id
        self.application = application
        self.deed = deed
        self.person = person
        self.since = since
    }

    private static func code(of text: String, _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// The ids of the annotations with a prefix, and their values, in the order of the ids.
    static func values(_ prefix: String, of object: KubeObject) -> [(id: String, value: String)] {
        object.annotations.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    }
}

/// What came of an errand.
enum ErrandAnswer: Sendable {
    case done(JSON)
    case failed(StatusError)

    func text(at time: Double) -> String {
        var json: JSON = ["at": .string("\(time)")]
        switch self {
        case .done(let result): json["done"] = result
        case .failed(let error):
            json["code"] = .integer(Int64(error.code))
            json["reason"] = .string(error.reason)
            json["message"] = .string(String(error.message.prefix(4_000)))
        }
        return json.text
    }

    init(_ text: String) {
        let json = (try? JSON.parse(text)) ?? [:]
        if let result = json["done"] {
            self = .done(result)
        } else {
            self = .failed(
                StatusError(
                    code: json["code"]?.int ?? 500,
                    reason: json["reason"]?.string ?? "",
                    message: json["message"]?.string ?? "The other replica's answer cannot be read."
                )
            )
        }
    }

    static func time(of text: String) -> Double {
        (try? JSON.parse(text))?["at"]?.string.flatMap(Double.init) ?? 0
    }
}

extension DeliveryError {
    /// The same for a caller elsewhere.
    var status: StatusError {
        let (code, reason) =
            switch finding.code {
            case .clusterUnreachable, .sourceUnreadable: (503, "ServiceUnavailable")
            case .unknownCluster: (404, "NotFound")
            case .refused, .outsidePrefix: (403, "Forbidden")
            case .settingsInvalid, .renderFailed, .unknownKind: (400, "BadRequest")
            default: isRetryable ? (503, "ServiceUnavailable") : (409, "Conflict")
            }
        return StatusError(code: code, reason: reason, message: finding.message)
    }
}
