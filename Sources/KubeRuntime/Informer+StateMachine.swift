import KubeClient
import KubeModel

extension Informer {
    /// The informer's decisions without its I/O: what arrives goes in, changes and the next thing to do come out.
    struct StateMachine: Sendable {
        enum Step: Sendable, Hashable {
            case list
            case watch(from: String)
        }

        var store = Store()
        private(set) var hasSynced = false
        /// How far the copy is complete; `nil` when it must be listed.
        private(set) var resourceVersion: String?

        /// What the loop must do now.
        var next: Step { resourceVersion.map(Step.watch(from:)) ?? .list }

        /// Takes a complete list; what differs from the known objects comes out as changes.
        ///
        /// An object of the same name with another uid is a removal and an addition.
        mutating func listed(_ items: [KubeObject], resourceVersion version: String) -> [Change] {
            var changes: [Change] = []
            var seen: Set<ObjectName> = []
            for item in items where seen.insert(item.objectName).inserted {
                // A list is the truth, even one with lower versions, from a server that was restored from a backup.
                if let old = store[item.objectName], old.resourceVersion == item.resourceVersion,
                    old.uid == item.uid
                {
                    continue
                }
                changes += replace(item)
            }
            for old in store.all where !seen.contains(old.objectName) {
                store.remove(old.objectName)
                changes.append(.removed(old))
            }
            resourceVersion = version
            if !hasSynced {
                hasSynced = true
                changes.append(.synced)
            }
            return changes
        }

        enum Outcome: Sendable {
            case changes([Change])
            /// The server ends the watch; ``next`` says how to go on.
            case ended(StatusError)
        }

        /// Takes one event of the watch.
        mutating func received(_ event: WatchEvent) -> Outcome {
            switch event {
            case .added(let object), .modified(let object):
                advance(to: object.resourceVersion)
                return .changes(put(object))
            case .deleted(let object):
                advance(to: object.resourceVersion)
                guard store.remove(object.objectName) != nil else { return .changes([]) }
                return .changes([.removed(object)])
            case .bookmark(let version, _):
                advance(to: version)
                return .changes([])
            case .error(let error):
                // Only an expired version makes what is known useless; after anything else the watch is taken up again.
                if error.isGone || error.reason == "Expired" { resourceVersion = nil }
                return .ended(error)
            }
        }

        /// Forgets everything.
        mutating func emptied() -> [Change] {
            let known = store.all
            store = Store()
            resourceVersion = nil
            return known.map(Change.removed)
        }

        /// The server does not serve the resource: it has nothing, and must be listed when it comes.
        mutating func unserved() -> [Change] {
            var changes = emptied()
            if !hasSynced {
                hasSynced = true
                changes.append(.synced)
            }
            return changes
        }

        /// Takes an object that a write of our own returned, unless the watch has come as far already.
        mutating func absorbed(_ object: KubeObject) -> [Change] {
            guard hasSynced, let written = UInt64(object.resourceVersion),
                let seen = resourceVersion.flatMap(UInt64.init),
                written > seen
            else { return [] }
            return put(object)
        }

        /// The server refused to watch from the known version.
        mutating func refused(_ error: StatusError) {
            if error.isGone || error.isNotFound || error.code == 400 { resourceVersion = nil }
        }

        /// Whether taking an object would change nothing here.
        func isKnown(_ object: KubeObject) -> Bool {
            guard let old = sameOrLater(than: ObjectVersion(of: object)) else { return false }
            return object.bytes == nil || old.bytes != nil
        }

        /// Whether taking an object in this version, as parsed JSON, would change nothing here.
        func knows(_ seen: ObjectVersion) -> Bool { sameOrLater(than: seen) != nil }

        /// Whether a version may be a later one of the same object; those that are not numbers are later when they differ.
        private static func mayFollow(_ new: String, on old: String) -> Bool {
            if new.isEmpty { return true }
            guard let new = UInt64(new), let old = UInt64(old) else { return new != old }
            return new > old
        }

        /// What is kept of an object that is given once more, or too late.
        private func sameOrLater(than seen: ObjectVersion) -> KubeObject? {
            store[seen.name].flatMap {
                $0.uid == seen.uid && !Self.mayFollow(seen.resourceVersion, on: $0.resourceVersion) ? $0 : nil
            }
        }

        private mutating func advance(to version: String) {
            if !version.isEmpty, resourceVersion != nil { resourceVersion = version }
        }

        private mutating func put(_ new: KubeObject) -> [Change] {
            // A resumed watch may begin with what is known already, and a watch may be behind what was absorbed.
            if let old = sameOrLater(than: ObjectVersion(of: new)) {
                // The copy of a server in this process is its own: keeping that one keeps one instead of two.
                guard new.bytes != nil, old.resourceVersion == new.resourceVersion,
                    !new.sharesBytes(with: old)
                else { return [] }
                _ = store.put(new)
                return old.bytes == nil ? [] : [.updated(old: old, new: new)]
            }
            return replace(new)
        }

        private mutating func replace(_ new: KubeObject) -> [Change] {
            guard let old = store.put(new) else { return [.added(new)] }
            if old.uid != new.uid { return [.removed(old), .added(new)] }
            return [.updated(old: old, new: new)]
        }
    }
}
