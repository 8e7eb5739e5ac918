import KubeModel

extension SyncRecord {
    /// As it is kept on disk: times to the microsecond, and steps.
    var json: JSON {
        var json = summary(time: Self.time)
        json["seenAt"] = seenAt.map(Self.time)
        json["renderedAt"] = renderedAt.map(Self.time)
        json["steps"] = .array(steps.map(\.json))
        return json
    }

    /// What is known of a sync without its steps.
    func summary(time: (Double) -> JSON) -> JSON {
        var json: JSON = [
            "number": .integer(Int64(number)), "cause": .string(cause.rawValue),
            "result": .string(result.rawValue), "startedAt": time(startedAt),
            "created": .integer(Int64(created)), "updated": .integer(Int64(updated)),
            "deleted": .integer(Int64(deleted)),
        ]
        json["revision"] = revision?.json(time: time)
        json["appliedAt"] = appliedAt.map(time)
        json["finishedAt"] = finishedAt.map(time)
        json["person"] = person.map { .string($0) }
        if !message.isEmpty { json["message"] = .string(message) }
        if retries > 0 { json["retries"] = .integer(Int64(retries)) }
        return json
    }

    /// From ``json`` or ``summary(time:)``.
    init?(_ json: JSON) {
        guard let number = json["number"]?.int, let startedAt = Self.seconds(json["startedAt"]),
            let cause = json["cause"]?.string.flatMap(Cause.init),
            let result = json["result"]?.string.flatMap(Result.init)
        else { return nil }
        self.init(number: number, cause: cause, revision: .init(json["revision"]), startedAt: startedAt)
        self.result = result
        seenAt = Self.seconds(json["seenAt"])
        renderedAt = Self.seconds(json["renderedAt"])
        appliedAt = Self.seconds(json["appliedAt"])
        finishedAt = Self.seconds(json["finishedAt"])
        created = json["created"]?.int ?? 0
        updated = json["updated"]?.int ?? 0
        deleted = json["deleted"]?.int ?? 0
        message = json["message"]?.string ?? ""
        person = json["person"]?.string
        retries = json["retries"]?.int ?? 0
        steps = (json["steps"]?.array ?? []).compactMap(SyncStep.init)
    }

    /// What became of it when the process that ran it ended: a sync that was running then was interrupted.
    var asLeft: SyncRecord {
        guard result == .running else { return self }
        var record = self
        record.result = .interrupted
        if message.isEmpty {
            record.message = "Varde was stopped meanwhile: what it wrote last is not among the steps"
        }
        return record
    }

    fileprivate static func time(_ seconds: Double) -> JSON { .string(Timestamp(seconds).microText) }
    fileprivate static func seconds(_ json: JSON?) -> Double? {
        json?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch
    }
}

extension ApplicationSnapshot.Revision {
    func json(time: (Double) -> JSON) -> JSON {
        [
            "commit": .string(commit), "author": .string(author), "subject": .string(subject),
            "time": time(self.time),
        ]
    }

    init?(_ json: JSON?) {
        guard let json, let commit = json["commit"]?.string, !commit.isEmpty else { return nil }
        self.init(
            commit: commit,
            author: json["author"]?.string ?? "",
            subject: json["subject"]?.string ?? "",
            time: SyncRecord.seconds(json["time"]) ?? 0
        )
    }
}

extension SyncStep {
    fileprivate var json: JSON {
        [
            "object": .string(object), "action": .string(action.rawValue),
            "trail": .array(
                trail.map { moment in
                    [
                        "state": .string(moment.state.rawValue), "message": .string(moment.message),
                        "since": SyncRecord.time(moment.since),
                    ]
                }
            ),
        ]
    }

    fileprivate init?(_ json: JSON) {
        let trail = (json["trail"]?.array ?? []).compactMap { moment -> Moment? in
            guard let state = moment["state"]?.string.flatMap(State.init),
                let since = SyncRecord.seconds(moment["since"])
            else { return nil }
            return Moment(state: state, message: moment["message"]?.string ?? "", since: since)
        }
        guard let object = json["object"]?.string, let action = json["action"]?.string.flatMap(Action.init),
            let last = trail.last
        else { return nil }
        self.init(object: object, action: action, state: last.state, message: last.message, since: last.since)
        self.trail = trail
    }
}
