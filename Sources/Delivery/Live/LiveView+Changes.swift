import KubeModel
import KubeRuntime
import Synchronization

extension LiveView {
    func changed(_ change: Informer.Change, seenBy informer: Informer) {
        let kind = GroupKind(informer.resource)
        // What one that was replaced still tells, or one whose version is in doubt, says nothing of what is there.
        guard state.withLock({ $0.tracked[kind] === informer && $0.versions.doubts[kind] == nil }) else {
            return
        }
        switch change {
        case .added(let object), .updated(_, let object): keep(object)
        case .removed(let object): drop(object)
        case .synced:
            dropUnseen(by: informer, of: kind)
            wake(.everything)
        }
    }

    private func keep(_ object: KubeObject) {
        // Endpoints and the like carry the marks of what they were made for: they are nobody's own.
        guard let label = object.label(Tracking.label), Tracking.namesItself(object) else {
            return drop(object)
        }
        let reference = object.reference
        let (before, isNews) = state.withLock { state -> (String?, Bool) in
            let before = state.labels.updateValue(label, forKey: reference)
            if let before, before != label { state.remove(reference, from: before) }
            let old = state.objects[label]?[reference]
            state.objects[label, default: [:]][reference] = object
            state.noteHook(object, label)
            state.noteAddress(object)
            let own = LiveView.OwnWrite(reference: reference, version: object.resourceVersion)
            let isKnown = old.map { $0.resourceVersion == object.resourceVersion && $0.uid == object.uid }
            return (before, isKnown != true && !state.ownWrites.contains(own))
        }
        if let before, before != label {
            wake(.object(label: before))
            wakeAll(wanting: reference)
        }
        if isNews { wake(.object(label: label)) }
    }

    func drop(_ object: KubeObject) {
        let reference = object.reference
        let label = state.withLock { state -> String? in
            guard let label = state.labels[reference], state.objects[label]?[reference]?.uid == object.uid
            else {
                return nil
            }
            state.labels[reference] = nil
            state.remove(reference, from: label)
            state.noteHook(object, label)
            return label
        }
        guard let label else { return }
        wake(.object(label: label))
        wakeAll(wanting: reference)
    }

    private func wakeAll(wanting reference: ObjectReference) {
        let labels = state.withLock { $0.wanted.removeValue(forKey: reference) } ?? []
        for label in labels { wake(.object(label: label)) }
    }

    func childChanged(_ change: Informer.Change) {
        switch change {
        case .added(let object), .updated(_, let object), .removed(let object):
            if let label = label(above: object) { wake(.child(label: label)) }
        case .synced: wake(.everything)
        }
    }

    /// The tracking label of the object that, by way of others, made this one.
    private func label(above object: KubeObject) -> String? {
        var owner = object.controller
        let namespace = object.namespace
        for _ in 0..<4 {
            guard let current = owner else { return nil }
            let group = GroupVersionKind.split(current.apiVersion).group
            let reference = ObjectReference(
                group: group,
                kind: current.kind,
                namespace: namespace,
                name: current.name
            )
            let (label, informer) = state.withLock { state in
                (state.labels[reference], state.children[GroupKind(group: group, kind: current.kind)])
            }
            if let label { return label }
            owner = informer?.get(ObjectName(namespace: namespace, name: current.name))?.controller
        }
        return nil
    }
}

extension LiveView.State {
    fileprivate mutating func noteAddress(_ object: KubeObject) {
        guard object.kind == "Service" || object.kind == "Ingress",
            object.at("status", "loadBalancer", "ingress")?.array?.isEmpty == false
        else { return }
        addressedKinds.insert(object.kind)
    }

    /// Remembers how a hook ended: it may be gone before anybody asks.
    fileprivate mutating func noteHook(_ object: KubeObject, _ label: String) {
        guard let result = HookResult(of: object) else { return }
        hookResults[label, default: [:]][object.reference] = result
    }
}
