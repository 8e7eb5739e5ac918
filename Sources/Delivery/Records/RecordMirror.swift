import KubeModel

/// Shows applications that another replica delivers as that one records them.
struct RecordMirror {
    let environment: DeliveryEnvironment

    /// - Returns: Whether another replica delivers the application, so that there is nothing else to do here.
    func show(_ object: KubeObject) -> Bool {
        guard let cluster = object.spec["cluster"]?.string, !environment.clusters.delivers(to: cluster),
            let known = ApplicationObject(object)
        else { return false }
        let id = known.snapshot.id
        for record in known.history.reversed() { environment.board.publish(.sync(id, record)) }
        var snapshot = known.snapshot
        (snapshot.pin, snapshot.pause) = (known.interventions.pin, known.interventions.pause)
        environment.board.publish(.application(snapshot))
        // Known from when it was delivered here, perhaps, and of that time.
        environment.board.publish(objects: [], of: id)
        return true
    }

    func remove(_ object: KubeObject) {
        guard let known = ApplicationObject(object),
            !environment.clusters.delivers(to: known.snapshot.id.cluster)
        else { return }
        environment.board.publish(.applicationRemoved(known.snapshot.id))
    }
}
