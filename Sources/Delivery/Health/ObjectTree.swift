package import KubeModel

/// Makes the tree that people see of an application's objects and what these made, and judges each by its children, too.
package struct ObjectTree {
    /// An object of the commit, as it is.
    package struct Root: Sendable {
        package var reference: ObjectReference
        package var apiVersion: String
        package var live: KubeObject?
        package var sync: SyncState
        /// What the sync says of it, where that is more than health: why it could not be applied, what holds it.
        package var message: String
        package var countsForHealth: Bool
        /// Whether it carries the application's marks; of what is somebody else's only the object itself is shown.
        package var isOwn: Bool

        package init(
            reference: ObjectReference,
            apiVersion: String,
            live: KubeObject?,
            sync: SyncState,
            message: String = "",
            countsForHealth: Bool = true,
            isOwn: Bool = true
        ) {
            self.reference = reference
            self.apiVersion = apiVersion
            self.live = live
            self.sync = sync
            self.message = message
            self.countsForHealth = countsForHealth
            self.isOwn = isOwn
        }
    }

    package internal(set) var nodes: [ObjectNode] = []
    package private(set) var counts = ApplicationSnapshot.Counts()
    /// The worst of all roots that count, and the sentence of the first that is so.
    package private(set) var health = Health(.healthy)

    /// When time alone may change something, seconds since 1970.
    package private(set) var lookAgainAt: Double?

    private let circumstances: Circumstances
    private let children: (KubeObject) -> [KubeObject]
    private let previous: ObjectNodes
    private let now: Double
    /// What the last object that runs images runs: pods of one template share it.
    private var lastImages: [String] = []

    /// - Parameters:
    ///   - children: The objects that an object controls.
    ///   - previous: The nodes as they were, so that `since` stays what it was where nothing changed.
    package init(
        _ roots: [Root],
        previous: ObjectNodes = ObjectNodes(),
        now: Double,
        circumstances: Circumstances? = nil,
        children: (KubeObject) -> [KubeObject]
    ) {
        let circumstances = circumstances ?? Circumstances(now: now)
        self = withoutActuallyEscaping(children) { children in
            var tree = ObjectTree(
                children: children,
                previous: previous,
                now: now,
                circumstances: circumstances
            )
            for root in roots { tree.add(root) }
            tree.link(roots.compactMap(\.live))
            return tree.released()
        }
    }

    private init(
        children: @escaping (KubeObject) -> [KubeObject],
        previous: ObjectNodes,
        now: Double,
        circumstances: Circumstances
    ) {
        self.circumstances = circumstances
        self.children = children
        self.previous = previous
        self.now = now
    }

    private func released() -> ObjectTree {
        var copy = ObjectTree(
            children: { _ in [] },
            previous: ObjectNodes(),
            now: now,
            circumstances: circumstances
        )
        copy.lookAgainAt = lookAgainAt
        copy.nodes = nodes
        copy.counts = counts
        copy.health = health
        return copy
    }

    private mutating func add(_ root: Root) {
        let health: Health
        if let live = root.live {
            let first = nodes.count
            health = add(
                live,
                kept: live,
                id: root.reference.description,
                parent: nil,
                sync: root.sync,
                message: root.message
            )
            // Its own node is the last.
            if !root.isOwn { nodes.removeSubrange(first..<nodes.count - 1) }
        } else {
            health = Health(.missing, root.message.isEmpty ? "is not there" : root.message)
            var node = ObjectNode(
                id: root.reference.description,
                apiVersion: root.apiVersion,
                kind: root.reference.kind,
                namespace: root.reference.namespace,
                name: root.reference.name,
                now: now
            )
            node.sync = root.sync
            node.health = .missing
            node.message = health.message
            append(node)
        }
        count(root, health)
    }

    private mutating func count(_ root: Root, _ health: Health) {
        counts.total += 1
        if root.sync == .synced { counts.synced += 1 }
        switch health.state {
        case .healthy, .suspended: counts.healthy += 1
        case .progressing: counts.progressing += 1
        case .missing, .degraded, .unknown: counts.degraded += health.state == .degraded ? 1 : 0
        }
        guard root.countsForHealth, health.state > self.health.state else { return }
        let name = "\(root.reference.kind) \(root.reference.name)"
        self.health = Health(health.state, health.message.isEmpty ? "" : "\(name): \(health.message)")
    }

    /// Adds an object and everything below it; what it is, its children counted.
    ///
    /// - Parameter kept: The same object as it is kept, whose texts the node shares.
    private mutating func add(
        _ object: KubeObject,
        kept: KubeObject,
        id: String,
        parent: String?,
        sync: SyncState?,
        message: String = ""
    )
        -> Health
    {
        let look = ObjectLook.of(object)
        var health = look.health
        if let time = circumstances.adjust(&health, of: object) {
            lookAgainAt = min(time, lookAgainAt ?? time)
        }
        let offspring = relevantChildren(of: object)
        for kept in offspring.shown {
            let child = kept.unpacked
            let own = add(child, kept: kept, id: kept.reference.description, parent: id, sync: nil)
            guard !health.isSettledByItself(object), offspring.counts(child) else { continue }
            health.include(own, of: child)
        }
        if object.kind == "CronJob", health.state == .healthy { health.includeLastRun(of: offspring.shown) }

        var node = ObjectNode(
            id: id,
            apiVersion: kept.apiVersion,
            kind: kept.kind,
            namespace: kept.namespace,
            name: kept.name,
            now: now
        )
        node.parent = parent
        node.sync = sync
        node.health = health.state
        node.message = message.isEmpty ? health.message : message
        node.createdAt = object.creationTimestamp
        node.summary = health.summary
        if lastImages != look.images { lastImages = look.images }
        node.images = lastImages
        node.uid = object.uid
        node.pages = look.pages
        append(node)
        return health
    }

    private mutating func append(_ node: ObjectNode) {
        var node = node
        if let before = previous[id: node.id], before.sync == node.sync, before.health == node.health,
            before.message == node.message
        {
            node.since = before.since
        }
        nodes.append(node)
    }

    private func relevantChildren(of object: KubeObject) -> Offspring {
        switch object.kind {
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob",
            "ReplicationController":
            Offspring(children(object), of: object)
        default: Offspring([], of: object)
        }
    }
}
