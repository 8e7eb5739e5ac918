import KubeClient
import KubeModel
import KubeRuntime

/// The history of the templates of a StatefulSet or DaemonSet: ControllerRevision objects.
struct ControllerRevisions {
    let cluster: WorkloadCluster
    let owner: KubeObject

    /// The label that has the hash: DaemonSets have another one than StatefulSets.
    static func hashLabel(of kind: String) -> String {
        kind == "DaemonSet" ? "controller-revision-hash" : "controller.kubernetes.io/hash"
    }

    /// What a revision keeps of its owner.
    private var data: JSON {
        var template = owner.spec["template"] ?? [:]
        template["$patch"] = "replace"
        return ["spec": ["template": template]]
    }

    static func template(of revision: KubeObject) -> JSON {
        var template = revision.at("data", "spec", "template") ?? [:]
        template["$patch"] = nil
        return template
    }

    /// The known revisions, oldest first.
    func all() -> [KubeObject] {
        cluster.informer(.controllerRevisions).list(controlledBy: owner.uid)
            .sorted { ($0["revision"]?.int ?? 0, $0.name) < ($1["revision"]?.int ?? 0, $1.name) }
    }

    /// The revision of the owner's template: made if it is new, moved to the end if it is an old one; `nil` in a namespace that
    /// is being deleted.
    func current() async throws -> KubeObject? {
        let known = all()
        let last = known.last?["revision"]?.int ?? 0
        if let same = known.last(where: {
            TemplateHash.normalized(Self.template(of: $0)) == normalizedTemplate
        }) {
            if same.uid == known.last?.uid { return same }
            let patch: JSON = ["revision": .integer(Int64(last + 1))]
            return try await cluster.patch(.controllerRevisions, same.objectName, patch)
        }
        let hash = TemplateHash.name(
            of: owner.spec["template"] ?? [:],
            collisions: owner.at("status", "collisionCount")?.int ?? 0
        )
        var revision = KubeObject(
            apiVersion: "apps/v1",
            kind: "ControllerRevision",
            namespace: owner.namespace,
            name: "\(owner.name)-\(hash)"
        )
        var labels = owner.at("spec", "template", "metadata", "labels") ?? [:]
        labels[Self.hashLabel(of: owner.kind)] = .string(hash)
        revision.set(labels, at: "metadata", "labels")
        revision.annotations = owner.annotations
        revision.set([OwnerReference(controlledBy: owner).json], at: "metadata", "ownerReferences")
        revision["data"] = data
        revision["revision"] = .integer(Int64(last + 1))
        do {
            return try await cluster.create(.controllerRevisions, revision)
        } catch let error as StatusError where error.isNamespaceTerminating {
            return nil
        } catch let error as StatusError where error.isAlreadyExists {
            return try await cluster.client.get(.controllerRevisions, revision.objectName)
        }
    }

    private var normalizedTemplate: JSON { TemplateHash.normalized(owner.spec["template"] ?? [:]) }

    /// Removes the oldest revisions that nothing uses, beyond the history limit.
    func cleanUp(using used: Set<String>) async throws {
        let limit = owner.at("spec", "revisionHistoryLimit")?.int ?? 10
        let unused = all().filter { !used.contains($0.name) }
        for revision in unused.prefix(max(0, unused.count - limit)) {
            try await cluster.delete(.controllerRevisions, revision)
        }
    }
}

extension KubeObject {
    /// The revision by which a pod of a StatefulSet or DaemonSet was made.
    var revisionHash: String { label("controller-revision-hash") ?? "" }
}
