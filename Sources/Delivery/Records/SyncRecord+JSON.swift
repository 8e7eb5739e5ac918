import KubeModel

extension SyncRecord {
    /// As it is kept on disk: times to the microsecond.
    var json: JSON {
        var json: JSON = [
            "number": .integer(Int64(number)), "cause": .string(cause.rawValue),
            "result": .string(result.rawValue), "startedAt": Self.time(startedAt),
            "created": .integer(Int64(created)), "updated": .integer(Int64(updated)),
            "deleted": .integer(Int64(deleted)), "message": .string(message),
            "steps": .array(steps.map(\.json)),
        ]
        json["revision"] = revision.map { revision in
            [
                "commit": .string(revision.commit), "author": .string(revision.author),
                "subject": .string(revision.subject), "time": Self.time(revision.time),
            ]
        }
        json["seenAt"] = seenAt.map(Self.time)
        json["renderedAt"] = renderedAt.map(Self.time)
        json["appliedAt"] = appliedAt.map(Self.time)
        json["finishedAt"] = finishedAt.map(Self.time)
        json["person"] = person.map { .string($0) }
        if retries > 0 { json["retries"] = .integer(Int64(retries)) }
        return json
    }

    /// From ``json``; a sync that was running when the process ended was interrupted.
    init?(_ json: JSON) {
        guard let number = json["number"]?.int, let startedAt = Self.seconds(json["startedAt"]),
            let cause = json["cause"]?.string.flatMap(Cause.init),
            let result = json["result"]?.string.flatMap(Result.init)
        else { return nil }
        var revision: ApplicationSnapshot.Revision?
        if let known = json["revision"], let commit = known["commit"]?.string {
            revision = .init(
                commit: commit,
                author: known["author"]?.string ?? "",
                subject: known["subject"]?.string ?? "",
                time: Self.seconds(known["time"]) ?? 0
            )
        }
        self.init(number: number, cause: cause, revision: revision, startedAt: startedAt)
        self.result = result == .running ? .interrupted : result
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
        if result == .running, message.isEmpty {
            message = "Varde was stopped meanwhile: what it wrote last is not among the steps"
        }
    }

    fileprivate static func time(_ seconds: Double) -> JSON { .string(Timestamp(seconds).microText) }
    fileprivate static func seconds(_ json: JSON?) -> Double? {
        json?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch
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
