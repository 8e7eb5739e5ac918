import GitSource
import KubeClient
import KubeModel
import KubeRuntime
import Rendering
import Synchronization

/// One look at one application, from what its repository says to what its cluster has; its steps are in extensions.
struct ReconcilePass {
    let environment: DeliveryEnvironment
    let cell: ApplicationCell
    /// What is asked for; of a pinned application, the commit that it is pinned to.
    var inputs: ApplicationCell.Inputs
    var progress: Progress
    /// While others of its tenant keep the tools, workers of its cluster have better to do than to wait with it.
    var queueing: RenderRequest.Queueing
    /// As they were when the pass began.
    private let asked: ApplicationCell.Inputs

    init(_ environment: DeliveryEnvironment, _ cell: ApplicationCell) {
        self.environment = environment
        self.cell = cell
        asked = cell.inputs.withLock { $0 }
        inputs = asked
        progress = cell.progress.withLock { $0 }
        queueing = .comesBack { [id = cell.id] in environment.wake(id) }
    }

    var id: ApplicationID { cell.id }
    var now: Double { environment.now() }

    /// Whether the application's object is to be written without waiting for what else may change.
    var isToBeRecorded = false

    func keepProgress() {
        cell.progress.withLock { $0 = progress }
        if isToBeRecorded { environment.records.enqueue(id) }
    }

    /// Whether discovery has something newer than this pass works on.
    var isOutdated: Bool {
        cell.inputs.withLock {
            $0.trees != asked.trees || $0.presence != asked.presence || $0.source != asked.source
                || $0.pin != asked.pin || $0.isPaused != asked.isPaused
        }
    }

    mutating func run() async throws -> ReconcileResult {
        // Another replica does; its records are shown.
        guard environment.delivers(to: id.cluster) else { return .settled }
        switch inputs.presence {
        case .unknown where await useRecorded(): return try await deliver()
        case .unknown:
            // Its repository could not be read yet; why not is all there is to say.
            let reading =
                inputs.sourceFinding == nil ? "Reads \(inputs.source.repositoryURL) after a restart." : ""
            show(progress.snapshot.sync, message: reading, findings: [])
            return .settled
        case .undeclared:
            return await refuse(
                finding(
                    .refused,
                    "No tenant delivers \(inputs.source.path) of \(inputs.source.repositoryURL) any more; its objects are kept."
                )
            )
        case .vanished(let tombstone):
            if let pin = inputs.pin, now >= pin.expiresAt {
                end(pin)
                return vanishAfterPin()
            }
            guard !inputs.isPaused else {
                return untilPinExpires(
                    await showStanding(.paused, message: pauseWords + " Its directory is gone.", findings: [])
                )
            }
            guard inputs.pin != nil else { return try await bury(tombstone) }
            // The pinned commit still has it.
            return untilPinExpires(try await deliver())
        case .present:
            guard inputs.commit != nil else { return .settled }
            return try await deliver()
        }
    }

    /// Delivers the commit that is asked for, where its cluster and its tenant allow that.
    private mutating func deliver() async throws -> ReconcileResult {
        guard let lane = environment.lanes[id.cluster] else {
            guard let expected = environment.lanes.expected else { return .settled }
            if expected.contains(id.cluster) {
                return unreachable(noConnection)
            }
            return await refuse(
                finding(
                    .unknownCluster,
                    "There is no cluster \(id.cluster) in the fleet.",
                    origin: inputs.source.path
                )
            )
        }
        if !inputs.source.isPlatform,
            let refusal = await environment.policy.refusal(of: id, path: inputs.source.path)
        {
            return await refuse(refusal)
        }
        if let failure = lane.view.failure { return unreachable(failure) }
        takeAwaitedChange()
        if isAskedFor { (progress.resolveAt, progress.resolveAttempts) = (0, 0) }
        do {
            try await usePin()
            if inputs.presence.isVanished, inputs.pin == nil { return vanishAfterPin() }
            notePin()
            guard let commit = inputs.commit else { return .settled }
            try await readRevision(at: commit, lane)
            return untilPinExpires(try await deliver(lane))
        } catch is ToolsBusy {
            return waitForTools()
        } catch let error as ClientError {
            return unreachable(error.message)
        } catch let error as GitError {
            return sourceFailed(error)
        } catch let error as StatusError {
            return failed(
                finding(.applyFailed, "The cluster answered: \(error.message)"),
                retryAfter: error.isRetryable ? .seconds(3) : .seconds(15)
            )
        }
    }

    /// Something changed that may have been awaited: what failed is due at once.
    private mutating func takeAwaitedChange() {
        let isDue = cell.inputs.withLock { inputs in
            defer { inputs.sawAwaitedChange = false }
            return inputs.sawAwaitedChange
        }
        guard isDue else { return }
        let now = now
        for reference in progress.failures.keys { progress.failures[reference]?.retryAt = now }
        progress.blocked?.retryAt = now
        progress.strangers?.lookAgainAt = now
        (progress.resolveAt, progress.resolveAttempts) = (now, 0)
    }

    // MARK: Ways to stop early

    /// Others of the tenant are at the tools; this one is woken when it is its turn.
    private mutating func waitForTools() -> ReconcileResult {
        if inputs.fetchesAnew { cell.inputs.withLock { $0.fetchesAnew = true } }
        if progress.snapshot.sync == .unknown {
            show(
                .unknown,
                message: "Waits while other directories of \(id.tenant) are rendered.",
                findings: []
            )
        }
        // In case that somebody before it was woken and did not come.
        return .again(after: .seconds(30))
    }

