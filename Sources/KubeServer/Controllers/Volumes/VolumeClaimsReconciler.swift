import KubeClient
import KubeModel
import KubeRuntime

/// Binds PersistentVolumeClaims: to a volume that fits, or to one that a simulated provisioner makes.
struct VolumeClaimsReconciler: Reconciler {
    let cluster: WorkloadCluster

    static let storageClasses = APIResource(
        gvr: GroupVersionResource(group: "storage.k8s.io", version: "v1", resource: "storageclasses"),
        kind: "StorageClass",
        isNamespaced: false,
        verbs: ["get", "list", "watch", "create", "delete"]
    )
    static let provisioner = "sim.varde.dev/provisioner"
    private static let protection = "kubernetes.io/pvc-protection"
    private static let source = EventSource(component: "persistentvolume-controller")

    static func controller(_ cluster: WorkloadCluster) -> Controller<VolumeClaimsReconciler> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let claims = cluster.informer(.persistentVolumeClaims)
        queue.feed(from: claims)
        cluster.informer(.persistentVolumes).onEvery { volume in
            // A name without a namespace is a volume's own.
            queue.enqueue(ObjectName(name: volume.name))
            if let name = volume.at("spec", "claimRef", "name")?.string {
                queue.enqueue(
                    ObjectName(
                        namespace: volume.at("spec", "claimRef", "namespace")?.string ?? "",
                        name: name
                    )
                )
            } else {
                for claim in claims.list() where claim.at("status", "phase")?.string != "Bound" {
                    queue.enqueue(claim.objectName)
                }
            }
        }
        cluster.informer(storageClasses).onEvery { _ in
            for claim in claims.list() where claim.at("status", "phase")?.string != "Bound" {
                queue.enqueue(claim.objectName)
            }
        }
        // A claim that is being deleted goes when the last pod that uses it has gone.
        cluster.informer(.pods).onChange { change in
            guard case .removed(let pod) = change else { return }
            for volume in pod.at("spec", "volumes")?.array ?? [] {
                guard let name = volume.at("persistentVolumeClaim", "claimName")?.string else { continue }
                queue.enqueue(ObjectName(namespace: pod.namespace, name: name))
            }
        }
        return Controller(
            name: "persistentvolume-binder",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 2,
            logger: cluster.logger
        )
    }

    /// The class that the simulated provisioner serves, made once for a cluster.
    static func installClass(_ cluster: WorkloadCluster) async throws {
        let object = KubeObject([
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": .string(provisioner),
            "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": true,
            "metadata": [
                "name": "standard",
                "annotations": [
                    "storageclass.kubernetes.io/is-default-class": "true", NodeFactory.simulated: "true",
                ],
            ],
        ])
        guard cluster.informer(storageClasses).list().isEmpty else { return }
        do {
            try await cluster.create(storageClasses, object)
        } catch let error as StatusError where error.isAlreadyExists {
        }
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        if name.namespace.isEmpty {
            if let volume = cluster.informer(.persistentVolumes).get(name) { try await settle(volume) }
            return .settled
        }
        guard let claim = cluster.informer(.persistentVolumeClaims).get(name) else {
            try await reclaim(name)
            return .settled
        }
        if claim.isBeingDeleted {
            try await letGo(claim)
            return .settled
        }
        if claim.at("status", "phase")?.string == "Bound" { return .settled }
        if claim.at("spec", "storageClassName") == nil, try await assignDefaultClass(claim) {
            return .settled
        }
        let className = claim.at("spec", "storageClassName")?.string ?? ""
        if let volume = matchingVolume(claim, className) {
            try await bind(claim, to: volume)
            return .settled
        }
        guard let storage = cluster.informer(Self.storageClasses).get(ObjectName(name: className)) else {
            if !className.isEmpty {
                let message = "storageclass.storage.k8s.io \"\(className)\" not found"
                cluster.events.record(
                    "ProvisioningFailed",
                    message,
                    type: .warning,
                    about: claim,
                    from: Self.source
                )
            }
            return .settled
        }
        guard storage["provisioner"]?.string == Self.provisioner else { return .settled }
        let volume = try await provision(claim, storage)
        try await bind(claim, to: volume)
        return .settled
    }

    /// Says whether there is a default class.
    private func assignDefaultClass(_ claim: KubeObject) async throws -> Bool {
        let byDefault = cluster.informer(Self.storageClasses).list()
            .first { $0.annotation("storageclass.kubernetes.io/is-default-class") == "true" }
        guard let byDefault else { return false }
        try await cluster.patch(
            .persistentVolumeClaims,
            claim.objectName,
            ["spec": ["storageClassName": .string(byDefault.name)]]
        )
        return true
    }

    /// A volume that nobody has is there for all; one that is being deleted goes unless a claim has it.
    private func settle(_ volume: KubeObject) async throws {
        if volume.isBeingDeleted {
            let finalizer = "kubernetes.io/pv-protection"
            guard volume.at("status", "phase")?.string != "Bound", volume.finalizers.contains(finalizer)
            else {
                return
            }
            try await removeFinalizer(finalizer, of: volume, .persistentVolumes)
        } else if volume.at("spec", "claimRef") == nil {
            try await offer(volume)
        }
    }

    private func matchingVolume(_ claim: KubeObject, _ className: String) -> KubeObject? {
        let wanted = Quantity(claim.at("spec", "resources", "requests", "storage")) ?? .zero
        let modes = Set((claim.at("spec", "accessModes")?.array ?? []).compactMap(\.string))
        let named = claim.at("spec", "volumeName")?.string ?? ""
        let fitting = cluster.informer(.persistentVolumes).list().filter { volume in
            if volume.isBeingDeleted { return false }
            if let reference = volume.at("spec", "claimRef") {
                return reference["namespace"]?.string == claim.namespace
                    && reference["name"]?.string == claim.name
                    && [nil, claim.uid].contains(reference["uid"]?.string)
            }
            if !named.isEmpty { return volume.name == named }
            let offered = Set((volume.at("spec", "accessModes")?.array ?? []).compactMap(\.string))
            return volume.at("spec", "storageClassName")?.string ?? "" == className
                && modes.isSubset(of: offered)
                && (Quantity(volume.at("spec", "capacity", "storage")) ?? .zero) >= wanted
        }
        return fitting.min { left, right in
            (Quantity(left.at("spec", "capacity", "storage")) ?? .zero)
                < (Quantity(right.at("spec", "capacity", "storage")) ?? .zero)
        }
    }

    private static func reference(to claim: KubeObject) -> JSON {
        [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
            "name": .string(claim.name), "uid": .string(claim.uid),
            "resourceVersion": .string(claim.resourceVersion),
        ]
    }

    private func provision(_ claim: KubeObject, _ storage: KubeObject) async throws -> KubeObject {
        var volume = KubeObject(apiVersion: "v1", kind: "PersistentVolume", name: "pvc-\(claim.uid)")
        volume.annotations = [
            "pv.kubernetes.io/provisioned-by": Self.provisioner, NodeFactory.simulated: "true",
        ]
        volume.spec = [
            "accessModes": claim.at("spec", "accessModes") ?? ["ReadWriteOnce"],
            "capacity": ["storage": claim.at("spec", "resources", "requests", "storage") ?? "1Gi"],
            "claimRef": Self.reference(to: claim),
            "hostPath": ["path": .string("/var/lib/simulated/\(claim.uid)"), "type": ""],
            "persistentVolumeReclaimPolicy": storage["reclaimPolicy"] ?? "Delete",
            "storageClassName": .string(storage.name),
            "volumeMode": claim.at("spec", "volumeMode") ?? "Filesystem",
        ]
        do {
            let created = try await cluster.create(.persistentVolumes, volume)
            let message = "Successfully provisioned volume \(created.name)"
            let source = EventSource(component: Self.provisioner)
            cluster.events.record("ProvisioningSucceeded", message, about: claim, from: source)
            return created
        } catch let error as StatusError where error.isAlreadyExists {
            return try await cluster.client.get(.persistentVolumes, volume.objectName)
        }
    }

    private func bind(_ claim: KubeObject, to volume: KubeObject) async throws {
        if volume.at("spec", "claimRef", "uid")?.string != claim.uid {
            try await cluster.patch(
                .persistentVolumes,
                volume.objectName,
                ["spec": ["claimRef": Self.reference(to: claim)]]
            )
        }
        if volume.at("status", "phase")?.string != "Bound" {
            try await cluster.patch(
                .persistentVolumes,
                volume.objectName,
                ["status": ["phase": "Bound"]],
                subresource: "status"
            )
        }
        let patch: JSON = [
            "metadata": [
                "annotations": [
                    "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes",
                    "volume.kubernetes.io/storage-provisioner": .string(Self.provisioner),
                ]
            ],
            "spec": ["volumeName": .string(volume.name)],
        ]
        let bound = try await cluster.patch(.persistentVolumeClaims, claim.objectName, patch)
        var status = bound.status
        status["phase"] = "Bound"
        status["accessModes"] = volume.at("spec", "accessModes")
        status["capacity"] = volume.at("spec", "capacity")
        try await cluster.updateStatus(.persistentVolumeClaims, of: bound, to: status)
    }

    private func letGo(_ claim: KubeObject) async throws {
        guard claim.finalizers.contains(Self.protection) else { return }
        let isUsed = cluster.informer(.pods).list(namespace: claim.namespace).contains { pod in
            !pod.isPodFinished
                && (pod.at("spec", "volumes")?.array ?? []).contains {
                    $0.at("persistentVolumeClaim", "claimName")?.string == claim.name
                }
        }
        if isUsed { return }
        try await removeFinalizer(Self.protection, of: claim, .persistentVolumeClaims)
    }

    /// Deletes or releases the volume of a claim that has gone.
    private func reclaim(_ name: ObjectName) async throws {
        for volume in cluster.informer(.persistentVolumes).list()
        where volume.at("spec", "claimRef", "name")?.string == name.name
            && volume.at("spec", "claimRef", "namespace")?.string == name.namespace
        {
            // Kept for a claim that is yet to come.
            if volume.at("spec", "claimRef", "uid")?.string?.isEmpty ?? true {
                try await offer(volume)
                continue
            }
            if volume.at("spec", "persistentVolumeReclaimPolicy")?.string == "Delete" {
                if !volume.isBeingDeleted { try await cluster.delete(.persistentVolumes, volume) }
                if volume.finalizers.contains("kubernetes.io/pv-protection") {
                    try await removeFinalizer("kubernetes.io/pv-protection", of: volume, .persistentVolumes)
                }
            } else if volume.at("status", "phase")?.string != "Released" {
                try await cluster.patch(
                    .persistentVolumes,
                    volume.objectName,
                    ["status": ["phase": "Released"]],
                    subresource: "status"
                )
            }
        }
    }

    private func offer(_ volume: KubeObject) async throws {
        guard volume.at("status", "phase")?.string != "Available", !volume.isBeingDeleted else { return }
        let patch: JSON = ["status": ["phase": "Available"]]
        try await cluster.patch(.persistentVolumes, volume.objectName, patch, subresource: "status")
    }

    private func removeFinalizer(
        _ finalizer: String,
        of object: KubeObject,
        _ resource: APIResource
    ) async throws {
        let rest = object.finalizers.filter { $0 != finalizer }
        let patch: JSON = ["metadata": ["finalizers": rest.isEmpty ? .null : .array(rest.map(JSON.string))]]
        do {
            _ = try await cluster.client.patch(resource, object.objectName, merge: patch)
        } catch let error as StatusError where error.isNotFound {
        }
    }
}
