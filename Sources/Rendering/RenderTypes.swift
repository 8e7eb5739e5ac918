package import GitSource
package import KubeModel

/// Which tool makes manifests of a directory.
package enum RenderTool: String, Sendable, Hashable, CaseIterable { case directory, kustomize, helm, jsonnet }

/// Settings of an application, from `varde.yaml` or `config.json` in its directory.
package struct ApplicationSettings: Sendable, Hashable {
    /// `nil`: decided by the files that are there.
    package var tool: RenderTool?
    package var autoSync = true
    package var prune = true
    package var selfHeal = true
    package var allowEmpty = false
    /// Take fields that other managers own, instead of leaving them with a finding.
    package var force = false
    /// How long a wave may take to become healthy before the next one is given up.
    package var waveDeadline = Duration.seconds(300)
    /// Argo CD's options, for all objects: `PruneLast=true`.
    package var syncOptions: [String] = []
    /// Fields that are neither compared nor sent.
    package var ignoreDifferences: [IgnoredDifference] = []
    package var helm = HelmOptions()
    package var jsonnet = JsonnetOptions()
    /// Directories that make the application together, in place of its own; none for its own alone.
    package var sources: [SourceOptions] = []

    package init() {}
}

/// Fields of some objects that the application leaves to others.
package struct IgnoredDifference: Sendable, Hashable {
    /// Empty members match everything.
    package var group: String?
    package var kind = ""
    package var name = ""
    package var namespace = ""
    /// RFC 6901: `/spec/replicas`.
    package var jsonPointers: [String] = []
    /// Every field that one of these field managers set.
    package var managers: [String] = []

    package init() {}
}

/// What to render: one directory of one commit.
package struct RenderRequest: Sendable {
    package var repository: GitRepository
    package var commit: Commit
    /// From the repository's root, without a slash at either end.
    package var path: String
    /// The destination namespace, for tools that want it; empty for cluster-scoped content.
    package var namespace: String
    package var clusterName: String
    /// What charts may ask of the cluster; `nil` when it is not known.
    package var capabilities: ClusterCapabilities?
    /// Stands in for settings that cannot be read.
    package var lastGood: ApplicationSettings?
    /// What a tool may fetch, where the files ask for something elsewhere; nothing when `nil`.
    package var network: ToolNetwork?
    package var fetching = Fetching.once
    /// For whom: tenants share the tools.
    package var tenant = ""
    package var queueing = Queueing.waits
    /// Called when the rendering needs a tool, which may take its time.
    package var whenAtTools: @Sendable () -> Void = {}

    /// When something elsewhere is read.
    package enum Fetching: Sendable {
        /// What was fetched for the same files before is used again.
        case once
        /// Again, because a person asked.
        case anew
    }

    /// What becomes of a request for a tool when many of the same tenant are at the tools.
    package enum Queueing: Sendable {
        case waits
        /// It fails with ``ToolsBusy``, and the closure is called when it is worth asking again.
        case comesBack(@Sendable () -> Void)
    }

    package init(
        repository: GitRepository,
        commit: Commit,
        path: String,
        namespace: String,
        clusterName: String,
        capabilities: ClusterCapabilities? = nil
    ) {
        self.capabilities = capabilities
        self.repository = repository
        self.commit = commit
        self.path = path
        self.namespace = namespace
        self.clusterName = clusterName
    }
}

/// What a chart can know of the cluster it is for.
package struct ClusterCapabilities: Sendable, Hashable {
    /// As `/version` tells it: `v1.36.0`.
    package var kubeVersion: String
    /// `apps/v1`, `apps/v1/Deployment`, sorted.
    package var apiVersions: [String]

    package init(kubeVersion: String, apiVersions: [String]) {
        self.kubeVersion = kubeVersion
        self.apiVersions = apiVersions
    }

    /// Clusters differ in their versions: hundreds of names need not be looked at.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(kubeVersion)
        hasher.combine(apiVersions.count)
    }
}

/// Where a manifest comes from.
package struct ManifestOrigin: Sendable, Hashable, CustomStringConvertible {
    /// From the repository's root.
    package var file: String
    /// Counted from 1; `nil` when a tool made the manifest from many files.
    package var document: Int?
    package var line: Int?

    package init(file: String, document: Int? = nil, line: Int? = nil) {
        self.file = file
        self.document = document
        self.line = line
    }

    package var description: String {
        var text = file
        if let document { text += ", document \(document)" }
        if let line { text += ", line \(line)" }
        return text
    }
}

package struct Manifest: Sendable, Hashable {
    package var object: KubeObject
    package var origin: ManifestOrigin

    package init(object: KubeObject, origin: ManifestOrigin) {
        self.object = object
        self.origin = origin
    }
}

/// Something wrong with the files, in words for their author.
package struct RenderProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable {
        case syntax, notAnObject, duplicate, settings, toolMissing, toolFailed, timedOut, tooLarge, unreadable
        /// Something elsewhere could not be fetched, or may not be.
        case unreachable
    }
    package var code: Code
    package var message: String
    package var origin: ManifestOrigin?

    package init(code: Code, message: String, origin: ManifestOrigin? = nil) {
        self.code = code
        self.message = message
        self.origin = origin
    }

    package var description: String { origin.map { "\($0): \(message)" } ?? message }
}

/// The manifests of one directory at one commit.
package struct Rendering: Sendable {
    package var tool: RenderTool
    package var settings: ApplicationSettings
    package var manifests: [Manifest]
    /// What stopped (parts of) it; with any problem the manifests are incomplete and must not be synced as a whole.
    package var problems: [RenderProblem]
    /// What its author should know, though nothing is wrong with it.
    package var notes: [RenderProblem] = []
    /// Whether it has parts of something elsewhere, which may be different the next time.
    package var isFetched = false
    /// What it was told of the cluster; `nil` when it did not ask.
    package var capabilities: ClusterCapabilities?
    /// A problem with the settings file only: the defaults stand in, or the caller's last good settings.
    package var settingsProblem: RenderProblem?
    /// The content that was read: path → Git object id, all zeros where nothing was and something would have
    /// mattered.
    ///
    /// The same inputs give the same result.
    package var inputs: [String: ObjectID]

    package init(
        tool: RenderTool,
        settings: ApplicationSettings = ApplicationSettings(),
        manifests: [Manifest] = [],
        problems: [RenderProblem] = [],
        settingsProblem: RenderProblem? = nil,
        inputs: [String: ObjectID] = [:]
    ) {
        self.tool = tool
        self.settings = settings
        self.manifests = manifests
        self.problems = problems
        self.settingsProblem = settingsProblem
        self.inputs = inputs
    }
}
