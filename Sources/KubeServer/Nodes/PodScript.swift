import KubeModel

/// How a simulated pod behaves: from its annotations, its images and its spec.
struct PodScript: Sendable {
    enum Failure: String, Sendable {
        case imagePull = "image-pull", crashLoop = "crash-loop", notReady = "not-ready", oom
        /// The probe of this kind fails, so that the container is killed and started again.
        case liveness, startup
    }

    /// Annotations that tell a pod how to behave.
    enum Annotation {
        static let fail = "sim.varde.dev/fail"
        static let startAfter = "sim.varde.dev/start-after"
        static let runFor = "sim.varde.dev/run-for"
        static let exitCode = "sim.varde.dev/exit-code"
        static let stopAfter = "sim.varde.dev/stop-after"
        static let container = "sim.varde.dev/container"
    }

    var failure: Failure?
    var startAfter: Duration
    /// How long its containers run; `nil` for ever.
    var runFor: Duration?
    var exitCode: Int
    /// How long its containers take to end once they are told to.
    var stopAfter: Duration?
    /// The one container that all this is about; `nil` for all that are no init containers.
    var container: String?

    init(_ pod: KubeObject) {
        failure = pod.annotation(Annotation.fail).flatMap(Failure.init(rawValue:))
        startAfter = pod.annotation(Annotation.startAfter).flatMap(Duration.init(goText:)) ?? .zero
        exitCode = pod.annotation(Annotation.exitCode).flatMap { Int($0) } ?? 0
        stopAfter = pod.annotation(Annotation.stopAfter).flatMap(Duration.init(goText:))
        container = pod.annotation(Annotation.container)
        runFor = pod.annotation(Annotation.runFor).flatMap(Duration.init(goText:))
        if runFor == nil, pod.at("spec", "restartPolicy")?.string ?? "Always" != "Always" {
            runFor =
                Self.sleepTime(of: pod) ?? .milliseconds(1_000 + Int(TemplateHash.fnv(pod.uid.utf8) % 700))
        } else if runFor == nil, exitCode != 0 {
            runFor = .seconds(1)
        }
    }

    func applies(to name: String, _ role: ContainerSimulation.Role) -> Bool {
        container.map { $0 == name } ?? (role == .main)
    }

    func failure(of container: ContainerSimulation) -> Failure? {
        applies(to: container.name, container.role) ? failure : nil
    }

    /// How long a container's `preStop` hook takes, as far as it only sleeps.
    static func preStopTime(of container: JSON) -> Duration {
        let hook = container.at("lifecycle", "preStop")
        if let seconds = hook?.at("sleep", "seconds")?.int { return .seconds(seconds) }
        return hook?.at("exec", "command").flatMap { sleepTime(["command": $0]) } ?? .zero
    }

    /// The time of a `sleep N` in the first container's command.
    private static func sleepTime(of pod: KubeObject) -> Duration? {
        sleepTime(pod.at("spec", "containers")?[0])
    }

    private static func sleepTime(_ container: JSON?) -> Duration? {
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
