/// What `varde up` and `varde server` run with.
package struct UpConfiguration: Sendable {
    /// Which cluster holds Varde's own objects.
    package enum Admin: Sendable, Hashable {
        /// One in this process, which then hosts other clusters, too.
        case embedded
        /// A real one.
        case kubeconfig(path: String, context: String?)
        /// The real one in which this process is a pod.
        case surrounding
    }

    /// A cluster that joins the fleet when Varde starts.
    package struct AddedCluster: Sendable, Hashable {
        /// `nil`: named after its context.
        package var name: String?
        package var path: String
        /// `nil`: the file's current one.
        package var context: String?

        package init(name: String?, path: String, context: String?) {
            self.name = name
            self.path = path
            self.context = context
        }
    }

    /// Where the content comes from.
    package enum Platform: Sendable, Hashable {
        /// A small, lively organisation in bare repositories below the data directory.
        case demonstration
        /// A platform repository of one's own: a path, or a URL that git understands.
        case url(String)
        /// Nothing: only the admin cluster.
        case empty
    }

    /// All state; made if missing.
    package var dataDirectory: String
    package var consoleHost: String
    /// 0 picks a free port.
    package var consolePort: Int
    package var kubeHost: String
    /// 0 picks a free port.
    package var kubePort: Int
    /// `nil`: as the data directory had it before.
    package var platform: Platform?
    package var admin: Admin
    package var addedClusters: [AddedCluster]
    /// `trace` … `critical`, as swift-log names them.
    package var logLevel: String

    package init(
        dataDirectory: String = ".varde",
        consoleHost: String = "127.0.0.1",
        consolePort: Int = 8080,
        kubeHost: String = "127.0.0.1",
        kubePort: Int = 6443,
        platform: Platform? = nil,
        admin: Admin = .embedded,
        addedClusters: [AddedCluster] = [],
        logLevel: String = "warning"
    ) {
        self.dataDirectory = dataDirectory
        self.consoleHost = consoleHost
        self.consolePort = consolePort
        self.kubeHost = kubeHost
        self.kubePort = kubePort
        self.platform = platform
        self.admin = admin
        self.addedClusters = addedClusters
        self.logLevel = logLevel
    }
}
