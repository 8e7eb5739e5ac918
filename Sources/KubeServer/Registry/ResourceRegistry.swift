package import KubeModel
import Synchronization

/// The verbs that write, with everything that happens between a decoded request and the store: defaulting, validation,
/// admission, patching, server-side apply, generation, finalizers and graceful deletion.
///
/// The pipeline (Serving) has authenticated and authorized the request and found the ``ResourceDefinition``. Verbs throw
/// `StatusError` for refusals, in Kubernetes' words; a write that loses a race against another is computed anew.
package final class ResourceRegistry: Sendable {
    let store: ClusterStore
    let authorizer: Authorizer?
    let admission: AdmissionChain
    let addresses: ServiceAllocation
    let settings: ServerSettings
    private let builtIn: BuiltInResources
    private let custom = Mutex(CustomCatalog())

    private struct CustomCatalog {
        var byDefinition: [String: [ServedResource]] = [:]
        var byResource: [GroupVersionResource: ServedResource] = [:]
    }

    /// - Parameters:
    ///   - store: Its CustomResourceDefinitions are served, now and whenever they change.
    ///   - authorizer: Keeps users from granting rights that they lack; without one they may.
    package convenience init(store: ClusterStore, authorizer: Authorizer? = nil) {
        self.init(store: store, authorizer: authorizer, settings: ServerSettings())
    }

    init(store: ClusterStore, authorizer: Authorizer?, settings: ServerSettings) {
        self.store = store
        self.authorizer = authorizer
        self.settings = settings
        builtIn = BuiltInResources.shared
        admission = AdmissionChain(store: store, settings: settings)
        addresses = ServiceAllocation(store: store, network: settings.network)
        store.observe(CustomResources.definitions) { [weak self] event in
            self?.serve(event.kind == .removed ? nil : event.object, named: event.name.name)
        }
    }

    /// Serves what a definition says, or nothing of it any more.
    private func serve(_ definition: KubeObject?, named name: String) {
        let resources = definition.map(CustomResources.resources(of:)) ?? []
        custom.withLock { catalog in
            for old in catalog.byDefinition[name] ?? [] { catalog.byResource[old.definition.gvr] = nil }
            catalog.byDefinition[name] = resources.isEmpty ? nil : resources
            for resource in resources { catalog.byResource[resource.definition.gvr] = resource }
        }
    }

    func resource(_ gvr: GroupVersionResource) -> ServedResource? {
        builtIn.byResource[gvr] ?? custom.withLock { $0.byResource[gvr] }
    }

    /// - Throws: 404 for a resource that went away since the request was routed.
    func required(_ definition: ResourceDefinition) throws -> ServedResource {
        guard let resource = resource(definition.gvr) else { throw StatusError.notServed }
        return resource
    }

    /// Served resources: built-in ones from the data files, and those of established CustomResourceDefinitions.
    package func definition(of gvr: GroupVersionResource) -> ResourceDefinition? { resource(gvr)?.definition }

    package var definitions: [ResourceDefinition] {
        let resources = custom.withLock { $0.byDefinition.values.flatMap { $0 } }
        return (builtIn.resources + resources).map(\.definition)
    }

    /// An object as stored, converted to a served version (defaults of that version applied).
    package func convert(_ object: KubeObject, to definition: ResourceDefinition) -> KubeObject {
        resource(definition.gvr)?.served(object) ?? object
    }

    /// What a custom resource's definition says of a served version; `nil` for built-in kinds.
    func customVersion(of gvr: GroupVersionResource) -> CustomResourceVersion? { resource(gvr)?.custom }
}
