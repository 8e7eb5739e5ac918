import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// What is watched follows the versions that are served.
///
/// One version of a kind is watched. When the cluster stops serving it, the kind is watched in another one; what was known
/// stays until that one was listed, so nothing seems gone that is only told of elsewhere.
extension LiveView {
    /// Which versions of kinds are served and wanted, as far as that is known.
    struct WatchedVersions {
        /// What somebody asked to be watched, in each version.
        var asked: [GroupKind: Set<APIResource>] = [:]
        /// The versions that definitions which changed serve now; none for one that is gone.
        var served: [GroupKind: [String]] = [:]
        /// Kinds whose watched version was answered with 404, and how often it was looked for another one since.
        var doubts: [GroupKind: Int] = [:]
        /// Kinds whose definition changed since it was last looked.
        var changed: Set<GroupKind> = []

        /// Takes a change of a definition: discovery may tell of it only later.
        mutating func note(_ notice: ChangeWatch.Notice) {
            guard let definition = notice.object else { return served = [:] }
            let kind = GroupKind(
                group: definition.at("spec", "group")?.string ?? "",
                kind: definition.at("spec", "names", "kind")?.string ?? ""
            )
            changed.insert(kind)
            if case .removed = notice {
                served[kind] = []
                return
            }
            let versions = (definition.at("spec", "versions")?.array ?? []).filter {
                $0["served"]?.bool == true
            }
            // Objects need no conversion in the version that is stored.
            served[kind] = versions.sorted { $0["storage"]?.bool == true && $1["storage"]?.bool != true }
                .compactMap { $0["name"]?.string }
        }
    }

    /// How often it is looked again before an answer that contradicts what the cluster says of its kinds is believed.
    private static func patience(_ versions: WatchedVersions, _ kind: GroupKind) -> Int {
        // Discovery may be seconds behind a definition.
        versions.served[kind] == nil ? 20 : 4
    }

    /// The watched version of a kind was answered with 404: what is known of it is kept until it is clear why.
    func unserved(_ informer: Informer) {
        let kind = GroupKind(informer.resource)
        let (hasSynced, failures) = (informer.hasSynced, informer.failuresInRow)
        let isToBeTold = state.withLock { state in
            guard state.tracked[kind] === informer else { return false }
            // What never had anything can lose nothing.
            if hasSynced, state.versions.doubts[kind] == nil, !state.objects(of: kind).isEmpty {
                state.versions.doubts[kind] = 0
            }
            return state.versions.doubts[kind] != nil || failures < 5
        }
        if isToBeTold { kindsChange.yield() }
    }

    /// Watches every kind in a version that is served, and nothing that is not.
    func followKinds() async {
        guard let known = try? await client.discovery.kinds(),
            let preferred = try? await client.discovery.resources()
        else {
            // Never read yet: what is in doubt stays so until it is.
            return await lookAgain()
        }
        let changed = state.withLock { state in
            defer { state.versions.changed = [] }
            return state.versions.changed
        }
        var isOpen = false
        for (kind, informer) in state.withLock({ $0.tracked }) {
            let (versions, doubts) = state.withLock { ($0.versions, $0.versions.doubts[kind]) }
            let resource = informer.resource
            func isServed(_ resource: APIResource) -> Bool {
                versions.served[kind].map { $0.contains(resource.gvr.version) }
                    ?? known.contains(resource.gvk)
            }
            let isNotFound = (informer.failure as? StatusError)?.isNotFound ?? false
            if isServed(resource) {
                // The definition or discovery may be behind the answer, or the other way round.
                if let doubts, doubts < Self.patience(versions, kind) {
                    state.withLock { $0.versions.doubts[kind] = doubts + 1 }
                    isOpen = true
                } else if doubts != nil || isNotFound && changed.contains(kind) {
                    reopen(kind, as: resource, instead: informer)
                }
                continue
            }
            var others = (versions.asked[kind] ?? []).sorted { $0.gvr.version > $1.gvr.version }
            others += preferred.filter { GroupKind($0) == kind }
            others += (versions.served[kind] ?? []).map { version in
                var other = resource
                other.gvr.version = version
                return other
            }
            if let other = others.first(where: { isServed($0) && $0.isWatchable }) {
                reopen(kind, as: other, instead: informer)
            } else if isNotFound || doubts != nil {
                forget(kind, informer)
            }
        }
        if isOpen { await lookAgain() }
    }

    private func lookAgain() async {
        try? await Task.sleep(for: .milliseconds(250))  // Cancelled: the loop ends.
        kindsChange.yield()
    }

    private func reopen(_ kind: GroupKind, as resource: APIResource, instead old: Informer) {
        let new = informer(of: resource)
        let isDone = state.withLock { state in
            guard state.tracked[kind] === old else { return false }
            state.tracked[kind] = new
            state.versions.doubts[kind] = nil
            // Until it was listed no plan is complete, not of an application either that wants nothing of it any more.
            state.surveyed.removeAll { $0 === old }
            state.surveyed.append(new)
            return true
        }
        guard isDone else { return }
        logger.info(
            "watched in another version",
            metadata: ["cluster": "\(cluster)", "was": "\(old.resource.gvr)", "is": "\(resource.gvr)"]
        )
        beginTracking(new)
        watchSurroundings(of: resource)
        old.stop()
    }

    /// The resource is not served: the next one that wants it begins anew.
    private func forget(_ kind: GroupKind, _ informer: Informer) {
        let gone = state.withLock { state -> [KubeObject] in
            guard state.tracked[kind] === informer else { return [] }
            state.tracked[kind] = nil
            state.versions.doubts[kind] = nil
            state.surveyed.removeAll { $0 === informer }
            return state.objects(of: kind)
        }
        informer.stop()
        for object in gone { drop(object) }
    }

    /// Drops what another watch saw before and the first complete list of this one does not have.
    func dropUnseen(by informer: Informer, of kind: GroupKind) {
        let seen = Set(informer.list().map(\.uid))
        for object in state.withLock({ $0.objects(of: kind) }) where !seen.contains(object.uid) {
            drop(object)
        }
    }
}

extension LiveView.State {
    fileprivate func objects(of kind: LiveView.GroupKind) -> [KubeObject] {
        labels.compactMap { reference, label in
            reference.group == kind.group && reference.kind == kind.kind ? objects[label]?[reference] : nil
        }
    }
}
