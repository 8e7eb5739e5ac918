import KubeModel

extension ObjectDiff {
    /// How an object of a plan differs, field by field; Secrets' values are masked.
    package static func fields(of step: Plan.Step) -> [Field] {
        guard let desired = step.desired, let live = step.live, step.action == .update else { return [] }
        let isSecret = Secrecy.isSecret(live)
        let changes =
            step.changes.isEmpty ? FieldChanges(of: desired, on: live, schema: nil).changes : step.changes
        return changes.map { change in
            let isHidden = isSecret && change.path.hasPrefix("data")
            func shown(_ value: JSON?) -> JSON? {
                isHidden ? value.map { _ in .string(Secrecy.mask) } : value
            }
            return Field(
                path: change.path,
                live: shown(change.live),
                desired: shown(change.desired),
                manager: change.manager,
                time: change.time
            )
        }
    }
}

extension ObjectEvent {
    /// From an event as clusters keep it.
    init(_ event: KubeObject, about reference: ObjectReference) {
        let time =
            event["series"]?["lastObservedTime"]?.string ?? event["lastTimestamp"]?.string ?? event[
                "eventTime"
            ]?.string
            ?? event.creationTimestamp ?? ""
        self.init(
            time: time,
            type: event["type"]?.string ?? "Normal",
            reason: event["reason"]?.string ?? "",
            object: reference.description,
            message: event["message"]?.string ?? event["note"]?.string ?? "",
            count: event["count"]?.int ?? event["series"]?["count"]?.int ?? 1
        )
    }
}
