import KubeModel

enum VolumeDefaults {
    static func apply(_ volume: inout JSON) {
        guard let members = volume.object else { return }
        if members.keys.allSatisfy({ $0 == "name" }) {
            volume["emptyDir"] = [:]
            return
        }
        for kind in members.keys where kind != "name" { volume.edit(kind) { source(kind, &$0) } }
    }

    private static func source(_ kind: String, _ source: inout JSON) {
        switch kind {
        case "secret", "configMap": source.setDefault("defaultMode", 420)
        case "downwardAPI":
            source.setDefault("defaultMode", 420)
            downwardItems(&source)
        case "projected":
            source.setDefault("defaultMode", 420)
            source.editElements(of: "sources") { projection in
                projection.edit("downwardAPI", downwardItems)
                projection.edit("serviceAccountToken") { $0.setDefault("expirationSeconds", 3600) }
            }
        case "hostPath": source.setDefault("type", "")
        case "ephemeral":
            source.edit("volumeClaimTemplate") { template in
                template.edit("spec") { $0.setDefault("volumeMode", "Filesystem") }
            }
        case "azureDisk":
            source.setDefault("cachingMode", "ReadWrite")
            source.setDefault("kind", "Shared")
            source.setDefault("fsType", "ext4")
            source.setDefault("readOnly", false)
        case "iscsi": source.setDefault("iscsiInterface", "default")
        case "rbd":
            source.setDefault("pool", "rbd")
            source.setDefault("user", "admin")
            source.setDefault("keyring", "/etc/ceph/keyring")
        case "scaleIO":
            source.setDefault("storageMode", "ThinProvisioned")
            source.setDefault("fsType", "xfs")
        case "image": break
        default: break
        }
    }

    private static func downwardItems(_ source: inout JSON) {
        source.editElements(of: "items") { item in
            item.edit("fieldRef") { $0.setDefault("apiVersion", "v1") }
        }
    }
}
