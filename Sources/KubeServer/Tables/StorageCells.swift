import KubeModel

/// Rows of volumes, claims and classes.
enum StorageCells {
    private static let modes = [
        "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP",
    ]

    private static func modes(_ json: [JSON]) -> String {
        let given = Set(json.compactMap(\.string))
        return ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
            .filter(given.contains).compactMap { modes[$0] }.joined(separator: ",")
    }

    static func claim(_ cells: Cells) -> [JSON] {
        let phase = cells.object.isBeingDeleted ? "Terminating" : cells.text("status", "phase")
        let volume = cells.text("spec", "volumeName")
        let isBound = !volume.isEmpty
        return [
            cells.name, .string(phase), .string(volume),
            .string(isBound ? cells.text("status", "capacity", "storage") : ""),
            .string(isBound ? modes(cells.list("status", "accessModes")) : ""), .string(storageClass(cells)),
            attributesClass(cells), cells.age, mode(cells),
        ]
    }

    static func volume(_ cells: Cells) -> [JSON] {
        let phase = cells.object.isBeingDeleted ? "Terminating" : cells.text("status", "phase")
        let claim = cells.text("spec", "claimRef", "name")
        return [
            cells.name, .string(cells.text("spec", "capacity", "storage")),
            .string(modes(cells.list("spec", "accessModes"))),
            .string(cells.text("spec", "persistentVolumeReclaimPolicy")), .string(phase),
            .string(claim.isEmpty ? "" : "\(cells.text("spec", "claimRef", "namespace"))/\(claim)"),
            .string(storageClass(cells)), attributesClass(cells), .string(cells.text("status", "reason")),
            cells.age,
            mode(cells),
        ]
    }

    private static func storageClass(_ cells: Cells) -> String {
        cells.object.annotation("volume.beta.kubernetes.io/storage-class")
            ?? cells.text("spec", "storageClassName")
    }

    private static func attributesClass(_ cells: Cells) -> JSON {
        let name = cells.text("spec", "volumeAttributesClassName")
        return .string(name.isEmpty ? "<unset>" : name)
    }

    private static func mode(_ cells: Cells) -> JSON {
        let mode = cells.text("spec", "volumeMode")
        return .string(mode.isEmpty ? "<unset>" : mode)
    }

    static func storageClass(_ cells: Cells) -> [JSON] {
        let isDefault = cells.object.annotation("storageclass.kubernetes.io/is-default-class") == "true"
        let reclaim = cells.text("reclaimPolicy")
        let binding = cells.text("volumeBindingMode")
        return [
            .string(cells.object.name + (isDefault ? " (default)" : "")), .string(cells.text("provisioner")),
            .string(reclaim.isEmpty ? "Delete" : reclaim), .string(binding.isEmpty ? "Immediate" : binding),
            .bool(cells.at("allowVolumeExpansion")?.bool ?? false), cells.age,
        ]
    }

    static func csiDriver(_ cells: Cells) -> [JSON] {
        let audiences = cells.list("spec", "tokenRequests").map { $0["audience"]?.string ?? "" }
        let modes = cells.list("spec", "volumeLifecycleModes").compactMap(\.string)
        return [
            cells.name, .bool(cells.at("spec", "attachRequired")?.bool ?? true),
            .bool(cells.at("spec", "podInfoOnMount")?.bool ?? false),
            .bool(cells.at("spec", "storageCapacity")?.bool ?? false),
            .string(audiences.isEmpty ? "<unset>" : audiences.joined(separator: ",")),
            .bool(cells.at("spec", "requiresRepublish")?.bool ?? false),
            .string(modes.isEmpty ? "<none>" : modes.joined(separator: ",")), cells.age,
        ]
    }

    static func attachment(_ cells: Cells) -> [JSON] {
        [
            cells.name, .string(cells.text("spec", "attacher")),
            .string(cells.text("spec", "source", "persistentVolumeName")),
            .string(cells.text("spec", "nodeName")),
            .bool(cells.at("status", "attached")?.bool ?? false), cells.age,
        ]
    }
}
