import Delivery

extension FakeFleet {
    /// One sync of an application from the commit to healthy, told step by step.
    func rollOut(_ id: ApplicationID, cause: SyncRecord.Cause, pace: Duration) async throws {
        guard var workload = workloads[id], var snapshot = board.application(id) else { return }
        let clock = ContinuousClock()
        let begin = clock.now
        let start = Self.wallClock()
        func now() -> Double { start + (clock.now - begin) / .seconds(1) }

        commits += 1
        if cause == .commit { snapshot.desired = FakePeople.revision(commits, at: now() - 1) }
        snapshot.sync = .syncing
        snapshot.message = "Applying \(snapshot.counts.total) objects"
        snapshot.since = now()
        board.publish(.application(snapshot))

        workload.generation += 1
        workload.tag = "2026.47.\(workload.generation)"
        workload.condition = .rolling
        let nodes = workload.nodes(now: now())
        var record = SyncRecord(
            number: (board.history(of: id).first?.number ?? 0) + 1,
            cause: cause,
            revision: snapshot.desired,
            startedAt: now()
        )
        let order = ["ConfigMap", "Service", "ServiceAccount", "Deployment"]
        let roots = nodes.filter { $0.parent == nil }
            .sorted {
                (order.firstIndex(of: $0.kind) ?? 2, $0.id) < (order.firstIndex(of: $1.kind) ?? 2, $1.id)
            }
        record.steps = roots.map { node in
            let isChanged = node.kind == "Deployment" || node.kind == "ConfigMap"
            return SyncStep(
                object: node.id,
                action: isChanged ? .update : .none,
                state: isChanged ? .planned : .skipped,
                message: isChanged ? "" : "As the commit says",
                since: now()
            )
        }
        board.publish(.sync(id, record))
        for index in record.steps.indices where record.steps[index].state == .planned {
            record.steps[index].state = .applying
            record.steps[index].since = now()
            board.publish(.sync(id, record))
            try await Task.sleep(for: pace)
            let isDeployment = record.steps[index].object.contains("Deployment")
            record.steps[index].state = isDeployment ? .waiting : .healthy
            record.steps[index].message = isDeployment ? workload.sentence : ""
            record.updated += 1
            board.publish(.sync(id, record))
        }
        record.appliedAt = now()
        snapshot.applied = snapshot.desired
        snapshot.appliedAt = now()
        snapshot.sync = .synced
        snapshot.health = .progressing
        snapshot.message = workload.sentence
        snapshot.counts.progressing = 1
        snapshot.counts.healthy = snapshot.counts.total - 1
        board.publish(.application(snapshot))
        board.publish(.sync(id, record))
        board.publish(objects: nodes, of: id)
        try await Task.sleep(for: pace * 4)

        workload.condition = .healthy
        workloads[id] = workload
        board.publish(objects: workload.nodes(now: now()), of: id)
        for index in record.steps.indices where record.steps[index].state == .waiting {
            record.steps[index].state = .healthy
            record.steps[index].message = ""
        }
        record.result = .succeeded
        record.finishedAt = now()
        board.publish(.sync(id, record))
        snapshot.health = .healthy
        snapshot.healthyAt = now()
        snapshot.message = ""
        snapshot.since = now()
        snapshot.counts.progressing = 0
        snapshot.counts.healthy = snapshot.counts.total
        board.publish(.application(snapshot))
    }
}
