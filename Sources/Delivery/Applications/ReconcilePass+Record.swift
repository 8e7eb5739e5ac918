import KubeModel
import KubeRuntime
import Synchronization

extension ReconcilePass {
    /// Numbers go on where they were before a restart.
    mutating func restoreNumber() {
        if progress.lastNumber == 0 {
            progress.lastNumber = environment.board.history(of: id).first?.number ?? 0
        }
    }

    /// Opens the record of a sync, unless one of this revision is open.
    mutating func begin(
        _ cause: SyncRecord.Cause,
        _ plan: Plan,
        _ revision: ApplicationSnapshot.Revision,
        by person: String? = nil
    ) {
        if let record = progress.record, record.result == .running {
            if record.revision == revision { return beginRequest() }
            finish(.superseded, "a newer commit is there")
        }
        beginRequest()
        // Tries of the same thing are one entry of the history, not one each.
        let isSameAgain =
            cause == .retry && progress.record?.result == .failed && progress.record?.revision == revision
        if isSameAgain {
            progress.record?.retries += 1
            progress.record?.result = .running
            progress.record?.finishedAt = nil
            progress.record?.message = ""
            for step in plan.steps where step.isShown {
                note(step.reference, step.action, step.firstState, step.reason)
            }
        } else {
            progress.lastNumber += 1
            progress.counted = []
            var record = SyncRecord(
                number: progress.lastNumber,
                cause: cause,
                revision: revision,
                startedAt: now
            )
            record.person = person.flatMap { $0.isEmpty ? nil : $0 }
            if let rendered = progress.rendered, rendered.revision == revision,
                progress.completed != revision.commit
            {
                (record.seenAt, record.renderedAt) = (rendered.seenAt, rendered.renderedAt)
            }
            let time = now
            record.steps = plan.steps.filter(\.isShown).map { step in
                SyncStep(
                    object: step.reference.description,
                    action: step.action,
                    state: step.firstState,
                    message: step.reason,
                    since: time
                )
            }
            progress.record = record
            progress.stepPlaces = Dictionary(
                record.steps.enumerated().map { ($1.object, $0) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        progress.waveWait = nil
        publishRecord()
        keepRecord()
    }

    /// Puts the sync on disk: that it begins, before it writes anything, and how it ended, before anybody is told.
    ///
    /// Whoever kills Varde then finds it in the history as it was.
    private func keepRecord() {
        // A new application waits until it is recorded, its sync with it.
        guard let record = progress.record, cell.inputs.withLock({ $0.isRecorded }) else { return }
        // Who writes it down later says why that failed.
        try? environment.history?.write(record, of: id)
    }

    mutating func note(
        _ reference: ObjectReference,
        _ action: SyncStep.Action,
        _ state: SyncStep.State,
        _ message: String = ""
    ) {
        let key = reference.description
        let now = now
        guard progress.record != nil else { return }
        if let place = progress.stepPlaces[key], let known = progress.record?.steps[place] {
            guard known.state != state || known.message != message else { return }
            if known.action == .none || action == .update || state == .skipped {
                progress.record?.steps[place].action = action
            }
            progress.record?.steps[place].enter(state, message, at: now)
        } else {
            progress.stepPlaces[key] = progress.record?.steps.count
            progress.record?.steps.append(
                SyncStep(object: key, action: action, state: state, message: message, since: now)
            )
        }
    }

    /// Counts an object that was written in the sync; what an earlier try of it wrote is counted already.
    mutating func count(_ reference: ObjectReference, _ number: WritableKeyPath<SyncRecord, Int>) {
        guard progress.counted.insert(reference).inserted else { return }
        progress.record?[keyPath: number] += 1
    }

    mutating func finish(_ result: SyncRecord.Result, _ message: String) {
        guard progress.record?.result == .running else { return }
        let now = now
        progress.record?.result = result
        progress.record?.finishedAt = now
        progress.record?.message = message
        if result == .succeeded { progress.record?.appliedAt = now }
        let failures = Dictionary(
            progress.failures.map { ($0.key.description, $0.value.message) },
            uniquingKeysWith: { first, _ in first }
        )
        for index in progress.record?.steps.indices ?? 0..<0 {
            guard let step = progress.record?.steps[index] else { continue }
            switch (step.state, step.action) {
            case (.planned, .hold), (.planned, .refuse), (.applying, _):
                progress.record?.steps[index].enter(.skipped, step.message, at: now)
            case (.planned, _) where result != .succeeded:
                // It failed in an earlier try, and this one ended before its turn came.
                if let failure = failures[step.object] {
                    progress.record?.steps[index].enter(.failed, failure, at: now)
                } else {
                    progress.record?.steps[index].enter(.skipped, step.message, at: now)
                }
            case (.planned, .delete):
                // Its deletion was asked for before.
                progress.record?.steps[index].enter(.applied, step.message, at: now)
            default: break
            }
        }
        if result != .failed { progress.counted = [] }
        if result == .failed, progress.completed != progress.record?.revision?.commit {
            progress.failedRevision = progress.record?.revision?.commit
        }
        keepRecord()
        publishRecord()
        if !isAskedFor { endRequest() }
        environment.records.enqueue(id, after: .milliseconds(500))
    }

    func publishRecord() {
        guard let record = progress.record else { return }
        environment.board.publish(.sync(id, record))
        // The steps are on disk soon, so that a restart finds how far it was.
        if environment.history != nil, record.result == .running {
            environment.records.enqueue(id, after: .seconds(2))
        }
    }

    /// Lets the steps of the last sync say how their objects are by now.
    mutating func judgeSteps(_ tree: ObjectTree) {
        guard let record = progress.record, record.result == .running || record.result == .succeeded else {
            return
        }
        let open = record.steps.contains {
            $0.state == .applied || $0.state == .waiting || $0.state == .failed
        }
        guard open else { return }
        let now = now
        let nodes = Dictionary(tree.nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, step) in record.steps.enumerated() {
            guard step.action != .delete,
                step.state == .applied || step.state == .waiting || step.state == .failed,
                let node = nodes[step.object], node.sync != .failed,
                // What it waits for was said already; that it is not there yet says less.
                step.state != .waiting || node.health != .missing
            else { continue }
            let state: SyncStep.State =
                switch node.health {
                case .healthy, .suspended: .healthy
                case .degraded: .failed
                case .progressing, .missing, .unknown: .waiting
                }
            let message = state == .healthy ? "" : node.message
            guard state != step.state || message != step.message else { continue }
            progress.record?.steps[index].enter(state, message, at: now)
        }
        publishRecord()
    }
}

extension Plan.Step {
    /// Whether a sync has something to say of it.
    var isShown: Bool { isChange || action == .hold || action == .refuse }

    /// What a sync begins with: an object of a kind that nobody serves is parked.
    fileprivate var firstState: SyncStep.State { obstacle == .unknownKind ? .waiting : .planned }
}
