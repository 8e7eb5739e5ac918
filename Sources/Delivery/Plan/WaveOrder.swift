import KubeModel

/// The wave of each object: as annotated, but a Namespace or CustomResourceDefinition moves ahead of its first user.
package struct WaveOrder: Sendable {
    private var namespaces: [String: Int] = [:]
    private var kinds: [String: Int] = [:]

    package init(_ objects: [DesiredObject]) {
        guard objects.contains(where: { $0.rules.wave != 0 }) else { return }
        for object in objects {
            let wave = object.rules.wave
            if !object.reference.namespace.isEmpty {
                namespaces[object.reference.namespace] = min(
                    wave,
                    namespaces[object.reference.namespace] ?? wave
                )
            }
            let kind = "\(object.reference.group)/\(object.reference.kind)"
            kinds[kind] = min(wave, kinds[kind] ?? wave)
        }
    }

    package func wave(of desired: DesiredObject) -> Int {
        let wave = desired.rules.wave
        switch desired.reference.kind {
        case "Namespace": return min(wave, namespaces[desired.reference.name] ?? wave)
        case "CustomResourceDefinition":
            let group = desired.object.at("spec", "group")?.string ?? ""
            let kind = desired.object.at("spec", "names", "kind")?.string ?? ""
            return min(wave, kinds["\(group)/\(kind)"] ?? wave)
        default: return wave
        }
    }
}
