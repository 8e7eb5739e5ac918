import KubeModel

/// What a definition that is being deleted says of it, in its condition `Terminating`.
enum DefinitionTermination {
    static func pending(_ definition: KubeObject, now: String) -> KubeObject {
        told(
            definition,
            "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
            now
        )
    }

    static func inProgress(_ definition: KubeObject, now: String) -> KubeObject {
        told(definition, "InstanceDeletionInProgress", "CustomResource deletion is in progress", now)
    }

    private static func told(
        _ definition: KubeObject,
        _ reason: String,
        _ message: String,
        _ now: String
    ) -> KubeObject {
        var result = definition
        var conditions = DefinitionConditions(definition)
        conditions.set("Terminating", true, reason, message, now: now)
        result.set(conditions.json, at: "status", "conditions")
        return result
    }
}

/// The conditions of a definition, in their order.
struct DefinitionConditions {
    private var list: [JSON]

    init(_ definition: KubeObject) { list = definition.at("status", "conditions")?.array ?? [] }

    var json: JSON { .array(list) }

    /// Keeps the time of the last transition where the status stays.
    mutating func set(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String, now: String) {
        let status: JSON = isTrue ? "True" : "False"
        let place = list.firstIndex { $0["type"]?.string == type }
        let old = place.map { list[$0] }
        if let old, old["status"] == status, old["reason"]?.string == reason,
            old["message"]?.string == message
        {
            return
        }
        let isSame = old?["status"] == status
        let time = isSame ? old?["lastTransitionTime"] ?? .string(now) : .string(now)
        let condition: JSON = [
            "type": .string(type), "status": status, "reason": .string(reason), "message": .string(message),
            "lastTransitionTime": time,
        ]
        if let place { list[place] = condition } else { list.append(condition) }
    }

    mutating func remove(_ type: String) { list.removeAll { $0["type"]?.string == type } }
}

extension StatusError {
    /// Nothing more may come where everything is being removed.
    static func terminating(_ resource: GroupVersionResource) -> StatusError {
        StatusError(
            code: 405,
            reason: "MethodNotAllowed",
            message: "create not allowed while custom resource definition is terminating",
            details: ["group": .string(resource.group), "kind": .string(resource.resource)]
        )
    }
}
