package import KubeModel

/// What people decided about an application, as annotations of its `Application` object.
package struct Interventions: Sendable, Hashable {
    package static let pin = "varde.dev/pin"
    package static let pause = "varde.dev/pause"
    package static let approvals = "varde.dev/approvals"
    package static let refusals = "varde.dev/refusals"
    package static let sync = "varde.dev/sync"

    package var pin: Pin?
    package var pause: Pause?
    /// Whether somebody else asked for a pause on the object; read, never written.
    package var isSkipped = false
    package var approvals: [String: String] = [:]
    package var refusals: [String: String] = [:]
    /// The sync that somebody asked for and that is not over.
    package var syncRequest: SyncRequest?

    package init() {}

    init(_ inputs: ApplicationCell.Inputs) {
        (pin, pause, isSkipped) = (inputs.pin, inputs.pause, inputs.isSkipped)
        (approvals, refusals) = (inputs.approvals, inputs.refusals)
        syncRequest = inputs.syncRequest
    }

    /// - Parameter isTakeover: Whether another replica recorded this after what is known here.
    func restore(_ inputs: inout ApplicationCell.Inputs, isTakeover: Bool) {
        if isTakeover {
            (inputs.pin, inputs.pause, inputs.isSkipped) = (nil, nil, isSkipped)
            (inputs.approvals, inputs.refusals, inputs.syncRequest) = ([:], [:], nil)
        }
        if inputs.pin == nil { inputs.pin = pin }
        if inputs.pause == nil { inputs.pause = pause }
        inputs.approvals.merge(approvals) { new, _ in new }
        inputs.refusals.merge(refusals) { new, _ in new }
        if inputs.syncRequest == nil, let syncRequest {
            (inputs.syncRequest, inputs.fetchesAnew) = (syncRequest, true)
        }
    }

    package var annotations: [String: String] {
        var result: [String: String] = [:]
        if let pin {
            result[Self.pin] = pin.json.text
        }
        if let pause {
            let json: JSON = [
                "reason": .string(pause.reason), "by": .string(pause.person),
                "since": .string(Timestamp(pause.since).microText),
            ]
            result[Self.pause] = json.text
        }
        if !approvals.isEmpty { result[Self.approvals] = Self.json(approvals).text }
        if !refusals.isEmpty { result[Self.refusals] = Self.json(refusals).text }
        if let syncRequest {
            let json: JSON = [
                "by": .string(syncRequest.person), "since": .string(Timestamp(syncRequest.since).microText),
            ]
            result[Self.sync] = json.text
        }
        return result
    }

    package init(_ object: KubeObject) {
        func json(_ key: String) -> JSON? { object.annotation(key).flatMap { try? JSON.parse($0) } }
        func time(_ json: JSON?) -> Double? { json?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch }
        pin = json(Self.pin).flatMap(Pin.init)
        if let known = json(Self.pause) {
            pause = Pause(
                reason: known["reason"]?.string ?? "",
                person: known["by"]?.string ?? "",
                since: time(known["since"]) ?? 0
            )
        }
        isSkipped = Self.isSkipped(object)
        approvals = Self.people(json(Self.approvals))
        refusals = Self.people(json(Self.refusals))
        if let known = json(Self.sync), let since = time(known["since"]) {
            syncRequest = SyncRequest(person: known["by"]?.string ?? "", since: since)
        }
    }

    /// Whether an `Application` object asks for a pause in Argo CD's way.
    static func isSkipped(_ object: KubeObject) -> Bool { object.annotation(Pause.annotation) == "true" }

    private static func json(_ people: [String: String]) -> JSON {
        .object(JSONObject(people.map { ($0, .string($1)) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func people(_ json: JSON?) -> [String: String] {
        var result: [String: String] = [:]
        for (object, person) in json?.object ?? [:] { result[object] = person.string ?? "" }
        return result
    }
}

extension Pin {
    /// As annotations have it.
    var json: JSON {
        [
            "commit": .string(commit), "subject": .string(subject), "reason": .string(reason),
            "by": .string(person), "since": .string(Timestamp(since).microText),
            "expiresAt": .string(Timestamp(expiresAt).microText),
        ]
    }

    init?(_ json: JSON) {
        func time(_ key: String) -> Double? {
            json[key]?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch
        }
        guard let commit = json["commit"]?.string, let expiresAt = time("expiresAt") else { return nil }
        self.init(
            commit: commit,
            subject: json["subject"]?.string ?? "",
            reason: json["reason"]?.string ?? "",
            person: json["by"]?.string ?? "",
            since: time("since") ?? 0,
            expiresAt: expiresAt
        )
    }
}

/// How a hook ended, as the status of an `Application` keeps it.
enum HookRecord {
    static func json(_ reference: ObjectReference, _ result: HookResult) -> JSON {
        var json: JSON = [
            "group": .string(reference.group), "kind": .string(reference.kind),
            "namespace": .string(reference.namespace), "name": .string(reference.name),
            "uid": .string(result.uid), "commit": .string(result.commit),
            "attempts": .integer(Int64(result.attempts)),
        ]
        if !result.phase.isEmpty { json["phase"] = .string(result.phase) }
        if result.retryAt > 0 { json["retryAt"] = .string(Timestamp(result.retryAt).microText) }
        switch result.outcome {
        case .succeeded: json["result"] = "succeeded"
        case .failed(let message):
            json["result"] = "failed"
            json["message"] = .string(String(message.prefix(500)))
        }
        return json
    }

    static func result(_ json: JSON) -> (ObjectReference, HookResult)? {
        guard let kind = json["kind"]?.string, let name = json["name"]?.string, let uid = json["uid"]?.string,
            let commit = json["commit"]?.string
        else { return nil }
        let reference = ObjectReference(
            group: json["group"]?.string ?? "",
            kind: kind,
            namespace: json["namespace"]?.string ?? "",
            name: name
        )
        let outcome: HookResult.Outcome =
            json["result"]?.string == "succeeded" ? .succeeded : .failed(json["message"]?.string ?? "")
        var result = HookResult(uid: uid, commit: commit, outcome: outcome)
        result.attempts = json["attempts"]?.int ?? 0
        result.phase = json["phase"]?.string ?? ""
        result.retryAt = json["retryAt"]?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch ?? 0
        return (reference, result)
    }
}
