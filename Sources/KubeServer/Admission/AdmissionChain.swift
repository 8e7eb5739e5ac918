import KubeModel

/// What admission is told of a write.
struct AdmissionRequest: Sendable {
    enum Operation: Sendable { case create, update, delete }

    var resource: ServedResource
    var operation: Operation
    var name: ObjectName
    var user: UserInfo
    var isDryRun: Bool
    /// What is changed or deleted.
    var old: KubeObject?
    var subresource: String?

    var storageKey: String { resource.definition.storageKey }
    var gvr: GroupVersionResource { resource.gvr }

    func forbidden(_ reason: String, causes: [JSON] = []) -> StatusError {
        .forbidden(gvr, name.name, reason, causes: causes)
    }
}

/// The server's own admission plugins: what they fill in, and what they refuse.
///
/// Everything they look up is in the store's memory; nothing waits.
struct AdmissionChain: Sendable {
    let store: ClusterStore
    var settings = ServerSettings()
    /// Entered by creations in namespaces with quotas.
    let quotas = QuotaGate()

    /// The namespace whose gate a creation has to pass, if it has one.
    func gate(_ object: KubeObject) -> String? {
        guard store.count("resourcequotas") > 0, !object.namespace.isEmpty else { return nil }
        return store.list("resourcequotas", namespace: object.namespace).items.isEmpty
            ? nil : object.namespace
    }

    /// Before validation: may change the object.
    ///
    /// - Throws: `StatusError` for what may not be.
    func admit(_ object: inout KubeObject, _ request: AdmissionRequest) throws {
        if request.operation == .create { try NamespaceLifecycle(store: store).admit(request) }
        switch (request.storageKey, request.operation) {
        case ("pods", .create):
            if settings.admission == .kubeadm {
                try ServiceAccountAdmission(store: store).admit(&object, request)
            }
            DefaultTolerations.apply(to: &object)
            try PriorityAdmission(store: store).admit(&object, request)
            try LimitRanger(store: store).fill(&object)
            try RuntimeClassAdmission(store: store).admit(&object, request)
        case ("pods", .update):
            if request.subresource == nil { DefaultTolerations.apply(to: &object) }
        case ("certificatesigningrequests.certificates.k8s.io", .create):
            SigningRequestAdmission.admit(&object, request)
        case ("persistentvolumeclaims", .create):
            StorageAdmission(store: store).admit(claim: &object)
        case ("persistentvolumes", .create):
            StorageAdmission.protect(&object, "kubernetes.io/pv-protection")
        default: break
        }
    }

    /// Waits for what is about to be made: the account of a pod in a new namespace.
    func settle(_ object: KubeObject, _ resource: ServedResource) async {
        guard settings.admission == .kubeadm, resource.definition.storageKey == "pods" else { return }
        await ServiceAccountAdmission(store: store).awaitAccount(of: object)
    }

    /// What is told of an object that is taken.
    func warnings(_ object: KubeObject, _ resource: ServedResource, replacing old: KubeObject?) -> [String] {
        PodSecurity(store: store).warnings(object, storageKey: resource.definition.storageKey, old: old)
    }

    /// After validation: only says no.
    func validate(_ object: KubeObject, _ request: AdmissionRequest) throws {
        guard request.subresource == nil else { return }
        if request.storageKey == "pods" {
            try PodSecurity(store: store).admit(object, request)
            if request.operation == .create { try LimitRanger(store: store).check(pod: object, request) }
        }
        if request.storageKey == "namespaces" {
            try PodSecurity(store: store).admit(namespace: object, request)
        }
        if request.storageKey == "persistentvolumeclaims", request.operation == .create {
            try LimitRanger(store: store).check(claim: object, request)
        }
        if request.operation == .create, request.resource.definition.isNamespaced {
            try QuotaAdmission(store: store).admit(object, request)
        }
    }

    func admitDeletion(_ request: AdmissionRequest) throws {
        try NamespaceLifecycle(store: store).admitDeletion(request)
    }
}
