package import KubeModel

/// What `pods/x/log` was asked for; the names are those of the query.
package struct LogOptions: Sendable, Hashable {
    /// `nil` where the pod has one container.
    package var container: String?
    package var follows: Bool
    package var previous: Bool
    package var timestamps: Bool
    package var tailLines: Int?
    package var sinceSeconds: Int?
    /// RFC 3339.
    package var sinceTime: String?
    package var limitBytes: Int?

    package init(
        container: String? = nil,
        follows: Bool = false,
        previous: Bool = false,
        timestamps: Bool = false,
        tailLines: Int? = nil,
        sinceSeconds: Int? = nil,
        sinceTime: String? = nil,
        limitBytes: Int? = nil
    ) {
        self.container = container
        self.follows = follows
        self.previous = previous
        self.timestamps = timestamps
        self.tailLines = tailLines
        self.sinceSeconds = sinceSeconds
        self.sinceTime = sinceTime
        self.limitBytes = limitBytes
    }
}

/// Where the logs of a cluster's pods come from.
package protocol LogSource: Sendable {
    /// The log of one container: lines, each with its line break.
    ///
    /// The stream ends after what there is or, when it is followed, when the container has ended. Its consumer stopping ends the work.
    /// - Parameter pod: Reads the pod as it is now; `nil` when it is gone.
    /// - Throws: `StatusError` 400 for a container that does not exist, or that has not started.
    func log(
        of pod: @escaping @Sendable () -> KubeObject?,
        options: LogOptions
    ) throws -> AsyncStream<[UInt8]>
}
