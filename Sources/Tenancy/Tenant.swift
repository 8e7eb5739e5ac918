package import KubeModel

/// A product team, as its `Tenant` object in the admin cluster declares it.
package struct Tenant: Sendable, Hashable {
    package var name: String
    package var displayName: String
    /// A prefix `foo` owns namespace `foo` and every `foo-…`.
    package var prefixes: [String]
    /// Longer prefixes that this tenant, owner of a shorter one, leaves to others.
    package var carveOuts: [String]
    package var repositories: [TenantSummary.Repository]
    /// Names of the clusters it may use; empty for all.
    package var clusters: [String]
    package var groups: [String: [String]]
    package var deletionDelay: Duration
    package var podSecurity: String
    package var namespaceLabels: [String: String]
    /// Kinds refused by default (cluster-scoped ones, `Namespace`) that this tenant may apply; `Kind` or `Kind.group`.
    package var allowedKinds: [String]
    /// Kinds that this tenant may not apply; `Kind` or `Kind.group`.
    package var deniedKinds: [String]
    /// Image registries that may be used; empty for all.
    package var registries: [String]
    /// The Secret with the keys whose signatures on commits are trusted; `nil` when none are asked for.
    package var signaturesSecret: String?
    /// The Secret with what webhooks are signed with; `nil` when anybody may say that something was pushed.
    package var webhookSecret: String?
    /// Hosts that tools may fetch from while rendering, and that submodules may be read from besides the repositories' own:
    /// `host`, `*.suffix`, with a port or without.
    package var allowedHosts: [String]
    package var namespaceQuota: Int?
    /// Objects of one application.
    package var objectQuota: Int?
    /// RFC 3339, to decide which of two overlapping declarations was first.
    package var createdAt: String

    package init(name: String, prefixes: [String]) {
        self.name = name
        self.prefixes = prefixes
        displayName = name
        carveOuts = []
        repositories = []
        clusters = []
        groups = [:]
        deletionDelay = .seconds(60)
        podSecurity = "baseline"
        namespaceLabels = [:]
        allowedKinds = []
        deniedKinds = []
        registries = []
        allowedHosts = []
        createdAt = ""
    }
}

extension Tenant {
    /// How `allowedKinds` and `deniedKinds` may name a kind: `CronJob`, `CronJob.batch` or `batch/CronJob`.
    static func names(of kind: String, group: String) -> [String] {
        group.isEmpty ? [kind] : [kind, "\(kind).\(group)", "\(group)/\(kind)"]
    }

    /// Reads a `Tenant` object; its schema has been checked by the admin cluster, so what is left are rules across fields.
    ///
    /// - Parameter platformURL: What relative repository URLs are relative to, as Git's submodules are: `../team-apps.git` is a
    ///   sibling of the platform repository.
    package init(_ object: KubeObject, platformURL: String?) throws(TenancyError) {
        let spec = object.spec
        func strings(_ key: String) -> [String] { spec[key]?.array?.compactMap(\.string) ?? [] }

        self.init(name: object.name, prefixes: strings("prefixes"))
        createdAt = object.creationTimestamp ?? ""
        displayName = spec["displayName"]?.string ?? object.name
        carveOuts = strings("carveOuts")
        clusters = strings("clusters")
        allowedKinds = strings("allowedKinds")
        deniedKinds = strings("deniedKinds")
        registries = strings("registries")
        signaturesSecret = spec.at("signatures", "secret")?.string
        webhookSecret = spec.at("webhook", "secret")?.string
        allowedHosts = (spec.at("network", "hosts")?.array ?? []).compactMap { $0.string?.lowercased() }
        podSecurity = spec["podSecurity"]?.string ?? "baseline"
        namespaceQuota = spec.at("quota", "namespaces")?.int
        objectQuota = spec.at("quota", "objects")?.int
        for (key, value) in spec["namespaceLabels"]?.object ?? [:] { namespaceLabels[key] = value.string }
        for (role, names) in spec["groups"]?.object ?? [:] {
            groups[role] = names.array?.compactMap(\.string)
        }
        for repository in spec["repositories"]?.array ?? [] {
            guard let url = repository["url"]?.string else { continue }
            repositories.append(
                TenantSummary.Repository(
                    url: RepositoryURL.resolve(url, relativeTo: platformURL),
                    branch: repository["branch"]?.string ?? "HEAD",
                    root: repository["root"]?.string ?? "env",
                    secret: repository["secret"]?.string,
                    hasSubmodules: repository["submodules"]?.bool ?? true,
                    depth: repository["depth"]?.int
                )
            )
        }
        if let text = spec["deletionDelay"]?.string {
            guard let delay = Self.duration(text) else {
                throw TenancyError(
                    code: .invalidTenant,
                    message: "spec.deletionDelay: \"\(text)\" is not a duration; write 0s, 90s, 5m or 1h."
                )
            }
            deletionDelay = delay
        }
        if let invalid = prefixes.first(where: { !Self.isLabel($0) }) {
            throw TenancyError(
                code: .invalidTenant,
                message: "spec.prefixes: \"\(invalid)\" cannot begin a namespace's name: "
                    + "use lower-case letters, digits and '-', at most 63."
            )
        }
        guard !prefixes.isEmpty else {
            throw TenancyError(
                code: .invalidTenant,
                message: "spec.prefixes is empty: the tenant could not own a namespace."
            )
        }
    }

    /// `90s`, `5m`, `1h30m`, as Kubernetes writes durations.
    static func duration(_ text: String) -> Duration? {
        var seconds = 0
        var digits = ""
        var sawUnit = false
        for character in text {
            switch character {
            case "0"..."9": digits.append(character)
            case "s", "m", "h":
                guard let number = Int(digits), number < 1_000_000 else { return nil }
                seconds += number * (character == "h" ? 3_600 : character == "m" ? 60 : 1)
                digits = ""
                sawUnit = true
            default: return nil
            }
        }
        return digits.isEmpty && sawUnit ? .seconds(seconds) : nil
    }

    private static func isLabel(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.last != UInt8(ascii: "-")
        else {
            return false
        }
        return bytes.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
    }
}

/// Why something about a tenant cannot be done.
package struct TenancyError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case invalidTenant, prefixOverlap, foreignNamespace, foreignContent, namespaceTerminating, notAllowed
        case namespaceQuota
    }

    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
    /// Whether waiting may help.
    package var isRetryable: Bool { code == .namespaceTerminating }
}
