import KubeModel

/// The controls of the Pod Security Standards, in the words of Kubernetes' own checks; of their newest version.
struct PodSecurityChecks {
    struct Violation: Hashable {
        var reason: String
        var detail: String

        var text: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
    }

    let spec: JSON
    let annotations: [String: String]
    /// The minor version of the standard.
    let minor: Int
    let containers: [JSON]

    init(spec: JSON, annotations: [String: String], minor: Int) {
        self.spec = spec
        self.annotations = annotations
        self.minor = minor
        containers = ["initContainers", "containers", "ephemeralContainers"].flatMap { spec.elements(of: $0) }
    }

    /// Everything that a level forbids, baseline first, each in order of the checks' names.
    func violations(_ level: PodSecurityPolicy.Level) -> [Violation] {
        switch level {
        case .privileged: []
        case .baseline:
            [
                appArmorProfile, baselineCapabilities, hostNamespaces, hostPathVolumes, hostPorts, hostProbes,
                privileged, procMount(isRestricted: false), seLinuxOptions, baselineSeccompProfile, sysctls,
                windowsHostProcess,
            ]
            .compactMap { $0 }
        case .restricted:
            // The stricter control of the same matter takes the place of the baseline's.
            [
                appArmorProfile, hostNamespaces, hostPorts, hostProbes, privileged,
                minor < 35 ? procMount(isRestricted: false) : nil, seLinuxOptions, sysctls,
                windowsHostProcess, allowPrivilegeEscalation, restrictedCapabilities,
                minor < 35 ? nil : procMount(isRestricted: true), restrictedVolumes, runAsNonRoot, runAsUser,
                restrictedSeccompProfile,
            ]
            .compactMap { $0 }
        }
    }

    var isWindows: Bool { spec.at("os", "name")?.string == "windows" }
    /// Whether the pod has user identifiers of its own, in which root is nobody outside.
    var hasUserNamespace: Bool { spec["hostUsers"]?.bool == false }

    // MARK: Words

    func names(where isBad: (JSON) -> Bool) -> [String] {
        containers.filter(isBad).map { $0["name"]?.string ?? "" }
    }

    static func quoted(_ texts: [String]) -> String { texts.map(\.goQuoted).joined(separator: ", ") }

    /// Sorted, once each, quoted.
    static func set(_ texts: [String]) -> String { quoted(Set(texts).sorted()) }

    /// `container "a"` or `containers "a", "b"`.
    static func subject(_ names: [String]) -> String {
        (names.count == 1 ? "container " : "containers ") + quoted(names)
    }

    /// `pod`, `container "a"`, `pod and containers "a", "b"`; `nil` when neither.
    static func setters(pod: Bool, _ names: [String]) -> String? {
        let parts = (pod ? ["pod"] : []) + (names.isEmpty ? [] : [subject(names)])
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }
}
