import KubeModel

extension ObjectDiff {
    /// How an object of a plan differs, field by field; Secrets' values are masked.
    package static func fields(of step: Plan.Step) -> [Field] {
        guard let desired = step.desired?.object, let live = step.live else { return [] }
        let ownership = FieldOwnership(live)
        let differences = FieldComparison.differences(
            desired: desired,
            live: live,
            owned: ownership.applied(by: Planner.manager)
        )
        let isSecret = Secrecy.isSecret(desired)
        return differences.map { difference in
            let owner = ownership.owner(of: difference.fields, besides: Planner.manager)
            let isHidden = isSecret && difference.path.hasPrefix("data")
            return Field(
                path: difference.path,
                live: isHidden ? difference.live.map { _ in .string(Secrecy.mask) } : difference.live,
                desired: isHidden
                    ? difference.desired.map { _ in .string(Secrecy.mask) } : difference.desired,
                manager: owner?.manager,
                time: owner?.time
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
