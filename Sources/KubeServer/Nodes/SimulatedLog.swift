import KubeModel

/// One container's log as a function of time.
struct SimulatedLog: Sendable {
    let startedAt: Timestamp
    private let endedAt: Timestamp?
    private let exitCode: Int
    private let endReason: String
    private let seed: UInt64
    private let container: String
    private let image: String
    private let isCrashing: Bool

    var hasEnded: Bool { endedAt != nil }

    init(pod: KubeObject, container: String, previous: Bool) throws {
        let statuses =
            (pod.at("status", "containerStatuses")?.array ?? [])
            + (pod.at("status", "initContainerStatuses")?.array ?? [])
            + (pod.at("status", "ephemeralContainerStatuses")?.array ?? [])
        let status = statuses.first { $0["name"]?.string == container }
        let state: JSON?
        if previous {
            state = status?.at("lastState", "terminated")
            guard state != nil else {
                throw SimulatedLogs.badRequest(
                    "previous terminated container \"\(container)\" in pod \"\(pod.name)\" not found"
                )
            }
        } else {
            // Between two runs the log is that of the last one.
            state =
                status?.at("state", "running") ?? status?.at("state", "terminated")
                ?? status?.at("lastState", "terminated")
        }
        guard let state, let started = state["startedAt"]?.string.flatMap({ Timestamp(parsing: $0) }) else {
            let reason = status?.at("state", "waiting", "reason")?.string ?? "ContainerCreating"
            let problem =
                switch reason {
                case "ErrImagePull": "image can't be pulled"
                case "ImagePullBackOff": "trying and failing to pull image"
                default: reason
                }
            throw SimulatedLogs.badRequest(
                "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: \(problem)"
            )
        }
        startedAt = started
        endedAt = state["finishedAt"]?.string.flatMap { Timestamp(parsing: $0) }
        exitCode = state["exitCode"]?.int ?? 0
        endReason = state["reason"]?.string ?? ""
        seed = TemplateHash.fnv((pod.uid + container).utf8)
        self.container = container
        image = status?["image"]?.string ?? ""
        let failure = PodScript(pod).failure
        isCrashing = failure == .crashLoop || failure == .oom || exitCode != 0
    }

    /// The lines of a log up to a moment, as the options choose them.
    func text(from: Timestamp? = nil, until now: Timestamp, _ options: LogOptions) -> [UInt8] {
        var earliest = from
        if from == nil, let seconds = options.sinceSeconds { earliest = now.adding(seconds: -seconds) }
        if from == nil, let time = options.sinceTime.flatMap({ Timestamp(parsing: $0) }) { earliest = time }
        let last = min(now, endedAt ?? now)
        var lines = opening.filter { line in
            line.at <= max(last, startedAt)
                && earliest.map { from == nil ? line.at >= $0 : line.at > $0 } ?? true
        }
        let work = workLines(
            from: earliest ?? startedAt,
            isAfter: from != nil,
            until: last,
            limit: options.tailLines ?? 5_000
        )
        lines += work
        if let endedAt, earliest.map({ endedAt >= $0 }) ?? true { lines += closing(at: endedAt) }
        if from == nil, let tail = options.tailLines { lines = tail <= 0 ? [] : lines.suffix(tail) }
        var text: [UInt8] = []
        for line in lines {
            text += (options.timestamps ? line.at.microText.dropLast() + "000Z " : "").utf8
            text += line.text.utf8
            text.append(UInt8(ascii: "\n"))
        }
        if let limit = options.limitBytes, text.count > limit { text = Array(text.prefix(limit)) }
        return text
    }

    private struct Line {
        var at: Timestamp
        var text: String
    }

    private var opening: [Line] {
        [
            Line(
                at: startedAt,
                text: "[simulated] No container runs here: Varde makes these lines up. Image \(image)"
            ),
            Line(at: startedAt, text: "\(startedAt.text) INFO  \(container) starting pid=1"),
            Line(at: startedAt, text: "\(startedAt.text) INFO  configuration loaded from environment"),
        ]
            + (isCrashing
                ? [] : [Line(at: startedAt, text: "\(startedAt.text) INFO  listening on 0.0.0.0:8080")])
    }

    private func closing(at moment: Timestamp) -> [Line] {
        switch exitCode {
        case 0: [Line(at: moment, text: "\(moment.text) INFO  finished, exit code 0")]
        case 137 where endReason == "OOMKilled":
            [Line(at: moment, text: "\(moment.text) WARN  memory is at its limit")]
        case 137, 143:
            [Line(at: moment, text: "\(moment.text) WARN  told to end, exit code \(exitCode)")]
        default:
            [
                Line(
                    at: moment,
                    text: "\(moment.text) ERROR cannot reach its database: connection refused"
                ),
                Line(at: moment, text: "\(moment.text) FATAL giving up, exit code \(exitCode)"),
            ]
        }
    }

    /// One line every few seconds.
    private func workLines(from: Timestamp, isAfter: Bool, until: Timestamp, limit: Int) -> [Line] {
        let period = 4 + Int(seed % 5)
        guard !isCrashing, until > startedAt else { return [] }
        let last = Int(until.seconds - startedAt.seconds) / period
        let offset = max(0, Int(from.seconds - startedAt.seconds))
        var first = isAfter ? offset / period + 1 : (offset + period - 1) / period
        first = max(1, max(first, last - limit + 1))
        guard first <= last else { return [] }
        return (first...last).map { number in
            let at = startedAt.adding(seconds: number * period)
            return Line(at: at, text: "\(at.text) \(work(number))")
        }
    }

    private func work(_ number: Int) -> String {
        let hash = TemplateHash.fnv("\(number)".utf8, from: seed)
        let paths = ["/", "/healthz", "/api/v1/items", "/api/v1/orders", "/metrics", "/login"]
        let path = paths[Int(hash % UInt64(paths.count))]
        let time = 1 + Int((hash >> 8) % 90)
        switch (hash >> 20) % 20 {
        case 0: return "WARN  slow upstream answer path=\(path) duration=\(400 + time * 7)ms"
        case 1: return "INFO  cache refreshed entries=\(20 + Int((hash >> 30) % 400))"
        default: return "INFO  GET \(path) status=200 duration=\(time)ms"
        }
    }
}
