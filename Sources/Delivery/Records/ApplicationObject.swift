package import KubeClient
package import KubeModel

/// The `Application` object of an application in the admin cluster: what survives a restart, and what `kubectl` shows.
package struct ApplicationObject: Sendable {
    package static let tombstone = "varde.dev/tombstone"
    /// How many syncs the object remembers.
    package static let historyLimit = 5

    package var snapshot: ApplicationSnapshot
    package var tombstone: Tombstone?
    package var interventions = Interventions()
    /// How hooks of the present revision ended.
    package var hooks: [ObjectReference: HookResult] = [:]
    /// What the deletion budget of the present revision is a share of.
    package var objectsBefore: ObjectsBefore?
    /// What the directory was when `desired` was read.
    package var trees: [String]
    /// Newest first.
    package var history: [SyncRecord]

    package init(snapshot: ApplicationSnapshot, tombstone: Tombstone?, trees: [String], history: [SyncRecord])
    {
        self.snapshot = snapshot
        self.tombstone = tombstone
        self.trees = trees
        self.history = history
    }

    package static func namespace(of tenant: String) -> String { "tenant-\(tenant)" }

    /// Where the object of an application is in the admin cluster.
    static func name(of id: ApplicationID) -> ObjectName {
        ObjectName(namespace: namespace(of: id.tenant), name: id.objectName)
    }

    /// Makes a tenant's namespace in the admin cluster, unless it is there.
    package static func makeNamespace(of tenant: String, in admin: KubeClient) async throws {
        let namespace = KubeObject(apiVersion: "v1", kind: "Namespace", name: namespace(of: tenant))
        do {
            _ = try await admin.create(.namespaces, namespace)
        } catch let error as StatusError where error.isAlreadyExists {
            // Somebody was first.
        }
    }

    // MARK: Writing

    /// The object without its status.
    package var manifest: KubeObject {
        let id = snapshot.id
        var object = KubeObject(
            apiVersion: "varde.dev/v1alpha1",
            kind: "Application",
            namespace: Self.namespace(of: id.tenant),
            name: id.objectName
        )
        object["spec"] = [
            "tenant": .string(id.tenant), "cluster": .string(id.cluster), "namespace": .string(id.namespace),
            "source": [
                "repository": .string(snapshot.repository), "branch": .string(snapshot.branch),
                "path": .string(snapshot.path),
            ],
        ]
        var annotations = interventions.annotations
        if let tombstone {
            var json: JSON = [
                "since": .string(Timestamp(tombstone.since).text), "commit": .string(tombstone.commit),
                "held": .bool(tombstone.isHeld),
            ]
            json["successor"] = tombstone.successor.map { .string($0.description) }
            annotations[Self.tombstone] = json.text
        }
        if !annotations.isEmpty { object.annotations = annotations }
        return object
    }

    /// The object with its status, for the status subresource.
    package func statusManifest(generation: Int) -> KubeObject {
        let id = snapshot.id
        var object = KubeObject(
            apiVersion: "varde.dev/v1alpha1",
            kind: "Application",
            namespace: Self.namespace(of: id.tenant),
            name: id.objectName
        )
        var status: JSON = [
            "sync": .string(snapshot.sync.rawValue), "health": .string(snapshot.health.rawValue),
            "message": .string(snapshot.message), "since": .string(Timestamp(snapshot.since).text),
            "revision": .string(snapshot.applied?.commit ?? ""),
            "observedGeneration": .integer(Int64(generation)),
            "counts": [
                "total": .integer(Int64(snapshot.counts.total)),
                "synced": .integer(Int64(snapshot.counts.synced)),
                "healthy": .integer(Int64(snapshot.counts.healthy)),
                "progressing": .integer(Int64(snapshot.counts.progressing)),
                "degraded": .integer(Int64(snapshot.counts.degraded)),
            ],
            "conditions": .array(conditions(generation)),
        ]
        status["applied"] = snapshot.applied?.json(time: Self.json)
        status["desired"] = snapshot.desired?.json(time: Self.json)
        status["appliedAt"] = snapshot.appliedAt.map { .string(Timestamp($0).text) }
        status["healthyAt"] = snapshot.healthyAt.map { .string(Timestamp($0).text) }
        if let tool = snapshot.tool { status["tool"] = .string(tool) }
        if !trees.isEmpty { status["trees"] = .array(trees.map { .string($0) }) }
        let kept = history.prefix(Self.historyLimit).map(Self.summary)
        if !kept.isEmpty { status["history"] = .array(kept) }
        let results = hooks.sorted { $0.key < $1.key }.map { HookRecord.json($0.key, $0.value) }
        if !results.isEmpty { status["hooks"] = .array(results) }
        status["before"] = objectsBefore.map(\.json)
        status["findings"] = FindingRecord.json(snapshot.findings)
        object["status"] = status
        return object
    }

    private func conditions(_ generation: Int) -> [JSON] {
        let isSynced = snapshot.sync == .synced
        let isHealthy = snapshot.health == .healthy
        func condition(_ type: String, _ isTrue: Bool, _ reason: String) -> JSON {
            [
                "type": .string(type), "status": .string(isTrue ? "True" : "False"),
                "reason": .string(reason),
                "message": .string(isTrue ? "" : snapshot.message),
                "lastTransitionTime": .string(Timestamp(snapshot.since).text),
                "observedGeneration": .integer(Int64(generation)),
            ]
        }
        return [
            condition("Synced", isSynced, snapshot.sync.rawValue),
            condition("Healthy", isHealthy, snapshot.health.rawValue),
            condition(
                "Ready",
                isSynced && isHealthy,
                isSynced ? snapshot.health.rawValue : snapshot.sync.rawValue
            ),
        ]
    }

    /// To the second, and without a long message's end.
    private static func summary(_ record: SyncRecord) -> JSON {
        var record = record
        record.message = String(record.message.prefix(500))
        return record.summary(time: json)
    }

    private static func json(_ seconds: Double) -> JSON { .string(Timestamp(seconds).text) }
}

