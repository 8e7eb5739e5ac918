package import Delivery
package import Fleet
package import Tenancy

/// What the console and the HTTP API need; ControlPlane supplies it.
package protocol ConsoleBackend: Sendable {
    var board: Board { get }
    func tenants() async -> [TenantSummary]
    func clusters() async -> [ClusterSummary]
    /// An element whenever ``tenants()`` or ``clusters()`` would answer something else.
    func fleetChanges() async -> AsyncStream<Void>

    func sync(_ id: ApplicationID, by person: String) async throws
    func approve(_ id: ApplicationID, objects: [String]?, by person: String) async throws
    func diff(of id: ApplicationID) async throws -> [ObjectDiff]
    func events(of id: ApplicationID) async throws -> [ObjectEvent]
    func object(_ object: String, of id: ApplicationID) async throws -> ObjectManifests
    func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    )
        async throws -> AsyncThrowingStream<[UInt8], any Error>

    /// Looks at repositories now (webhook); all when `nil`.
    func poke(repository: String?) async
}
