import Delivery
import KubeModel
import Synchronization

/// All applications in a tenth of the bytes: what many of them share is said once, and the rest by position.
///
/// A row is `[tenant, cluster, namespace, sync, health, message, since, desired, applied, appliedAt, healthyAt, counts,
/// findings, source, path, images, pin, pause]`; `desired` and `applied` are places in `revisions`, -1 for none; `source` one in
/// `sources`, `images` in `images`; times are milliseconds since 1970.
struct BriefApplications {
    private struct Table<Value: Hashable> {
        private(set) var values: [Value] = []
        private var places: [Value: Int] = [:]

        mutating func place(_ value: Value) -> JSON {
            if let known = places[value] { return .count(known) }
            places[value] = values.count
            values.append(value)
            return .count(values.count - 1)
        }
    }

    private struct Source: Hashable { var repository: String, branch: String, tool: String? }

    private var revisions = Table<ApplicationSnapshot.Revision>()
    private var sources = Table<Source>()
    private var names = Table<String>()
    private var rows: [JSON] = []

    init(_ applications: [ApplicationSnapshot], images: (ApplicationID) -> [String]) {
        rows.reserveCapacity(applications.count)
        for application in applications { rows.append(row(application, images(application.id))) }
    }

    private mutating func row(_ application: ApplicationSnapshot, _ images: [String]) -> JSON {
        let counts = application.counts
        let source = Source(
            repository: application.repositoryURL,
            branch: application.branch,
            tool: application.tool
        )
        return .array([
            .string(application.id.tenant), .string(application.id.cluster),
            .string(application.id.namespace),
            .string(application.sync.rawValue), .string(application.health.rawValue),
            .string(application.message), Self.milliseconds(application.since),
            application.desired.map { revisions.place($0) } ?? -1,
            application.applied.map { revisions.place($0) } ?? -1,
            Self.milliseconds(application.appliedAt), Self.milliseconds(application.healthyAt),
            [
                .count(counts.total), .count(counts.synced), .count(counts.healthy),
                .count(counts.progressing),
                .count(counts.degraded),
            ],
            .array(application.findings.map(\.answer)), sources.place(source), .string(application.path),
            .array(images.map { names.place($0) }), application.pin?.answer ?? .null,
            application.pause?.answer ?? .null,
        ])
    }

    private static func milliseconds(_ seconds: Double?) -> JSON {
        guard let seconds, seconds.isFinite, abs(seconds) < 1e11 else { return .null }
        return .integer(Int64(seconds * 1_000))
    }

    /// - Parameters:
    ///   - sequence: What the board had counted to before they were read.
    func answer(sequence: UInt64, process: String) -> JSON {
        [
            "rows": .array(rows),
            "revisions": .array(
                revisions.values.map {
                    [.string($0.commit), .string($0.author), .string($0.subject), .time($0.time)]
                }
            ),
            "sources": .array(
                sources.values.map { [.string($0.repository), .string($0.branch), .optional($0.tool)] }
            ),
            "images": .strings(names.values), "sequence": .integer(Int64(sequence)),
            "process": .string(process),
        ]
    }
}

/// What is asked for again and again is made once for each state of the board.
final class BriefAnswers: Sendable {
    private struct Kept {
        var sequence: UInt64?
        var bytes: [UInt8] = []
    }

    private let kept = Mutex(Kept())

    func bytes(of board: Board, process: String, for sight: Sight) -> [UInt8] {
        // Read before the applications: a reader then sees some changes twice rather than one never.
        let sequence = board.sequence
        guard sight.isEverything else {
            let seen = board.applications().filter { sight.sees(tenant: $0.id.tenant) }
            return BriefApplications(seen, images: board.images(of:))
                .answer(sequence: sequence, process: process).encoded()
        }
        if let known = kept.withLock({ $0.sequence == sequence ? $0.bytes : nil }) { return known }
        let brief = BriefApplications(board.applications(), images: board.images(of:))
        let bytes = brief.answer(sequence: sequence, process: process).encoded()
        kept.withLock { $0 = Kept(sequence: sequence, bytes: bytes) }
        return bytes
    }
}
