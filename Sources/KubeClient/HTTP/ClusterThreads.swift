import NIOCore
import NIOPosix

/// The threads that carry requests to clusters, apart from those that serve people and clients.
///
/// A task that runs on one of them asks over the connections of that thread: request and answer change no thread.
package enum ClusterThreads {
    /// A cluster has a pool of connections on each; more threads than these would only spread them thin.
    private static let limit = 8

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, limit))

    static let loops = Array(group.makeIterator())

    /// One for each thread.
    package static let executors: [any TaskExecutor] = loops.map(EventLoopExecutor.init)
}
