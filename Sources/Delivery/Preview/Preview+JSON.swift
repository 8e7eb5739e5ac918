package import KubeModel

extension Preview {
    /// The *Plan* of docs/api.md.
    package var json: JSON {
        var counts: [SyncStep.Action: Int] = [:]
        for application in applications {
            for object in application.objects { counts[object.action, default: 0] += 1 }
        }
        func count(_ action: SyncStep.Action) -> JSON { .integer(Int64(counts[action] ?? 0)) }
        var json = summary
        json["counts"] = [
            "create": count(.create), "update": count(.update), "delete": count(.delete),
            "hold": count(.hold),
            "refuse": count(.refuse), "hook": count(.hook),
        ]
        json["applications"] = .array(applications.map(\.json))
        return json
    }

    /// What a list of plans says of each.
    package var summary: JSON {
        [
            "id": .string(id),
            "link": .string("/plans/\(id)"),
            "repository": .string(repository),
            "reference": .string(reference),
            "revision": [
                "commit": .string(revision.commit), "author": .string(revision.author),
                "subject": .string(revision.subject), "time": .double(revision.time),
            ],
            "against": .array(
                bases.sorted { $0.key < $1.key }.map { branch, commit in
                    ["branch": .string(branch), "commit": .string(commit)]
                }
            ),
            "merged": .bool(isMerged),
            "madeAt": .double(madeAt),
            "outcome": .string(outcome.rawValue),
            "changed": .integer(Int64(applications.count)),
            "unchanged": .integer(Int64(unchanged)),
        ]
    }
}

extension ApplicationPreview {
    var json: JSON {
        [
            "id": .string(id.description),
            "tenant": .string(id.tenant),
            "cluster": .string(id.cluster),
            "namespace": .string(id.namespace),
            "path": .string(path),
            "presence": .string(presence.rawValue),
            "movedTo": movedTo.map { .string($0.description) } ?? .null,
            "movedFrom": movedFrom.map { .string($0.description) } ?? .null,
            "outcome": .string(outcome.rawValue),
            "tool": tool.map { .string($0) } ?? .null,
            "notes": .array(notes.map { .string($0) }),
            "unchanged": .integer(Int64(unchanged)),
            "objects": .array(objects.map(\.json)),
            "findings": .array(findings.map(\.previewJSON)),
        ]
    }
}

extension ObjectPreview {
    var json: JSON {
        [
            "object": .string(object),
            "action": .string(action.rawValue),
            "reason": .string(reason),
            "phase": .string(phase),
            "wave": .integer(Int64(wave)),
            "origin": origin.map { .string($0) } ?? .null,
            "failure": failure.map { .string($0) } ?? .null,
            "fields": .array(
                fields.map { field in
                    var json: JSON = [
                        "path": .string(field.path), "manager": field.manager.map { .string($0) } ?? .null,
                        "time": field.time.map { .string($0) } ?? .null,
                    ]
                    // A side that does not have the field has no key here.
                    json["live"] = field.live
                    json["desired"] = field.desired
                    return json
                }
            ),
        ]
    }
}

extension Finding {
    fileprivate var previewJSON: JSON {
        [
            "severity": .string(severity.rawValue),
            "code": .string(code.rawValue),
            "message": .string(message),
            "origin": origin.map { .string($0) } ?? .null,
            "object": object.map { .string($0) } ?? .null,
            "field": field.map { .string($0) } ?? .null,
        ]
    }
}
