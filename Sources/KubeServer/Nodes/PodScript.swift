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

extension Duration {
    /// A duration as Go writes it (`1m30s`, `250ms`); a bare number is seconds.
    init?(goText text: String) {
        if let seconds = Double(text) {
            self = .seconds(seconds)
            return
        }
        let units: [String: Double] = ["h": 3_600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000_001]
        var total = 0.0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let scale = units[String(unit)] else { return nil }
            total += number * scale
        }
        self = .seconds(total)
    }

    var microseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }

    /// As Go writes it, for messages: `10s`, `2m40s`, `123ms`.
    var goText: String {
        let milliseconds = microseconds / 1_000
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1_000
        let fraction = milliseconds % 1_000
        if fraction != 0 {
            var digits = String(fraction + 1_000).dropFirst()
            while digits.hasSuffix("0") { digits = digits.dropLast() }
            return (seconds >= 60 ? "\(seconds / 60)m" : "") + "\(seconds % 60).\(digits)s"
        }
        return (seconds >= 3_600 ? "\(seconds / 3_600)h" : "")
            + (seconds >= 60 ? "\(seconds / 60 % 60)m" : "") + "\(seconds % 60)s"
    }
}

/// An image reference, as far as the simulation and its messages need it.
struct ImageReference: Sendable, Hashable {
    let text: String
    /// With registry and tag: `docker.io/library/nginx:1`.
    let fullName: String
    let registry: String
    let tag: String

    init(_ text: String) {
        self.text = text
        let digestFree = text.split(separator: "@", maxSplits: 1).first.map(String.init) ?? text
        var parts = digestFree.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var registry = "docker.io"
        if parts.count > 1, let first = parts.first,
            first.contains(".") || first.contains(":") || first == "localhost"
        {
            registry = first
            parts.removeFirst()
        } else if parts.count == 1 {
            parts.insert("library", at: 0)
        }
        let last = (parts.last ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        tag = last.count > 1 ? last[1] : "latest"
        parts[parts.count - 1] = last.first ?? ""
        self.registry = registry
        fullName = "\(registry)/\(parts.joined(separator: "/")):\(tag)"
    }

    var hash: UInt64 { TemplateHash.fnv(text.utf8) }

    /// What the runtime says when it cannot pull the image; `nil` when it can.
    var pullFailure: String? {
        if text.split(separator: "/").first.map({
            $0 == "invalid.example" || $0.hasSuffix(".invalid.example")
        }) ?? false {
            let path = fullName.dropFirst(registry.count + 1).dropLast(tag.count + 1)
            return Self.unresolved(
                code: "Unknown",
                fullName,
                "failed to do request: Head \"https://\(registry)/v2/\(path)/manifests/\(tag)\": "
                    + "dial tcp: lookup \(registry): no such host"
            )
        }
        return tag == "does-not-exist" ? notFound : nil
    }

    var notFound: String { Self.unresolved(code: "NotFound", fullName, "\(fullName): not found") }

    private static func unresolved(code: String, _ name: String, _ cause: String) -> String {
        "rpc error: code = \(code) desc = failed to pull and unpack image \"\(name)\": "
            + "failed to resolve reference \"\(name)\": \(cause)"
    }
}
