import Delivery
import KubeModel

extension ObjectNode {
    /// The *Object* of docs/api.md.
    var answer: JSON {
        [
            "id": .string(id),
            "apiVersion": .string(apiVersion),
            "kind": .string(kind),
            "namespace": .string(namespace),
            "name": .string(name),
            "parent": .optional(parent),
            "sync": .optional(sync?.rawValue),
            "health": .string(health.rawValue),
            "message": .string(message),
            "since": .time(since),
            "createdAt": .optional(createdAt),
            "summary": .string(summary),
            "images": .strings(images),
            "links": links.isEmpty ? nil : .strings(links),
            "pages": pages.isEmpty
                ? nil : .array(pages.map { ["title": .string($0.title), "url": .string($0.url)] }),
            "uid": .optional(uid),
        ]
    }
}

extension SyncRecord {
    /// Whether the steps of a sync are part of an answer.
    enum Detail { case whole, withoutSteps }

    /// The *Sync* of docs/api.md.
    func answer(_ detail: Detail) -> JSON {
        var answer: JSON = [
            "number": .count(number),
            "cause": .string(cause.rawValue),
            "result": .string(result.rawValue),
            "revision": revision?.answer ?? .null,
            "seenAt": seenAt.map { .time($0) },
            "renderedAt": renderedAt.map { .time($0) },
            "startedAt": .time(startedAt),
            "appliedAt": .time(appliedAt),
            "finishedAt": .time(finishedAt),
            "retries": .count(retries),
            "created": .count(created),
            "updated": .count(updated),
            "deleted": .count(deleted),
            "message": .string(message),
            "person": .optional(person),
        ]
        if case .whole = detail { answer["steps"] = .array(steps.map(\.answer)) }
        return answer
    }
}

extension SyncStep {
    var answer: JSON {
        [
            "object": .string(object), "action": .string(action.rawValue), "state": .string(state.rawValue),
            "message": .string(message), "since": .time(since),
            "trail": .array(
                trail.map {
                    [
                        "state": .string($0.state.rawValue), "message": .string($0.message),
                        "since": .time($0.since),
                    ]
                }
            ),
        ]
    }
}

extension ObjectDiff {
    var answer: JSON {
        [
            "object": .string(object), "action": .string(action.rawValue), "reason": .string(reason),
            "fields": .array(fields.map(\.answer)),
        ]
    }
}

extension ObjectDiff.Field {
    /// A side that does not have the field has no key here, so that it differs from one that says `null`.
    var answer: JSON {
        var answer: JSON = [
            "path": .string(path), "manager": .optional(manager), "time": .optional(time),
        ]
        answer["live"] = live
        answer["desired"] = desired
        return answer
    }
}

extension ObjectEvent {
    var answer: JSON {
        [
            "time": .string(time), "type": .string(type), "reason": .string(reason),
            "object": .string(object),
            "message": .string(message), "count": .count(count),
        ]
    }
}

extension ObjectManifests {
    var answer: JSON {
        ["live": live?.json ?? .null, "desired": desired?.json ?? .null, "origin": .optional(origin)]
    }
}