    func finding(_ code: Finding.Code, _ message: String, origin: String? = nil) -> Finding {
        Finding(code: code, message: message, origin: origin, since: now)
    }

    mutating func unreachable(_ message: String) -> ReconcileResult {
        let finding = finding(.clusterUnreachable, "Cluster \(id.cluster) does not answer: \(message)")
        show(.unknown, health: .unknown, findings: [finding])
        guard let view = environment.lanes[id.cluster]?.view else { return .again(after: .seconds(30)) }
        // This is for what a view cannot see.
        guard let failure = view.failure else { return .again(after: .seconds(5)) }
        // It wakes everybody when the cluster answers again, however soon that is.
        view.wasTold(failure)
        return .again(after: .seconds(30))
    }

    /// Why a cluster of the fleet has no lane.
    var noConnection: String { environment.noConnection(to: id.cluster) }

    mutating func sourceFailed(_ error: GitError) -> ReconcileResult {
        show(
            progress.snapshot.sync,
            findings: [finding(.sourceUnreadable, error.message, origin: inputs.source.path)]
        )
        return .again(after: .seconds(15))
    }

    mutating func failed(_ finding: Finding, retryAfter: Duration = .seconds(15)) -> ReconcileResult {
        show(.failed, findings: [finding])
        return .again(after: retryAfter)
    }

    // MARK: Showing

    /// Publishes what is known now.
    mutating func show(
        _ sync: SyncState,
        health: HealthState? = nil,
        message: String = "",
        findings: [Finding],
        change: (inout ApplicationSnapshot) -> Void = { _ in }
    ) {
        var findings = findings
        if let unreadable = inputs.sourceFinding { findings.append(unreadable) }
        if let settings = settingsFinding { findings.append(settings) }
        var snapshot = progress.snapshot
        snapshot.repository = inputs.source.repository
        snapshot.branch = inputs.source.branch
        snapshot.path = inputs.source.path
        if let pinned = pinFinding { findings.append(pinned) }
        snapshot.findings = Self.settle(findings, before: snapshot.findings)
        (snapshot.pin, snapshot.pause) = (inputs.pin, shownPause)
        change(&snapshot)
        let health = health ?? snapshot.health
        if snapshot.sync != sync || snapshot.health != health { enter(sync, health, &snapshot) }
        snapshot.sync = sync
        snapshot.health = health
        if snapshot.findings.contains(where: { $0.severity == .error }) || message.isEmpty {
            snapshot.message = Self.sentence(snapshot.findings) ?? message
        } else {
            snapshot.message = message
        }
        if sync != .unknown { progress.beforeRestart = nil }
        if let before = progress.beforeRestart {
            snapshot.message += (snapshot.message.isEmpty ? "" : " ") + before
        }
        guard snapshot != progress.snapshot || !progress.hasStarted else { return }
        progress.hasStarted = true
        progress.snapshot = snapshot
        // Whoever sees this may ask at once what differs: that is answered from what it was made of, not from before.
        cell.progress.withLock { $0 = progress }
        environment.board.publish(.application(snapshot))
        // What is only on its way is soon something else.
        let isOnItsWay = sync == .syncing || sync == .unknown
        environment.records.enqueue(id, after: isOnItsWay ? .seconds(2) : .milliseconds(500))
    }

    /// Notes that the state changed; one that is back after a moment goes on since it began.
    private mutating func enter(
        _ sync: SyncState,
        _ health: HealthState,
        _ snapshot: inout ApplicationSnapshot
    ) {
        let now = now
        let left = Progress.FormerState(
            sync: snapshot.sync,
            health: snapshot.health,
            since: snapshot.since,
            until: now
        )
        if health == .degraded, let former = progress.formerState, former.sync == sync,
            former.health == health,
            now - former.until < Self.flicker
        {
            snapshot.since = former.since
        } else {
            snapshot.since = now
        }
        progress.formerState = left
    }

    /// Seconds within which an application that fails again has failed all the while.
    private static let flicker = 60.0

    /// The worst finding, with the place that it does not name itself, and how many more there are.
    private static func sentence(_ findings: [Finding]) -> String? {
        let errors = findings.filter { $0.severity == .error }
        guard let first = errors.first ?? findings.first(where: { $0.severity == .warning }) ?? findings.first
        else { return nil }
        let place = first.origin.flatMap { origin -> String? in
            let file = origin.split(separator: ",").first.map(String.init) ?? origin
            return first.message.contains(file) ? nil : origin
        }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        return (place.map { "\($0): " } ?? "") + first.message + more
    }

    private var settingsFinding: Finding? {
        guard let problem = progress.rendered?.renderings.lazy.compactMap(\.settingsProblem).first else {
            return nil
        }
        return Finding(
            severity: .warning,
            code: .settingsInvalid,
            message: problem.message
                + (progress.lastGoodSettings == nil
                    ? " There are no earlier ones: the defaults are in use."
                    : " The last good settings stay in use."),
            origin: problem.origin?.description,
            since: now
        )
    }

    /// A finding that was there before keeps its time.
    private static func settle(_ findings: [Finding], before: [Finding]) -> [Finding] {
        findings.map { finding in
            guard
                let known = before.first(where: {
                    $0.code == finding.code && $0.object == finding.object && $0.message == finding.message
                })
            else { return finding }
            var finding = finding
            finding.since = known.since
            return finding
        }
    }
}
