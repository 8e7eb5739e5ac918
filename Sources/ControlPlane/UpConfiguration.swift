/// What `varde up` runs with.
package struct UpConfiguration: Sendable {
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
    package var platform: Platform
    /// `trace` … `critical`, as swift-log names them.
    package var logLevel: String

    package init(
        dataDirectory: String = ".varde",
        consoleHost: String = "127.0.0.1",
        consolePort: Int = 8080,
        kubeHost: String = "127.0.0.1",
        kubePort: Int = 6443,
        platform: Platform = .demonstration,
        logLevel: String = "warning"
    ) {
        self.dataDirectory = dataDirectory
        self.consoleHost = consoleHost
        self.consolePort = consolePort
        self.kubeHost = kubeHost
        self.kubePort = kubePort
        self.platform = platform
        self.logLevel = logLevel
    }
}
