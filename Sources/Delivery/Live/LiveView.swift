package import KubeClient
package import KubeModel
import KubeRuntime
package import Logging
import Synchronization

/// What one cluster has of all applications' objects, and of what these made; kept by watching.
///
/// Only resources in which such objects exist or are wanted are watched, and of those only what carries Varde's label;
/// besides these ReplicaSets, Pods and Jobs as soon as something is there that makes them.
package final class LiveView: Sendable {
    /// Why a wake-up is due.
    package enum Wake: Sendable {
        /// An object of the application with this tracking label changed.
        case object(label: String)
        /// Something that an object of the application made changed.
        case child(label: String)
        /// What decides whether objects are allowed in a namespace (or in any) changed.
        case allowances(namespace: String?)
        /// Something in a namespace changed that the health of others there depends on.
        case surroundings(namespace: String)
        /// The cluster's kinds changed.
        case kinds
        /// Whether the cluster answers, or what is known of it, changed.
        case everything
    }

    package let cluster: String
    package let client: KubeClient
    let logger: Logger
    let wake: @Sendable (Wake) -> Void
    let state = Mutex(State())
    private let started: AsyncStream<Informer>
    private let start: AsyncStream<Informer>.Continuation
    let allowancesWanted: AsyncStream<Void>
    let wantsAllowances: AsyncStream<Void>.Continuation
    let kindsChanged: AsyncStream<Void>
    let kindsChange: AsyncStream<Void>.Continuation

    struct State {
        var isSurveyed = false
        var surveyFailure: String?
        var reportedFailure: String?
        /// By group and kind: one version of each is watched.
        var tracked: [GroupKind: Informer] = [:]
        /// Those that the survey asked for: without them no plan is complete.
        var surveyed: [Informer] = []
        var children: [GroupKind: Informer] = [:]
        /// By tracking label.
        var objects: [String: [ObjectReference: KubeObject]] = [:]
        var labels: [ObjectReference: String] = [:]
        /// Labels of applications that want an object which is another one's.
        var wanted: [ObjectReference: Set<String>] = [:]
        /// How hooks ended, by the tracking label; the last that was seen of each, even of one that is gone.
        var hookResults: [String: [ObjectReference: HookResult]] = [:]
        /// Kinds of which some object got an address, so that somebody in the cluster gives them.
        var addressedKinds: Set<String> = []
        /// Whole resources that say how the cluster is, such as its storage classes.
        var surroundings: [GroupKind: Informer] = [:]
        var ownWrites: Set<OwnWrite> = []
        var versions = WatchedVersions()
    }

    /// An answer that is being absorbed.
    struct OwnWrite: Hashable {
        var reference: ObjectReference
        var version: String
    }

    struct GroupKind: Hashable {
        var group: String
        var kind: String
    }

    package init(
        cluster: String,
        client: KubeClient,
        logger: Logger,
        wake: @escaping @Sendable (Wake) -> Void
    ) {
        self.cluster = cluster
        self.client = client
        self.logger = logger
        self.wake = wake
        (started, start) = AsyncStream.makeStream()
        (allowancesWanted, wantsAllowances) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (kindsChanged, kindsChange) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Short: a cluster that is known to be silent costs nothing to ask, and one that is back should be seen soon.
    private static let backoff = Backoff(first: .milliseconds(500), limit: .seconds(5))

    // MARK: Reading

    /// The objects that carry an application's label.
    package func objects(label: String) -> [ObjectReference: KubeObject] {
        state.withLock { $0.objects[label] ?? [:] }
    }

    /// The object of a name, if it is in the view, whichever application it belongs to.
    package func object(_ reference: ObjectReference) -> KubeObject? {
        state.withLock { $0.object(reference) }
    }

    /// The same for an application that wants it, too: it is woken once the object is nobody's, or another one's.
    func object(_ reference: ObjectReference, wantedBy label: String) -> KubeObject? {
        state.withLock { state in
            guard let object = state.object(reference) else { return nil }
            state.wanted[reference, default: []].insert(label)
            return object
        }
    }

    /// How hooks of an application ended, as far as this view saw it.
    func hookResults(label: String) -> [ObjectReference: HookResult] {
        state.withLock { $0.hookResults[label] ?? [:] }
    }

    /// The objects that an object controls.
    package func children(of object: KubeObject) -> [KubeObject] {
        guard let kind = Self.childKinds[object.kind] else { return [] }
        let informer = state.withLock { $0.children[kind] }
        return informer?.list(controlledBy: object.uid) ?? []
    }

    /// Whether everything an application with these resources has is known.
    package func isComplete(for resources: some Sequence<APIResource>) -> Bool {
        let (isSurveyed, informers) = state.withLock { state in
            // Of a kind whose version is in doubt nobody knows what there is.
            let isKnown = state.isSurveyed && state.versions.doubts.isEmpty
            return (isKnown, state.surveyed + resources.compactMap { state.tracked[GroupKind($0)] })
        }
        return isSurveyed && informers.allSatisfy(\.hasSynced)
    }

    /// The resource that an object in the view was read from.
    package func resource(of reference: ObjectReference) -> APIResource? {
        state.withLock { $0.tracked[GroupKind(group: reference.group, kind: reference.kind)]?.resource }
    }

    /// Why the cluster cannot be reached, while that lasts.
    package var failure: String? {
        // Watches of a cluster that fell silent wait for it, and tell nothing.
        if let silence = client.transport.failure { return silence }
        let (survey, informers) = state.withLock { state in
            (state.surveyFailure, Array(state.tracked.values) + Array(state.children.values))
        }
        if let survey { return survey }
        for informer in informers {
            // One answer that failed is no silence: the next one tells.
            switch informer.failure {
            case let error as ClientError where informer.failuresInRow >= 2: return error.message
            case let error as StatusError
            where (error.code >= 500 || error.code == 429 || error.code == 401)
                && informer.failuresInRow >= 3:
                return error.message
            default: continue
            }
        }
        return nil
    }

    // MARK: Watching

    /// Makes sure that objects of these resources are seen.
    package func watch(_ resources: some Sequence<APIResource>) {
        for resource in resources where resource.isWatchable {
            let kind = GroupKind(resource)
            let informer: Informer? = state.withLock { state in
                let watched = state.tracked[kind]?.resource
                if watched != resource { state.versions.asked[kind, default: []].insert(resource) }
                guard watched == nil else { return nil }
                let made = self.informer(of: resource)
                state.tracked[kind] = made
                return made
            }
            guard let informer else { continue }
            beginTracking(informer)
            watchChildren(of: resource.kind)
            watchSurroundings(of: resource)
        }
    }

    func informer(of resource: APIResource) -> Informer {
        Informer(
            client: client,
            resource: resource,
            labelSelector: Tracking.label,
            form: .packed,
            backoff: Self.backoff,
            logger: logger
        )
    }

    /// Runs an informer of tracked objects with the view.
    func beginTracking(_ informer: Informer) {
        informer.onUnserved { [weak self, weak informer] in informer.map { self?.unserved($0) } }
        informer.onChange { [weak self, weak informer] change in
            informer.map { self?.changed(change, seenBy: $0) }
        }
        start.yield(informer)
    }

    private static let childKinds: [String: GroupKind] = [
        "Deployment": GroupKind(group: "apps", kind: "ReplicaSet"),
        "ReplicaSet": GroupKind(group: "", kind: "Pod"),
        "ReplicationController": GroupKind(group: "", kind: "Pod"),
        "StatefulSet": GroupKind(group: "", kind: "Pod"), "DaemonSet": GroupKind(group: "", kind: "Pod"),
        "Job": GroupKind(group: "", kind: "Pod"), "CronJob": GroupKind(group: "batch", kind: "Job"),
    ]

    private func watchChildren(of kind: String) {
        guard let child = Self.childKinds[kind] else { return }
        let resource: APIResource =
            switch child.kind {
            case "ReplicaSet": .replicaSets
            case "Job": .jobs
            default: .pods
            }
        let informer: Informer? = state.withLock { state in
            guard state.children[child] == nil else { return nil }
            let informer = Informer(
                client: client,
                resource: resource,
                form: .abridged(Offspring.abridged),
                backoff: Self.backoff,
                logger: logger
            )
            state.children[child] = informer
            return informer
        }
        guard let informer else { return }
        informer.onChange { [weak self] in self?.childChanged($0) }
        start.yield(informer)
        watchChildren(of: child.kind)
    }

    /// Takes the answer to a write of one's own, so that the next plan sees it; wakes nobody, as its writer plans again.
    package func absorb(_ object: KubeObject) {
        let kind = GroupKind(group: object.gvk.group, kind: object.kind)
        let informer = state.withLock { $0.tracked[kind] }
        guard let informer, informer.resource.gvr.version == object.gvk.version else { return }
        let own = OwnWrite(reference: object.reference, version: object.resourceVersion)
        state.withLock { _ = $0.ownWrites.insert(own) }
        informer.absorb(object)
        state.withLock { _ = $0.ownWrites.remove(own) }
    }

    /// Returns when the view shows what these writes made, or something later; gives up after two seconds.
    package func waitUntilSeen(_ answers: [KubeObject]) async {
        let deadline = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < deadline, !Task.isCancelled {
            let isSeen = answers.allSatisfy { answer in
                guard let seen = object(answer.reference) else { return false }
                guard let wanted = UInt64(answer.resourceVersion), let version = UInt64(seen.resourceVersion)
                else {
                    return seen.resourceVersion == answer.resourceVersion
                }
                return version >= wanted
            }
            if isSeen { return }
            try? await Task.sleep(for: .milliseconds(5))  // Cancelled: the loop ends.
        }
    }

    /// Surveys the cluster, then watches until cancelled.
    ///
    /// Runs once.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.surveyUntilDone() }
            group.addTask { try await self.reportFailures() }
            group.addTask { try await self.watchDefinitions() }
            group.addTask { try await self.watchAllowancesWhenWanted() }
            for await informer in started {
                group.addTask { try await informer.run() }
            }
        }
    }

    /// Runs an informer with the view.
    func begin(_ informer: Informer) { start.yield(informer) }

    func surveyFinished(_ found: [APIResource]) {
        watch(found)
        state.withLock { state in
            state.surveyed = found.compactMap { state.tracked[GroupKind($0)] }
            state.isSurveyed = true
            state.surveyFailure = nil
        }
        wake(.everything)
    }

    /// Notes that somebody saw a failure, however short it is: everybody is woken when it is over.
    func wasTold(_ failure: String) {
        state.withLock { $0.reportedFailure = failure }
    }

    private func reportFailures() async throws {
        while true {
            let failure = failure
            let isNews = state.withLock { state in
                defer { state.reportedFailure = failure }
                return state.reportedFailure != failure
            }
            if isNews { wake(.everything) }
            try await Task.sleep(for: .seconds(2))
        }
    }
}

extension LiveView.GroupKind {
    init(_ resource: APIResource) { self.init(group: resource.gvr.group, kind: resource.kind) }
}

extension LiveView.State {
    fileprivate func object(_ reference: ObjectReference) -> KubeObject? {
        labels[reference].flatMap { objects[$0]?[reference] }
    }

    mutating func remove(_ reference: ObjectReference, from label: String) {
        objects[label]?[reference] = nil
        if objects[label]?.isEmpty == true { objects[label] = nil }
    }
}
