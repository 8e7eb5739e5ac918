package import GitSource
package import KubeClient
package import Logging
package import Rendering

/// Delivers directories of repositories to namespaces of clusters, and keeps them so.
package actor DeliveryService {
    package nonisolated let board: Board

    /// - Parameters:
    ///   - admin: The admin cluster, where `Application` objects are written.
    ///   - clock: Seconds since 1970.
    package init(
        admin: KubeClient,
        watcher: RepositoryWatcher,
        renderer: Renderer,
        clusters: any ClusterDirectory,
        policy: any DeliveryPolicy,
        logger: Logger
    ) { fatalError("H6 implements") }

    /// Replaces the set of repositories to deliver from; called whenever tenants change.
    package func setSources(_ sources: [TenantSource]) async { fatalError("H6 implements") }

    /// Makes one more directory an application whose objects may be of any kind and scope, each file by itself: a mistake in
    /// one file harms only the objects of that file. For the platform repository into the admin cluster.
    package func addPlatformSource(_ source: PlatformSource) async { fatalError("H6 implements") }

    /// Runs until cancelled.
    package func run() async throws { fatalError("H6 implements") }

    // MARK: Actions

    /// Syncs now, whatever autoSync and backoff say.
    package func sync(_ id: ApplicationID, by person: String) async throws { fatalError("H6 implements") }
    /// Lets the held deletions of an application happen (all, or those named by object id).
    package func approve(_ id: ApplicationID, objects: [String]?, by person: String) async throws {
        fatalError("H6 implements")
    }

    // MARK: Looking closer

    /// Differences per object: what a sync would do now, field by field. Values of Secrets are masked.
    package func diff(of id: ApplicationID) async throws -> [ObjectDiff] { fatalError("H6 implements") }
    /// Events of the application's objects, newest last, as the cluster has them.
    package func events(of id: ApplicationID) async throws -> [ObjectEvent] { fatalError("H6 implements") }
    /// One live object, Secrets masked, without managedFields; and the desired manifest.
    package func object(_ object: String, of id: ApplicationID) async throws -> ObjectManifests {
        fatalError("H6 implements")
    }
    /// The log of a pod of the application.
    package func log(
        ofPod pod: String,
        container: String?,
        tail: Int,
        follow: Bool,
        previous: Bool,
        of id: ApplicationID
    ) async throws
        -> AsyncThrowingStream<[UInt8], any Error>
    { fatalError("H6 implements") }
}

/// The platform repository as a source: the directories whose files hold objects of the admin cluster.
package struct PlatformSource: Sendable, Hashable {
    package var id: ApplicationID
    package var repository: String
    package var branch: String
    /// Directories of the repository; other files are left alone.
    package var directories: [String]

    package init(id: ApplicationID, repository: String, branch: String, directories: [String]) {
        self.id = id
        self.repository = repository
        self.branch = branch
        self.directories = directories
    }
}
