import KubeModel

/// How a simulated pod behaves: from its annotations, its images and its spec.
struct PodScript: Sendable {
    enum Failure: String, Sendable {
        case imagePull = "image-pull", crashLoop = "crash-loop", notReady = "not-ready", oom
    }

    /// Annotations that tell a pod how to behave.
    enum Annotation {
        static let fail = "sim.varde.dev/fail"
        static let startAfter = "sim.varde.dev/start-after"
        static let runFor = "sim.varde.dev/run-for"
        static let exitCode = "sim.varde.dev/exit-code"
    }

    var failure: Failure?
    var startAfter: Duration
    /// How long its containers run; `nil` for ever.
    var runFor: Duration?
    var exitCode: Int

    init(_ pod: KubeObject) {
        failure = pod.annotation(Annotation.fail).flatMap(Failure.init(rawValue:))
        startAfter = pod.annotation(Annotation.startAfter).flatMap(Duration.init(goText:)) ?? .zero
        exitCode = pod.annotation(Annotation.exitCode).flatMap { Int($0) } ?? 0
        runFor = pod.annotation(Annotation.runFor).flatMap(Duration.init(goText:))
        if runFor == nil, pod.at("spec", "restartPolicy")?.string ?? "Always" != "Always" {
            runFor =
                Self.sleepTime(of: pod) ?? .milliseconds(1_000 + Int(TemplateHash.fnv(pod.uid.utf8) % 700))
        } else if runFor == nil, exitCode != 0 {
            runFor = .seconds(1)
        }
    }

    /// The time of a `sleep N` in the first container's command.
    private static func sleepTime(of pod: KubeObject) -> Duration? {
        let container = pod.at("spec", "containers")?[0]
        let words = ((container?["command"]?.array ?? []) + (container?["args"]?.array ?? [])).compactMap(
            \.string
        )
        .flatMap { $0.split(whereSeparator: { " ;&\n".contains($0) }) }
        guard let place = words.firstIndex(where: { $0 == "sleep" || $0.hasSuffix("/sleep") }),
            place + 1 < words.count
        else {
            return nil
        }
        if words[place + 1] == "infinity" { return .seconds(1_000_000_000) }
        return Double(words[place + 1]).map { .seconds($0) }
    }
}
