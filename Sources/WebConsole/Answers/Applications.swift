import Delivery
import KubeModel

extension ApplicationSnapshot {
    /// The *Application* of docs/api.md.
    ///
    /// - Parameter images: What its objects run.
    func answer(images: [String]) -> JSON {
        [
            "id": .string(id.description),
            "tenant": .string(id.tenant),
            "cluster": .string(id.cluster),
            "namespace": .string(id.namespace),
            "repository": .string(repositoryURL),
            "branch": .string(branch),
            "path": .string(path),
            "tool": .optional(tool),
            "sync": .string(sync.rawValue),
            "health": .string(health.rawValue),
            "message": .string(message),
            "since": .time(since),
            "desired": desired?.answer ?? .null,
            "applied": applied?.answer ?? .null,
            "appliedAt": .time(appliedAt),
            "healthyAt": .time(healthyAt),
            "counts": counts.answer,
            "findings": .array(findings.map(\.answer)),
            "images": .strings(images),
            "pin": pin?.answer ?? .null,
            "pause": pause?.answer ?? .null,
        ]
    }
}

extension ApplicationSnapshot.Revision {
    var answer: JSON {
        [
            "commit": .string(commit), "author": .string(author), "subject": .string(subject),
            "time": .time(time),
        ]
    }
}

extension ApplicationSnapshot.Counts {
    var answer: JSON {
        [
            "total": .count(total), "synced": .count(synced), "healthy": .count(healthy),
            "progressing": .count(progressing), "degraded": .count(degraded),
        ]
    }
}

extension Finding {
    var answer: JSON {
        [
            "severity": .string(severity.rawValue),
            "code": .string(code.rawValue),
            "message": .string(message),
            "origin": .optional(origin),
            "object": .optional(object),
            "field": .optional(field),
            "since": .time(since),
        ]
    }
}

extension Pin {
    var answer: JSON {
        [
            "commit": .string(commit), "subject": .string(subject), "reason": .string(reason),
            "person": .string(person), "since": .time(since), "expiresAt": .time(expiresAt),
        ]
    }
}

extension Pause {
    var answer: JSON {
        ["reason": .string(reason), "person": .string(person), "since": .time(since)]
    }
}
