import KubeModel

/// The phase and wave of each object: as annotated, but a Namespace or CustomResourceDefinition moves ahead of its first user.
package struct WaveOrder: Sendable {
    package typealias Place = (phase: SyncPhase, wave: Int)

    private var namespaces: [String: Place] = [:]
    private var kinds: [String: Place] = [:]

    package init(_ objects: [DesiredObject]) {
        guard objects.contains(where: { $0.rules.wave != 0 || $0.rules.hook != nil }) else { return }
        for object in objects where object.rules.hook != .skip {
            let place = (object.rules.phase, object.rules.wave)
            if !object.reference.namespace.isEmpty {
                namespaces[object.reference.namespace] = Self.first(
                    place,
                    namespaces[object.reference.namespace]
                )
            }
            let kind = "\(object.reference.group)/\(object.reference.kind)"
            kinds[kind] = Self.first(place, kinds[kind])
        }
    }

    package func place(of desired: DesiredObject) -> Place {
        let own = (desired.rules.phase, desired.rules.wave)
        switch desired.reference.kind {
        case "Namespace" where desired.reference.group.isEmpty:
            return Self.first(own, namespaces[desired.reference.name])
        case "CustomResourceDefinition":
            let group = desired.object.at("spec", "group")?.string ?? ""
            let kind = desired.object.at("spec", "names", "kind")?.string ?? ""
            return Self.first(own, kinds["\(group)/\(kind)"])
        default: return own
        }
    }

    private static func first(_ left: Place, _ right: Place?) -> Place {
        guard let right else { return left }
        return (right.phase, right.wave) < (left.phase, left.wave) ? right : left
    }
}
