import KubeModel

/// What a namespace's labels `pod-security.kubernetes.io/…` ask of its pods.
struct PodSecurityPolicy: Sendable, Hashable {
    enum Level: String, Sendable, Comparable {
        case privileged, baseline, restricted

        private var rank: Int {
            switch self {
            case .privileged: 0
            case .baseline: 1
            case .restricted: 2
            }
        }

        static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    struct Rule: Sendable, Hashable {
        var level = Level.privileged
        /// `latest` or `v1.30`.
        var version = "latest"

        /// As messages name it: `restricted:latest`.
        var text: String { "\(level.rawValue):\(version)" }

        /// The minor version of the standard; newer than any where it is the latest.
        var minor: Int { version == "latest" ? .max : Int(version.dropFirst(3)) ?? .max }

        func violations(spec: JSON, annotations: [String: String]) -> [PodSecurityChecks.Violation] {
            guard level != .privileged else { return [] }
            return PodSecurityChecks(spec: spec, annotations: annotations, minor: minor).violations(level)
        }
    }

    private(set) var enforce = Rule()
    /// Is told to nobody here, for there is no audit log; its labels are checked all the same.
    private(set) var audit = Rule()
    private(set) var warn = Rule()
    /// Labels that say nothing known.
    private(set) var errors: [FieldError] = []

    private static let prefix = "pod-security.kubernetes.io/"

    init(labels: [String: String]) {
        let hasEnforce = labels[Self.prefix + "enforce"].flatMap(Level.init) != nil
        // What cannot be read forbids where it enforces, and is silent where it only tells.
        read(labels, "enforce", otherwise: .restricted, into: \.enforce)
        read(labels, "audit", otherwise: .privileged, into: \.audit)
        read(labels, "warn", otherwise: .privileged, into: \.warn)
        if hasEnforce, labels[Self.prefix + "warn"] == nil, enforce.level > warn.level {
            warn.level = enforce.level
            if labels[Self.prefix + "warn-version"] == nil { warn.version = enforce.version }
        }
    }

    private mutating func read(
        _ labels: [String: String],
        _ mode: String,
        otherwise: Level,
        into rule: WritableKeyPath<PodSecurityPolicy, Rule>
    ) {
        let path = FieldPath("metadata", "labels")
        if let text = labels[Self.prefix + mode] {
            if let level = Level(rawValue: text) {
                self[keyPath: rule].level = level
            } else {
                self[keyPath: rule].level = otherwise
                errors.append(
                    .invalid(
                        path.key(Self.prefix + mode),
                        .string(text),
                        "must be one of privileged, baseline, restricted"
                    )
                )
            }
        }
        let key = Self.prefix + mode + "-version"
        if let text = labels[key] {
            if text == "latest" || text.hasPrefix("v1.") && UInt16(text.dropFirst(3)) != nil {
                self[keyPath: rule].version = text
            } else {
                errors.append(.invalid(path.key(key), .string(text), "must be \"latest\" or \"v1.x\""))
            }
        }
    }
}