// MARK: Reading

extension ApplicationObject {
    /// From an object as it was written; `nil` when it does not name an application.
    package init?(_ object: KubeObject) {
        let spec = object.spec
        guard let tenant = spec["tenant"]?.string, let cluster = spec["cluster"]?.string,
            let namespace = spec["namespace"]?.string, !tenant.isEmpty, !cluster.isEmpty, !namespace.isEmpty
        else { return nil }
        let source = spec["source"] ?? [:]
        let status = object.status
        var snapshot = ApplicationSnapshot(
            id: ApplicationID(tenant: tenant, cluster: cluster, namespace: namespace),
            repository: source["repository"]?.string ?? "",
            branch: source["branch"]?.string ?? "",
            path: source["path"]?.string ?? "",
            now: Self.time(status["since"]) ?? 0
        )
        snapshot.sync = status["sync"]?.string.flatMap(SyncState.init) ?? .unknown
        snapshot.health = status["health"]?.string.flatMap(HealthState.init) ?? .unknown
        snapshot.message = status["message"]?.string ?? ""
        snapshot.tool = status["tool"]?.string
        snapshot.applied = .init(status["applied"])
        snapshot.desired = .init(status["desired"])
        snapshot.appliedAt = Self.time(status["appliedAt"])
        snapshot.healthyAt = Self.time(status["healthyAt"])
        snapshot.counts = Self.counts(status["counts"] ?? [:])
        snapshot.findings = FindingRecord.findings(status["findings"], since: snapshot.since)
        self.snapshot = snapshot
        trees = (status["trees"]?.array ?? []).compactMap(\.string)
        history = (status["history"]?.array ?? []).compactMap(SyncRecord.init)
        tombstone = object.annotation(Self.tombstone).flatMap(Self.tombstone)
        interventions = Interventions(object)
        objectsBefore = status["before"].flatMap(ObjectsBefore.init)
        for json in status["hooks"]?.array ?? [] {
            if let (reference, result) = HookRecord.result(json) { hooks[reference] = result }
        }
    }

    private static func counts(_ json: JSON) -> ApplicationSnapshot.Counts {
        var counts = ApplicationSnapshot.Counts()
        counts.total = json["total"]?.int ?? 0
        counts.synced = json["synced"]?.int ?? 0
        counts.healthy = json["healthy"]?.int ?? 0
        counts.progressing = json["progressing"]?.int ?? 0
        counts.degraded = json["degraded"]?.int ?? 0
        return counts
    }

    private static func time(_ json: JSON?) -> Double? {
        json?.string.flatMap(Timestamp.init(parsing:))?.sinceEpoch
    }

    private static func tombstone(_ text: String) -> Tombstone? {
        guard let json = try? JSON.parse(text), let since = time(json["since"]) else { return nil }
        return Tombstone(
            since: since,
            commit: json["commit"]?.string ?? "",
            isHeld: json["held"]?.bool ?? false,
            successor: json["successor"]?.string.flatMap(ApplicationID.init)
        )
    }
}
